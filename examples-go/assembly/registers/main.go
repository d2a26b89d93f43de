package main

//go:noinline
func add(a, b int) int { return a + b } // want asm "ADDQ BX, AX"

//go:noinline
func blend(n int, x float64, m int, y float64) (int, float64) {
	return n - m, x - y // want asm "SUBQ BX, AX" "SUBSD X1, X0"
}

type point struct{ x, y int }

//go:noinline
func flip(p point) point { return point{p.y, p.x} } // want asm -"\\(SP\\)"

func main() {
	n, x := blend(5, 2.5, 3, 1.5)
	println(add(1, 2), n, x, flip(point{3, 4}).x)
}

// Try this: give add ten parameters and sum them up. Where is the tenth?
