package main

//go:noinline
func leaf(a, b int) int { return a + b } // want asm "NOSPLIT" -"CMPQ"

//go:noinline
func small(a int) int { return leaf(a, 1) + leaf(a, 2) } // want asm "CMPQ SP, 16\\(R14\\)" "CALL runtime.morestack_noctxt"

//go:noinline
func large(i int) byte { // want asm "LEAQ -\\d+\\(SP\\), R12" "CMPQ R12, 16\\(R14\\)"
	var buf [1000]byte
	fill(buf[:])
	return buf[i]
}

//go:noinline
func fill(b []byte) { b[0] = 7 }

func main() {
	println(small(1), large(0))
}

// Try this: make buf 5000 bytes. What else is checked then?
