package main

type node struct {
	next  *node
	count int
}

//go:noinline
func setNext(n, next *node) { n.next = next } // want asm "CMPL runtime.writeBarrier" "gcWriteBarrier2"

//go:noinline
func setCount(n *node, count int) { n.count = count } // want asm -"riteBarrier"

//go:noinline
func setLocal(next *node) int {
	var n node // In the frame, since sum does not keep its address.
	n.next = next
	return sum(&n)
}

//go:noinline
func sum(n *node) int { return n.count + n.next.count }

func main() {
	a, b := new(node), new(node)
	setNext(a, b)
	setCount(b, 42)
	println(setLocal(b))
}

// Try this: in setNext, store nil instead of next. Is there still a barrier?
