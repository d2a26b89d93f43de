package main

import "unsafe"

var kept *int

func main() {
	a := 1          // want escape -"moved to heap"
	b := new(int)   // want escape "does not escape"
	kept = new(int) // want escape "escapes to heap"

	println("a:   ", &a)
	println("b:   ", b)
	println("kept:", kept)
	println("from a to b:", distance(&a, b), "bytes")
	println("from a to kept:", distance(&a, kept), "bytes")
}

// distance returns how far apart two addresses are, in bytes.
func distance(p, q *int) int {
	a, b := int(uintptr(unsafe.Pointer(p))), int(uintptr(unsafe.Pointer(q)))
	return max(a-b, b-a)
}

// Try this: kept = &a. Which addresses are close to each other now?
