package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
)

type node struct{ next *node }

var (
	list   *node
	stats  runtime.MemStats
	sample = []metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
)

func main() {
	count() // The first time, package metrics allocates tables of its own.

	m0, s0 := count()
	for range 10 {
		list = &node{list}
	}
	m1, s1 := count()
	fmt.Println("metrics: ", m1-m0, "objects allocated")
	fmt.Println("MemStats:", s1-s0, "objects allocated")
}

// count asks both how many objects were allocated so far.
func count() (fromMetrics, fromMemStats uint64) {
	metrics.Read(sample)
	runtime.ReadMemStats(&stats)
	return sample[0].Value.Uint64(), stats.Mallocs
}

// Try this: allocate 10 million. How far apart are they now?
