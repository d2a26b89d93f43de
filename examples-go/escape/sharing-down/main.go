package main

type point struct{ x, y int }

var last *point

//go:noinline
func norm(p *point) int { return p.x*p.x + p.y*p.y }

//go:noinline
func same(p *point) *point { return p }

//go:noinline
func keep(p *point) { last = p }

func main() {
	a := point{1, 2}
	b := point{3, 4}
	c := point{5, 6}

	sum := norm(&a)
	sum += same(&b).x
	keep(&c)
	println(sum, last.x)
}

// Try this: add keep(same(&b)) as the last line of main. Which variable moves,
// and what has same to do with it?
