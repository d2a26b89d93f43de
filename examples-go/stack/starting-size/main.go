package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
)

func main() {
	report("before:")
	ready, stop := make(chan bool), make(chan bool)
	for range 100 {
		go deep(40, ready, stop)
		<-ready
	}
	runtime.GC()
	report("after a collection:")
	close(stop)
}

// deep waits at the bottom of a stack of some 6 KiB.
//
//go:noinline
func deep(n int, ready, stop chan bool) byte {
	var frame [100]byte
	if n > 0 {
		return deep(n-1, ready, stop) + frame[n%100]
	}
	ready <- true
	<-stop
	return 0
}

func report(when string) {
	s := []metrics.Sample{{Name: "/gc/stack/starting-size:bytes"}}
	metrics.Read(s)
	fmt.Printf("%-19s a new stack has %5d bytes\n", when, s[0].Value.Uint64())
}

// Try this: go down to 400 instead of 40.
