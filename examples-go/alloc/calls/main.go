package main

//go:noinline
func tiny() *uint16 { return new(uint16) } // want asm go>=1.27 "CALL runtime.mallocgcTiny"

//go:noinline
func numbers() *[3]int { return new([3]int) } // want asm go>=1.27 "CALL runtime.mallocgcSmallNoScanSC3"

//go:noinline
func pointers() *[2]*int { return new([2]*int) } // want asm go>=1.27 "CALL runtime.mallocgcSmallScanNoHeaderSC2"

//go:noinline
func larger() *[100]int { return new([100]int) } // want asm "CALL runtime.newobject"

//go:noinline
func slice(n int) []int { return make([]int, n) } // want asm "CALL runtime.makeslice"

func main() {
	println(*tiny(), numbers()[0], len(pointers()), larger()[0], len(slice(3)))
}

// Try this: make numbers return a *[10]int, then a *[11]int.
