package main

import (
	"fmt"
	"runtime"
	"runtime/pprof"
	"time"
)

func main() {
	stop := make(chan bool)
	for range 1000 {
		go func() { <-stop }()
	}
	time.Sleep(20 * time.Millisecond)

	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println("G, goroutines:", runtime.NumGoroutine())
	fmt.Println("M, threads:   ", pprof.Lookup("threadcreate").Count())
	fmt.Println("P, processors:", runtime.GOMAXPROCS(0))
	fmt.Println("stacks, KiB:  ", m.StackInuse>>10)
}
