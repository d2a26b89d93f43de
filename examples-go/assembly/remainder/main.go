package main

//go:noinline
func last(n int) int { return n % 8 }

//go:noinline
func lastUnsigned(n uint) uint { return n % 8 }

//go:noinline
func isEven(n int) bool { return n%2 == 0 }

func main() { println(last(-13), lastUnsigned(13), isEven(13)) }
