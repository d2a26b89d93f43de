package main

import (
	"fmt"
	"runtime"
	"time"
)

var live [10_000][]byte // About 10 MB stay reachable.

func main() {
	start := time.Now()
	for i := range 100_000 {
		live[i%len(live)] = make([]byte, 1024)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("GC cycles: %d   from the OS: %d MiB   took %v\n",
		m.NumGC, (m.Sys-m.HeapReleased)>>20, time.Since(start).Round(time.Millisecond))
}

// Try this: lower GOMEMLIMIT step by step from 40MiB to 8MiB.
