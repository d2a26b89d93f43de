package main

var last *int

func keep(p *int) { last = p }

func pick(list []int, i int) int { return list[i] } // want bounds "Found IsInBounds"

func main() {
	n := 42 // want escape "moved to heap: n"
	keep(&n)
	println(pick([]int{7, *last}, 1))
}
