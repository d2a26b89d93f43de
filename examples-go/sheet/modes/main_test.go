package main

import "testing"

func TestPick(t *testing.T) {
	if got := pick([]int{7, 42}, 1); got != 42 {
		t.Errorf("pick = %d, want 42", got)
	}
}

func BenchmarkPick(b *testing.B) {
	list := []int{7, 42}
	for b.Loop() {
		pick(list, 1)
	}
}
