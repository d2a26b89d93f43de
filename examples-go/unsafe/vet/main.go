package main

import "unsafe"

type pair struct{ first, second int }

func main() {
	p := &pair{1, 2}

	// One expression: there is no moment at which only a number is left.
	good := (*int)(unsafe.Pointer(uintptr(unsafe.Pointer(p)) + 8)) // want vet -"misuse"

	// Two statements: between them, u is a number like any other.
	u := uintptr(unsafe.Pointer(p)) + 8
	bad := (*int)(unsafe.Pointer(u)) // want vet "possible misuse of unsafe.Pointer"

	println(*good, *bad)
}

// Try this: write unsafe.Add(unsafe.Pointer(p), 8) in both places.
