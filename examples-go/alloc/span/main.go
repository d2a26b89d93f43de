package main

import (
	"fmt"
	"unsafe"
)

const page = 8192

type object [1280]byte

var kept [14]*object

func main() {
	for i := range kept {
		kept[i] = new(object)
	}
	for i, o := range kept {
		offset := uintptr(unsafe.Pointer(o)) % page
		fmt.Printf("object %2d at %4d of its page\n", i, offset)
	}
}

// Try this: objects of 2048 bytes. How many fit?
