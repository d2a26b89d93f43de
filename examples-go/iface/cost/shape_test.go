package shape

import "testing"

type shape interface{ area() int }

type square struct{ side int }

//go:noinline
func (s *square) area() int { return s.side * s.side }

var (
	direct         = &square{3}
	indirect shape = direct
)

func BenchmarkDirect(b *testing.B) {
	for b.Loop() {
		direct.area()
	}
}

func BenchmarkInterface(b *testing.B) {
	for b.Loop() {
		indirect.area()
	}
}

// Try this: run it three times before you believe a number.
