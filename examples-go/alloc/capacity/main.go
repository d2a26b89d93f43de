package main

import "fmt"

var numbers []int

func main() {
	last := 0
	for range 1000 {
		numbers = append(numbers, 1)
		if c := cap(numbers); c != last {
			fmt.Printf("cap %4d, %5d bytes\n", c, c*8)
			last = c
		}
	}
	text := append([]byte(nil), "hello"...)
	fmt.Println("hello: len", len(text), "cap", cap(text))
}

// Try this: append to a []int32. Which capacities are different?
