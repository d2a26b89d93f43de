package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
)

func main() {
	for range 20 {
		runtime.GC()
	}
	show("/sched/pauses/total/gc:seconds")
	show("/sched/pauses/stopping/gc:seconds")
}

func show(name string) {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	h := s[0].Value.Float64Histogram()
	var n uint64
	for _, count := range h.Counts {
		n += count
	}
	fmt.Printf("%-34s n=%d", name, n)
	for _, percent := range []uint64{50, 90, 100} {
		fmt.Printf("   %d%% < %.1f µs", percent, quantile(h, n*percent/100)*1e6)
	}
	fmt.Println()
}

// quantile returns the upper bound of the bucket that holds the nth value.
func quantile(h *metrics.Float64Histogram, n uint64) float64 {
	for i, count := range h.Counts {
		if count >= n {
			return h.Buckets[i+1]
		}
		n -= count
	}
	return 0
}

// Try this: keep 100,000 small objects alive. Do the pauses grow as well?
