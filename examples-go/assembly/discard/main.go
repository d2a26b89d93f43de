package main

func cube(n int) int { return n * n * n }

//go:noinline
func discard(times int) {
	for i := range times {
		cube(i)
	}
}

//go:noinline
func keep(times int) (sum int) {
	for i := range times {
		sum += cube(i)
	}
	return sum
}

func main() {
	discard(4)
	println(keep(4))
}

// Try this: write //go:noinline above cube, and run asm and bench again.
