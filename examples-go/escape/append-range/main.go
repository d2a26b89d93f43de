package main

import "testing"

//go:noinline
func byIndex(n int) (sum int) {
	var s []int
	for i := range n {
		s = append(s, i) // want escape "append does not escape"
	}
	for i := 0; i < len(s); i++ {
		sum += s[i]
	}
	return sum
}

//go:noinline
func byRange(n int) (sum int) {
	var s []int
	for i := range n {
		s = append(s, i) // want escape "append does not escape" asm@asm-range "CALL runtime.growslice"
	}
	for _, v := range s { // want asm@asm-range go>=1.27 "moveSlice"
		sum += v
	}
	return sum
}

func main() {
	println("byIndex:", allocs(func() { byIndex(4) }))
	println("byRange:", allocs(func() { byRange(4) }))
}

func allocs(f func()) int { return int(testing.AllocsPerRun(100, f)) }

// Try this: append 5 integers instead of 4. Then: for i := range s.
