package main

import (
	"fmt"
	"runtime"
)

var live [10_000][]byte

func main() {
	var m runtime.MemStats
	var peak uint64
	for i := range 100_000 {
		live[i%len(live)] = make([]byte, 1024)
		if i%1000 == 0 {
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	fmt.Printf("GC cycles: %2d   largest heap: %3d MiB\n", m.NumGC, peak>>20)
}

// Try this: find the GOGC that halves the cycles of 100. What does it cost?
