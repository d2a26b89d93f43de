package main

import (
	"fmt"
	"sync"
)

func main() {
	visits := 0
	var wg sync.WaitGroup
	for range 2 {
		wg.Add(1)
		go func() {
			visits++ // Read, add, write. Nothing says who comes first.
			wg.Done()
		}()
	}
	wg.Wait()
	fmt.Println("visits:", visits)
}

// Try this: lock a sync.Mutex around visits++. Then let main add one before wg.Wait.
