package main

//go:noinline
func tenth(n uint64) uint64 { return n / 10 } // want asm "MULQ" "SHRQ \\$3, DX" -"DIV"

//go:noinline
func eighth(n uint64) uint64 { return n / 8 } // want asm "SHRQ \\$3, AX" -"DIV"

//go:noinline
func half(n int) int { return n / 2 } // want asm "SARQ \\$1" "ADDQ" -"DIV"

//go:noinline
func quotient(n, d uint64) uint64 { return n / d } // want asm "DIVQ" "panicdivide"

func main() {
	println(tenth(1234), eighth(1234), half(-7), quotient(1234, 10))
}

// Try this: make n of half a uint. Then divide by 3 in tenth.
