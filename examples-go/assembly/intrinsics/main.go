package main

import (
	"math"
	"math/bits"
	"sync/atomic"
)

//go:noinline
func root(x float64) float64 { return math.Sqrt(x) }

//go:noinline
func ones(x uint64) int { return bits.OnesCount64(x) } // want asm "x86HasPOPCNT" "POPCNTQ" "CALL math/bits"

//go:noinline
func inc(n *atomic.Int64) int64 { return n.Add(1) } // want asm -"CALL"

func main() {
	var n atomic.Int64
	println(root(49), ones(255), inc(&n))
}

// Try this: bits.TrailingZeros64, bits.Mul64, math.Floor, math.Sin. Which of
// them is a call?
