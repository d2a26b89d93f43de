package main

import "unsafe"

type shape interface{ area() int }

type square struct{ side int }

func (s square) area() int { return s.side * s.side }

type rect struct{ w, h int }

func (r rect) area() int { return r.w * r.h }

type words struct{ first, data unsafe.Pointer }

// split copies the two words out of an interface variable.
func split[I any](v I) words { return *(*words)(unsafe.Pointer(&v)) }

func main() {
	var a, b, c shape = square{2}, square{3}, rect{2, 3}
	var x, y any = square{2}, square{3}
	var none any

	println("bytes of a shape, an any:    ", unsafe.Sizeof(a), unsafe.Sizeof(x))
	println("any: square and square equal:", split(x).first == split(y).first)
	println("shape: square and square:    ", split(a).first == split(b).first)
	println("shape: square and rect:      ", split(a).first == split(c).first)
	println("any and shape, both square:  ", split(x).first == split(a).first)
	println("what the data of b points to:", *(*int)(split(b).data))
	println("nil any, its two words:      ", split(none).first, split(none).data)
}

// Try this: let b be a *square, &square{3}. Which lines change, and what does
// its data word point to?
