package main

import (
	"fmt"
	"testing"
)

type point struct{ x, y int }

var (
	sink  any
	text  = []byte("under the hood")
	count = map[string]int{"hood": 1}
	small = 200
	large = 2000
)

func main() {
	show("any(200)", func() { sink = small })
	show("any(2000)", func() { sink = large })
	show("any(point{})", func() { sink = point{small, large} })
	show("any(&point{})", func() { sink = &point{small, large} })
	show("count[string(text)]", func() { _ = count[string(text)] })
	show("any(string(text))", func() { sink = string(text) })
	show("defer func() {}()", func() { defer func() {}() })
	show("make([]int, 4)", func() { _ = make([]int, small/50) })
	show("make([]int, 5)", func() { _ = make([]int, small/40) })
}

func show(what string, f func()) {
	fmt.Printf("%-20s %v\n", what, testing.AllocsPerRun(100, f))
}
