package main

import (
	"fmt"
	"io"
	"testing"
)

func main() {
	for _, n := range []int{0, 255, 256, 1_000_000} {
		allocs := testing.AllocsPerRun(100, func() {
			fmt.Fprint(io.Discard, n) // n is put into an interface here. // want escape "n escapes to heap"
		})
		println(n, "allocations:", int(allocs))
	}
}

// Try this: pass the constant 1_000_000 instead of n. The message still says
// "escapes to heap". Does it still allocate?
