package main

import (
	"fmt"
	"sync"
)

func main() {
	for range 3 {
		order := make(chan int, 1000)
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() { order <- i })
		}
		wg.Wait() // Only now does main make room for them.
		close(order)
		for i := range order {
			fmt.Print(i, " ")
		}
		fmt.Println()
	}
}

// Try this: start 300 goroutines. Then give it more CPUs: GOMAXPROCS=2.
