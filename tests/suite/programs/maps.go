package main

import (
	"fmt"
	"maps"
	"slices"
)

type key struct {
	x, y int
	name string
}

func main() {
	counts := map[string]int{"a": 1, "b": 2}
	grid := map[key]*[4]int{{1, 2, "p"}: {1, 2, 3, 4}}
	sized := make(map[int][]byte, 1000)
	sized[7] = append(sized[7], "seven"...)
	delete(counts, "a")
	clear(sized)
	fmt.Println(slices.Sorted(maps.Keys(counts)), grid[key{1, 2, "p"}], len(sized))
}
