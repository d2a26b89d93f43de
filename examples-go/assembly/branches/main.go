package main

//go:noinline
func larger(a, b int) int {
	if a > b { // want asm "JGE" -"CMOV"
		return a
	}
	return b
}

//go:noinline
func builtin(a, b int) int { return max(a, b) } // want asm "CMOVQ" -"^J"

//go:noinline
func clamp(n int) int { return min(max(n, 0), 255) } // want asm "CMOVQ" -"^J"

func main() { println(larger(3, 7), builtin(3, 7), clamp(300)) }

// Try this: in larger, write m := b before the if, and m = a in it.
