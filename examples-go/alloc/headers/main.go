package main

import (
	"fmt"
	"runtime"
)

var (
	numbers  []int
	pointers []*int
)

func main() {
	for _, bytes := range []int{256, 512, 1024, 2048} {
		fmt.Printf("%4d bytes: numbers take %4d, pointers take %4d\n", bytes,
			taken(func() { numbers = make([]int, bytes/8) }),
			taken(func() { pointers = make([]*int, bytes/8) }))
	}
}

// taken returns how much of the heap f takes.
func taken(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Try this: 1016 bytes instead of 1024.
