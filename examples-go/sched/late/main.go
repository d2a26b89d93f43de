package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println("alone:                    ", nap())
	for range 4 {
		go func() {
			for {
			}
		}()
	}
	fmt.Println("beside 4 busy goroutines: ", nap())
}

// nap reports how long a sleep of one millisecond takes, on average of ten.
func nap() time.Duration {
	start := time.Now()
	for range 10 {
		time.Sleep(time.Millisecond)
	}
	return (time.Since(start) / 10).Round(100 * time.Microsecond)
}

// Try this: 1 busy goroutine, then 20. When does the sleep begin to suffer?
