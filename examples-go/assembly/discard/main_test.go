package main

import "testing"

func BenchmarkDiscard(b *testing.B) {
	for i := range b.N {
		cube(i)
	}
}

func BenchmarkLoop(b *testing.B) {
	i := 0
	for b.Loop() {
		cube(i)
		i++
	}
}
