package main

type shape interface{ area() int }

type square struct{ side int }

//go:noinline
func (s *square) area() int { return s.side * s.side }

//go:noinline
func viaType(s *square) int { return s.area() } // want asm "CALL main.\\(\\*square\\).area" -"CALL CX"

//go:noinline
func viaInterface(s shape) int { return s.area() } // want asm "MOVQ 24\\(AX\\), CX" "CALL CX"

//go:noinline
func known(q *square) int {
	var s shape = q
	return s.area() // want escape "devirtualizing s.area to \\*square" asm "CALL main.\\(\\*square\\).area" -"CALL CX"
}

func main() {
	s := &square{3}
	println(viaType(s), viaInterface(s), known(s))
}

// Try this: delete the line //go:noinline above area. Which of the three calls
// is left?
