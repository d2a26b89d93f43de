package main

const debug = false

//go:noinline
func tenths(w, h int) int {
	loud := w < 0 && w > 10 // Never true, but that takes some thought.
	if debug {
		println("constant") // want asm -"print"
	}
	if loud {
		println("contradiction") // want asm -"print"
	}
	return w * h / 10 // want asm "IMULQ" -"DIV"
}

func main() { println(tenths(6, 7)) }

// Try this: make debug true. What stays, and what does not?
