package main

import "testing"

//go:noinline
func sum(n int) int {
	s := make([]int, n) // n is known only when the program runs. // want escape "does not escape" asm "makeslice|mallocgc"
	total := 0
	for i := range s {
		s[i] = i
		total += s[i]
	}
	return total
}

func main() {
	for n := range 8 {
		allocs := testing.AllocsPerRun(100, func() { sum(n) })
		println("n =", n, "allocations:", int(allocs))
	}
}

// Try this: let n run up to 40 and make s a []int32, then a []byte. How many
// bytes may s have before it is allocated?
