package main

import (
	"math"
	"math/bits"
)

func mean(of []float32) float32 {
	var sum float32
	for _, n := range of {
		sum += n
	}
	return sum / float32(len(of))
}

func mix(a, b uint64) (uint64, int) {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo, bits.OnesCount64(lo) + int(a%10)/3
}

func main() {
	x, n := mix(1<<40, 12345)
	c := complex(math.FMA(1, 2, 3), math.Sqrt(2))
	println(mean([]float32{1, 2}), x, n, real(c*c), math.Floor(1.5))
}
