package main

import "fmt"

func half(n int) string { return n / 2 }

func main() {
	var name string = 42
	fmt.Println(half("seven"), name, undefined)
}
