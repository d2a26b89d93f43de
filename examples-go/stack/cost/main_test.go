package main

import "testing"

var total float64

func BenchmarkValue(b *testing.B) {
	for b.Loop() {
		m := value(1)
		total += m[0]
	}
}

func BenchmarkPointer(b *testing.B) {
	for b.Loop() {
		m := pointer(1)
		total += m[0]
	}
}
