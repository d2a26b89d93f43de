package main

import "unsafe"

type record struct {
	tag   byte
	id    int64
	score int32
}

//go:noinline
func score(r *record) int32 {
	return *(*int32)(unsafe.Add(unsafe.Pointer(r), unsafe.Offsetof(r.score))) // want asm "MOVL 16\\(AX\\), AX"
}

//go:noinline
func scoreOld(r *record) int32 {
	return *(*int32)(unsafe.Pointer(uintptr(unsafe.Pointer(r)) + unsafe.Offsetof(r.score))) // want asm "MOVL 16\\(AX\\), AX"
}

func main() {
	r := &record{1, 2, 3}
	println("field by offset:", score(r), scoreOld(r))

	a := [4]int64{10, 20, 30, 40}
	first := unsafe.Pointer(&a[0])
	third := (*int64)(unsafe.Add(first, 2*unsafe.Sizeof(a[0])))
	println("third element:  ", *third)

	s := unsafe.Slice((*int64)(first), len(a))
	s[3]++
	println("slice over it:  ", len(s), a[3])
}

// Try this: make the slice one element longer than the array. Does anything
// object, and what is in that element?
