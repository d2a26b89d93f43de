package main

import (
	"fmt"
	"runtime"
)

const n = 10_000

func main() {
	stop := make(chan bool)
	before := stacks()
	for range n {
		go func() { <-stop }()
	}
	after := stacks()
	close(stop)

	fmt.Println("for", n, "goroutines:", (after-before)>>10, "KiB")
	fmt.Println("for each:", (after-before)/n, "bytes")
}

// stacks returns how many bytes all stacks together hold.
func stacks() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.StackInuse
}

// Try this: start 40,000 of them.
