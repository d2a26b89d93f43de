package main

import "fmt"

func main() {
	for _, n := range []int{1, 9, 33, 100, 1025, 32768, 32769} {
		room := cap(append([]byte(nil), make([]byte, n)...))
		fmt.Printf("%6d bytes take %6d\n", n, room)
	}
}
