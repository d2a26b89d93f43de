package main

import (
	"math"
	"unsafe"
)

//go:noinline
func bits(f float64) uint64 {
	return *(*uint64)(unsafe.Pointer(&f)) // want asm "MOVQ X0, AX" -"CALL runtime"
}

func main() {
	println("same as math.Float64bits:", bits(1.5) == math.Float64bits(1.5))
	println("sign of -0.0:            ", bits(math.Copysign(0, -1))>>63)

	n := uint32(0x11223344)
	b := *(*[4]byte)(unsafe.Pointer(&n))
	println("first byte in memory:    ", b[0])
}

// Try this: read n as a *uint64. It compiles, and vet is silent. Which four
// bytes come along?
