package main

import "fmt"

// live stays reachable: 10,000 blocks of 1 KiB, about 10 MB.
var live [10_000][]byte

func main() {
	for i := range 100_000 {
		live[i%len(live)] = make([]byte, 1024) // The old block is garbage now.
	}
	fmt.Println("allocated 100,000 blocks, kept the last", len(live))
}

// Try this: keep 20,000 blocks. Then set GOGC to 50, and to 400.
