package main

type node struct {
	next  *node
	value int
}

//go:noinline
func visit(v int) int { return v + 1 }

//go:noinline
func sum(n *node) int {
	total := 0
	for n != nil {
		total += visit(n.value) // want asm "MOVQ 8\\(AX\\), AX" "CALL main\\.visit"
		n = n.next              // want asm "MOVQ \\(DX\\), AX"
	}
	return total
}

func main() {
	println(sum(&node{&node{nil, 20}, 20}))
}

// Try this: remove the first //go:noinline. What is left of the frame?
