package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

func main() {
	silent := make(chan int)
	var mu sync.Mutex
	mu.Lock()
	start("receiver", func() { <-silent })
	start("locker", func() { mu.Lock() })
	start("sleeper", func() { time.Sleep(time.Hour) })
	time.Sleep(50 * time.Millisecond)

	s := []metrics.Sample{{Name: "/sched/goroutines:goroutines"}}
	metrics.Read(s)
	fmt.Println("NumGoroutine:", runtime.NumGoroutine(), " metric:", s[0].Value.Uint64())

	stacks := make([]byte, 64<<10)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for line := range strings.Lines(string(stacks)) {
		if strings.HasPrefix(line, "goroutine ") {
			fmt.Print(line)
		}
	}
}

// start runs f in a goroutine that has a label.
func start(name string, f func()) {
	labels := pprof.Labels("job", name)
	go pprof.Do(context.Background(), labels, func(context.Context) { f() })
}

// Try this: print all of stacks. Where does each goroutine come from?
