package main

import (
	"runtime"
	"unsafe"
	"weak"
)

type block struct{ data [4096]byte }

var (
	pointer unsafe.Pointer
	number  uintptr
)

func main() {
	a, b := new(block), new(block)
	weakA, weakB := weak.Make(a), weak.Make(b)
	pointer = unsafe.Pointer(a)
	number = uintptr(unsafe.Pointer(b))

	runtime.GC()
	println("held by an unsafe.Pointer, collected:", weakA.Value() == nil)
	println("held by a uintptr, collected:        ", weakB.Value() == nil)
}

// Try this: write runtime.KeepAlive(b) as the last line.
