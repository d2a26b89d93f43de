package main

import "unsafe"

type headers struct {
	text  string
	list  []byte
	table map[string]int
	queue chan int
	call  func()
	value any
	fail  error
	next  *headers
	pair  [2]complex128
}

func main() {
	var h headers
	h.text = string(make([]byte, 1_000_000))
	h.list = make([]byte, 1_000_000)
	println("headers:", unsafe.Sizeof(h), "bytes, whatever they point to")
}

// Try this: make pair a slice. What does the struct weigh then, and how many
// bytes does it refer to?
