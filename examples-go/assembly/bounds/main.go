package main

//go:noinline
func little(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

//go:noinline
func hinted(b []byte) uint32 {
	_ = b[3]                                                                    // want bounds "Found IsInBounds"
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24 // want bounds -"Found"
}

//go:noinline
func total(b []byte) (n int) {
	for i := range b {
		n += int(b[i]) // want bounds "Proved IsInBounds" -"Found"
	}
	return n
}

func main() {
	b := []byte{1, 2, 0, 0}
	println(little(b), hinted(b), total(b))
}

// Try this: in total, write for i := range 4. Then add b = b[:4] before it.
