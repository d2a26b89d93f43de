package main

import "unsafe"

type loose struct {
	urgent bool
	id     int64
	retry  bool
	tries  int32
	done   bool
}

type tight struct {
	id     int64
	tries  int32
	urgent bool
	retry  bool
	done   bool
}

func main() {
	println("loose:", unsafe.Sizeof(loose{}), "bytes")
	println("tight:", unsafe.Sizeof(tight{}), "bytes")
	println("a slice of 1,000,000 is smaller by",
		(unsafe.Sizeof(loose{})-unsafe.Sizeof(tight{}))*1_000_000, "bytes")
}

// Try this: move one line of loose, no more. How small can it get?
