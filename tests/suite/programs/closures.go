package main

import "fmt"

func counter(from int) func() int {
	return func() int {
		from++
		return from
	}
}

func apply(times int, do func(int)) {
	for i := range times {
		do(i)
	}
}

func main() {
	next, total := counter(3), 0
	apply(3, func(i int) { total += i * next() })
	var kept []func() int
	for i := range 3 {
		kept = append(kept, func() int { return i + total })
	}
	fmt.Println(total, kept[1]())
}
