package main

import "unsafe"

type point struct {
	at    int64
	valid bool
}

type flat struct {
	at    int64
	valid bool
	last  bool
}

type nested struct {
	point
	last bool
}

func main() {
	println("flat:  ", unsafe.Sizeof(flat{}))
	println("nested:", unsafe.Sizeof(nested{}))
}

// Try this: write last above point in nested.
