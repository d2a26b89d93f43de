package main

import "unsafe"

const line = 64 // Bytes of a cache line on amd64.

type counter struct{ n int64 }

type padded struct {
	n int64
	_ [line - 8]byte
}

func main() {
	var c [4]counter
	var p [4]padded
	for i := range c {
		println("worker", i,
			"counter in line", unsafe.Sizeof(c[0])*uintptr(i)/line,
			"padded in line", unsafe.Sizeof(p[0])*uintptr(i)/line)
	}
	println("bytes:", unsafe.Sizeof(c), "and", unsafe.Sizeof(p))
}

// Try this: add a second int64 to padded. Which line shows that it grew?
