package main

import (
	"fmt"
	"runtime"
)

var kept []byte

func main() {
	for _, n := range []int{16, 17, 33, 100, 1024, 1025, 8193, 32768, 32769} {
		fmt.Printf("%5d bytes take %5d\n", n, taken(n))
	}
}

// taken returns how much of the heap a slice of n bytes takes.
func taken(n int) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	kept = make([]byte, n)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Try this: which of 65, 80 and 81 bytes take the same?
