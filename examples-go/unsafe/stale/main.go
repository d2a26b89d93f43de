package main

import "unsafe"

// grow needs more stack with every call, so that the stack is copied.
//
//go:noinline
func grow(depth int) byte {
	var frame [1024]byte
	if depth > 0 {
		frame[depth%1024] = grow(depth - 1)
	}
	return frame[0]
}

func main() {
	x := 42
	p := unsafe.Pointer(&x)
	u := uintptr(unsafe.Pointer(&x))
	println("before: p and u agree:", uintptr(p) == u)

	grow(100)
	println("after:  p and u agree:", uintptr(p) == u)
	println("p still finds x:      ", p == unsafe.Pointer(&x), *(*int)(p))
}

// Try this: grow(1) instead of grow(100). Then write x to a global *int, so
// that it lies on the heap.
