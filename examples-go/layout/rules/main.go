package main

import "unsafe"

type sample struct {
	tag   byte
	stamp int64
	value float32
}

// A constant expression: the program does not compile if sample grows.
const _ uint = 24 - uint(unsafe.Sizeof(sample{}))

//go:noinline
func size() uintptr {
	return unsafe.Sizeof(sample{}) // want asm "MOVL \\$24, AX"
}

func main() {
	var s [2]sample
	p := unsafe.Pointer(&s[0])
	println("size of one:     ", size())
	println("alignment:       ", unsafe.Alignof(s[0]))
	println("offset of stamp: ", unsafe.Offsetof(s[0].stamp))
	println("offset of value: ", unsafe.Offsetof(s[0].value))
	println("distance of two: ", uintptr(unsafe.Pointer(&s[1]))-uintptr(p))
	println("address modulo 8:", uintptr(p)%8)
}

// Try this: add a field, such as n int32. Then one more. When does the
// constant object?
