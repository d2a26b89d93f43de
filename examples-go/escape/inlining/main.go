package main

type point struct{ x, y int }

// newPoint is small enough to be copied into its callers.
func newPoint(x, y int) *point {
	return &point{x, y} // want escape "escapes to heap"
}

func main() {
	p := newPoint(3, 4) // want escape "inlining call to newPoint" "does not escape" escape@no-inlining -"inlining"
	println(p.x*p.x + p.y*p.y)
}

// Try this: put //go:noinline above newPoint, and run the first variant again.
