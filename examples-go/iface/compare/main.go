package main

import "fmt"

type version struct{ major, minor int }

func main() {
	var a, b any = version{1, 27}, version{1, 27}
	fmt.Println("equal versions:   ", a == b)

	var i, j any = int32(1), int64(1)
	fmt.Println("int32 and int64 1:", i == j)

	s := []int{1, 2}
	a, b = s, 5
	fmt.Println("slice and int:    ", a == b)

	b = s
	fmt.Println("slice and slice:  ", a == b)
}

// Try this: use a as the key of a map[any]bool instead of comparing it.
