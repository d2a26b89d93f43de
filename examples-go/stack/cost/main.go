package main

type matrix [64]float64

// value fills a matrix in its caller's frame.
//
//go:noinline
func value(x float64) matrix {
	m := matrix{0: x} // want escape -"moved to heap"
	return m
}

// pointer allocates one.
//
//go:noinline
func pointer(x float64) *matrix {
	m := matrix{0: x} // want escape "moved to heap: m"
	return &m
}

func main() {
	println(value(1)[0] + pointer(2)[0])
}

// Try this: a matrix of 2 numbers, then one of 1024.
