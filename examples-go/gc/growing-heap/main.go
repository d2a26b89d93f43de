package main

import "fmt"

var blocks [60_000][]byte

func main() {
	for i := range blocks {
		blocks[i] = make([]byte, 1024) // Nothing is ever garbage.
	}
	fmt.Println("kept", len(blocks), "blocks of 1 KiB")
}

// Try this: keep twice as many blocks. How many more cycles does it take?
