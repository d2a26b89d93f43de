package main

type number interface{ ~int | ~float64 }

func add[T number](a, b T) T {
	return a + b
}

func fold[T number](xs []T, f func(T, T) T) T {
	var sum T
	for _, x := range xs {
		sum = f(sum, x)
	}
	return sum
}

func total[T number](xs []T) T {
	return fold(xs, func(a, b T) T { return add(a, b) })
}

//go:noinline
func average(xs []float64) float64 {
	return total(xs) / float64(len(xs))
}

func main() {
	println(average([]float64{1, 2, 3}), total([]int{4, 5}))
}
