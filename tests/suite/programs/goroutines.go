package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type shared struct {
	sync.Mutex
	seen map[int]bool
}

func main() {
	var group sync.WaitGroup
	var total atomic.Int64
	s := shared{seen: map[int]bool{}}
	for i := range 4 {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			s.Lock()
			defer s.Unlock()
			s.seen[n] = true
			total.Add(int64(n + i))
		}(i)
	}
	group.Wait()
	fmt.Println(total.Load(), len(s.seen))
}
