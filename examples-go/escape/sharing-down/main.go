package main

type point struct{ x, y int }

var last *point

//go:noinline
func norm(p *point) int { return p.x*p.x + p.y*p.y }

//go:noinline
func same(p *point) *point { return p } // want escape "leaking param: p to result"

//go:noinline
func keep(p *point) { last = p } // want escape "leaking param: p$"

func main() {
	a := point{1, 2} // want escape -"moved to heap"
	b := point{3, 4} // want escape -"moved to heap"
	c := point{5, 6} // want escape "moved to heap: c"

	sum := norm(&a)
	sum += same(&b).x
	keep(&c)
	println(sum, last.x)
}

// Try this: add keep(same(&b)) as the last line of main. Which variable moves,
// and what has same to do with it?
