package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
)

var live = make([]byte, 8<<20)

func main() {
	runtime.GC()
	samples := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/gc/heap/goal:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(samples)
	for _, s := range samples {
		fmt.Printf("%-30s %9d\n", s.Name, s.Value.Uint64())
	}
	runtime.KeepAlive(live)
}
