package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

var stop atomic.Bool

// spin calls nothing, and waits for nothing.
//
//go:noinline
func spin(limit int) (rounds int) { // want asm -"morestack" -"CALL"
	for rounds < limit && !stop.Load() {
		rounds++
	}
	return rounds
}

func main() {
	const limit = 1_000_000_000
	rounds := make(chan int)
	go func() { rounds <- spin(limit) }()

	start := time.Now()
	runtime.Gosched() // Let the other one run.
	fmt.Println("main was away for", time.Since(start).Round(time.Millisecond))
	stop.Store(true)

	if <-rounds < limit {
		fmt.Println("main stopped the loop")
	} else {
		fmt.Println("main was too late, the loop had ended")
	}
}

// Try this: write time.Sleep(time.Millisecond) in place of runtime.Gosched().
