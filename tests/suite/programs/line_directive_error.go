package main

//line /etc/shadow:7
var x int = "not a number"

//line ../../up.go:3:9
var y string = 1

func main() {}
