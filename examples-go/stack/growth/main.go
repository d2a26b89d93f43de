package main

import "unsafe"

var kept *int

func main() {
	done := make(chan bool)
	go func() { // A new goroutine has a new, small stack.
		x := 1
		kept = new(int)
		deep(1, &x, address(&x), address(kept))
		done <- true
	}()
	<-done
}

// deep calls itself, and reports when x is no longer where the caller saw it.
//
//go:noinline
func deep(depth int, x *int, xWas, keptWas uintptr) int {
	var frame [100]byte
	if address(x) != xWas {
		println("depth", depth, "x has moved; x =", *x)
	}
	if address(kept) != keptWas {
		println("depth", depth, "kept has moved")
	}
	if depth == 1000 {
		return 0
	}
	return deep(depth+1, x, address(x), keptWas) + int(frame[depth%100])
}

func address(p *int) uintptr { return uintptr(unsafe.Pointer(p)) }

// Try this: make frame 200 bytes. Then go down to a depth of 100,000.
