package main

func helper() *int { return new(int) }
