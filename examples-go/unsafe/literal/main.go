package main

import "unsafe"

func main() {
	s := "read only"
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	println("length and first byte:", len(b), b[0])

	b[0] = 'R' // The bytes of a constant are in memory that no one may write.
	println("never printed:", s)
}

// Try this: make s of string([]byte("read only")). What is printed then?
