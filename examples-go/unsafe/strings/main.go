package main

import (
	"testing"
	"unsafe"
)

var text string

func main() {
	b := []byte("forty bytes, so that no buffer is enough")

	println("string(b):     ", allocs(func() { text = string(b) }))
	println("unsafe.String: ", allocs(func() { text = unsafe.String(&b[0], len(b)) }))

	safe := string(b)
	b[0] = 'F'
	println("the copy:  ", safe[:5])
	println("the string:", text[:5])
}

func allocs(f func()) int { return int(testing.AllocsPerRun(100, f)) }

// Try this: put text into a map as a key before b changes. Is it found
// afterwards?
