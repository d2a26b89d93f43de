package main

import (
	"fmt"
	"runtime"
	"unsafe"
)

const n = 64

var (
	small    [n]*uint16
	pointers [n]**uint16
)

func main() {
	fmt.Println("uint16:  ", n, "objects take", taken(func() {
		for i := range small {
			small[i] = new(uint16)
		}
	}), "bytes")
	fmt.Println("pointers:", n, "objects take", taken(func() {
		for i := range pointers {
			pointers[i] = new(*uint16)
		}
	}), "bytes")

	near := 0
	for i := range n - 1 {
		if uintptr(unsafe.Pointer(small[i+1]))-uintptr(unsafe.Pointer(small[i])) == 2 {
			near++
		}
	}
	fmt.Println("pairs of uint16 that are 2 bytes apart:", near)
}

// taken returns how much of the heap f takes.
func taken(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Try this: use [9]byte instead of uint16 everywhere.
