package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
)

func main() {
	var stats runtime.MemStats
	before := pauses()
	for range 100 {
		runtime.ReadMemStats(&stats)
	}
	fmt.Println("100 times ReadMemStats:", pauses()-before, "pauses")

	var all []metrics.Sample
	for _, d := range metrics.All() {
		all = append(all, metrics.Sample{Name: d.Name})
	}
	before = pauses()
	for range 100 {
		metrics.Read(all)
	}
	fmt.Println("100 times all metrics: ", pauses()-before, "pauses")
}

// pauses counts how often the whole program was stopped, and not for the
// collector.
func pauses() (n uint64) {
	s := []metrics.Sample{{Name: "/sched/pauses/total/other:seconds"}}
	metrics.Read(s)
	for _, count := range s[0].Value.Float64Histogram().Counts {
		n += count
	}
	return n
}

// Try this: runtime.Stack with true, runtime.NumGoroutine, debug.ReadGCStats.
