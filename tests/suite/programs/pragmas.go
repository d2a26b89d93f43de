package main

//go:noinline
func add(a, b int) int { return a + b }

//go:nosplit
func leaf(p *int) int { return *p }

//go:noescape
func missingBody(p *int)

func main() {
	n := add(1, 2)
	println(leaf(&n))
}
