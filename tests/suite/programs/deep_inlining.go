package main

func a(n int) *int { return b(n + 1) }
func b(n int) *int { return c(n * 2) }
func c(n int) *int { return d(n - 3) }
func d(n int) *int { return e(n / 4) }
func e(n int) *int { t := n; return &t }

func tooBig(n int) (sum int) {
	for i := range n {
		for j := range n {
			for k := range n {
				sum += *a(i)*j + *b(k)*j + *c(i+j+k) + *d(k) + *e(j)
			}
		}
	}
	return sum
}

func recursive(n int) int {
	if n == 0 {
		return 0
	}
	return recursive(n-1) + n
}

func main() { println(*a(1), tooBig(3), recursive(9)) }
