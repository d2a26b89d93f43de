package main

import (
	"fmt"
	"runtime"
	"time"
)

type pair struct{ left, right *pair }

func main() {
	collect("nothing")

	numbers := make([]uint64, 4<<20) // 32 MiB, one object, no pointers
	collect("32 MiB of numbers")
	runtime.KeepAlive(numbers)

	numbers = nil
	tree := build(20) // 32 MiB, two million objects of two pointers
	collect("32 MiB of pointers")
	runtime.KeepAlive(tree)
}

func build(depth int) *pair {
	if depth == 0 {
		return new(pair)
	}
	return &pair{build(depth - 1), build(depth - 1)}
}

// collect reports the time of a whole cycle, mark and sweep.
func collect(what string) {
	runtime.GC() // Earlier garbage is out of the way now.
	start := time.Now()
	runtime.GC()
	fmt.Printf("%-18s %8.2f ms\n", what, float64(time.Since(start).Microseconds())/1000)
}

// Try this: build(19) and build(18). Does the time follow the number of objects?
