package main

import (
	"fmt"
	"unsafe"
)

type header struct {
	tag  byte
	size uint32
}

func bits(f float64) uint64 { return *(*uint64)(unsafe.Pointer(&f)) }

func main() {
	h := header{1, 2}
	size := (*uint32)(unsafe.Add(unsafe.Pointer(&h), unsafe.Offsetof(h.size)))
	text := unsafe.String(&[]byte("abc")[0], 3)
	fmt.Println(bits(1), *size, text, uintptr(unsafe.Pointer(&h))%8)
}
