package main

import "runtime/debug"

// sum forgets to stop.
func sum(n int) int {
	return n + sum(n-1)
}

func main() {
	defer func() { println("recovered:", recover() != nil) }()

	debug.SetMaxStack(64 << 10) // 64 KiB; without this line it is 1 GB.
	println(sum(10))
}

// Try this: write panic("stop") in place of the last line of main.
