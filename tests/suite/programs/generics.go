package main

import "fmt"

type number interface{ ~int | ~float64 }

type pair[K comparable, V any] struct {
	key   K
	value V
}

type stack[T any] struct{ items []T }

func (s *stack[T]) push(item T) { s.items = append(s.items, item) }

func (s *stack[T]) pop() (item T, ok bool) {
	if len(s.items) == 0 {
		return item, false
	}
	last := len(s.items) - 1
	item, s.items = s.items[last], s.items[:last]
	return item, true
}

func sum[T number](of []T) (total T) {
	for _, n := range of {
		total += n
	}
	return total
}

func newPair[K comparable, V any](key K, value V) *pair[K, V] { return &pair[K, V]{key, value} }

func main() {
	var words stack[string]
	words.push("a")
	var points stack[struct{ x, y int }]
	points.push(struct{ x, y int }{1, 2})
	word, _ := words.pop()
	point, _ := points.pop()
	fmt.Println(word, point, sum([]int{1, 2}), sum([]float64{0.5}), newPair("a", 1), newPair(1, any("b")))
}
