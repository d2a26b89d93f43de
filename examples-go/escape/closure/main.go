package main

var last func(int)

// counter returns a function that still needs n after counter has returned.
//
//go:noinline
func counter() func() int {
	n := 0              // want escape "moved to heap: n"
	return func() int { // want escape "func literal escapes to heap"
		n++
		return n
	}
}

// total calls its function literal and forgets it.
//
//go:noinline
func total(xs []int) int {
	sum := 0                           // want escape -"moved to heap"
	each(xs, func(x int) { sum += x }) // want escape "func literal does not escape"
	return sum
}

//go:noinline
func each(xs []int, f func(int)) {
	for _, x := range xs {
		f(x)
	}
}

func main() {
	next := counter()
	next()
	println(next(), total([]int{1, 2, 3}))
}

// Try this: end each with the line last = f. What becomes of sum?
