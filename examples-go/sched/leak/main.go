package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

// fastest asks two servers and returns the first reply.
func fastest() string {
	replies := make(chan string)
	for _, server := range []string{"a", "b"} {
		go func() { replies <- ask(server) }()
	}
	return <-replies // Who takes the other one?
}

func ask(server string) string { return "hello from " + server }

func main() {
	for range 3 {
		fastest()
	}
	time.Sleep(50 * time.Millisecond)
	fmt.Println("goroutines:", runtime.NumGoroutine())
	if p := pprof.Lookup("goroutineleak"); p != nil { // Since Go 1.27.
		p.WriteTo(os.Stdout, 1)
	}
}

// Try this: make(chan string, 2).
