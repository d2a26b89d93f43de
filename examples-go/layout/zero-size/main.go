package main

import "unsafe"

type first struct {
	_ struct{}
	n int64
}

type last struct {
	n int64
	_ struct{}
}

type marker struct {
	name string
	end  [0]int32
}

func main() {
	println("first: ", unsafe.Sizeof(first{}))
	println("last:  ", unsafe.Sizeof(last{}))

	var m marker
	end := uintptr(unsafe.Pointer(&m.end)) - uintptr(unsafe.Pointer(&m))
	println("marker:", unsafe.Sizeof(m), "bytes, end at", end)
}

// Try this: move end to the front of marker. Where does it lie now?
