package main

import "testing"

var items []*item

func BenchmarkOneByOne(b *testing.B) {
	for b.Loop() {
		items = oneByOne()
	}
}

func BenchmarkTogether(b *testing.B) {
	for b.Loop() {
		items = together()
	}
}
