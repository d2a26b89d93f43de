package main

import (
	"fmt"
	"iter"
)

type node struct {
	left, right *node
	value       int
}

func (n *node) all() iter.Seq[int] {
	return func(yield func(int) bool) { n.push(yield) }
}

func (n *node) push(yield func(int) bool) bool {
	return n == nil || n.left.push(yield) && yield(n.value) && n.right.push(yield)
}

func main() {
	tree := &node{&node{nil, nil, 1}, &node{nil, nil, 3}, 2}
	for v := range tree.all() {
		defer fmt.Println(v)
		if v == 2 {
			break
		}
	}
}
