package main

import "unsafe"

type headers struct {
	text  string
	list  []int
	value any
	err   error
	table map[string]int
	pipe  chan int
	call  func()
	to    *int
}

type padded struct {
	a bool
	b int64
	c bool
}

type packed struct {
	b    int64
	a, c bool
}

func main() {
	println(unsafe.Sizeof(headers{}), unsafe.Sizeof(padded{}), unsafe.Sizeof(packed{}))
}
