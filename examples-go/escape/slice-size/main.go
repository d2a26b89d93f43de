package main

import "testing"

//go:noinline
func fits() byte {
	buf := make([]byte, 65536) // want escape "does not escape"
	return buf[len(buf)-1]
}

//go:noinline
func tooLarge() byte {
	buf := make([]byte, 65537) // want escape "escapes to heap"
	return buf[len(buf)-1]
}

//go:noinline
func declared() byte {
	var buf [131072]byte // A declared variable has twice the room.
	return buf[fits()]
}

func main() {
	println("fits:    ", allocs(func() { fits() }))
	println("tooLarge:", allocs(func() { tooLarge() }))
	println("declared:", allocs(func() { declared() }))
}

func allocs(f func()) int { return int(testing.AllocsPerRun(100, f)) }

// Try this: make the array one byte larger, or make the slices of int64.
