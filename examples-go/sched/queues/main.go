package main

import "sync"

func main() {
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { compute(100_000_000) })
	}
	wg.Wait()
}

//go:noinline
func compute(rounds int) (sum int) {
	for i := range rounds {
		sum += i * i
	}
	return sum
}

// Try this: GOMAXPROCS=1, then 4. Or let each goroutine compute ten times less.
