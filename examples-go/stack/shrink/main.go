package main

import (
	"fmt"
	"runtime"
)

func main() {
	report("at first")
	deep(10_000)
	report("after the recursion")
	for n := range 6 {
		runtime.GC()
		report(fmt.Sprint("after collection ", n+1))
	}
}

//go:noinline
func deep(n int) byte {
	var frame [100]byte
	if n == 0 {
		return frame[0]
	}
	return deep(n-1) + frame[n%100]
}

// report prints how much memory all stacks hold.
func report(when string) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("%-20s %5d KiB\n", when, m.StackInuse>>10)
}

// Try this: call runtime.GC at the deepest point of the recursion.
