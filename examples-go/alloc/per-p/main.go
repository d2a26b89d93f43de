package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"
)

type object [128]byte

const rounds = 20

func main() {
	same := 0
	for range rounds {
		if a, b := together(); page(a) == page(b) {
			same++
		}
	}
	fmt.Println("two objects in one page:", same, "of", rounds)
}

// together lets two goroutines allocate at the same time.
func together() (a, b *object) {
	var ready atomic.Int32
	allocate := func(to **object) {
		ready.Add(1)
		for ready.Load() < 2 { // Hold on to the P until the other is running.
		}
		*to = new(object)
	}
	var wg sync.WaitGroup
	wg.Go(func() { allocate(&a) })
	wg.Go(func() { allocate(&b) })
	wg.Wait()
	return a, b
}

func page(o *object) uintptr { return uintptr(unsafe.Pointer(o)) / 8192 }

// Try this: let one goroutine allocate both.
