package main

import (
	"fmt"
	"runtime"
	"slices"
)

// header returns the first bytes of a large message.
func header() []byte {
	message := make([]byte, 8<<20)
	return message[:16]
}

func main() {
	before := heapMiB()
	h := header()
	fmt.Println("with the slice:", heapMiB()-before, "MiB held by", len(h), "bytes")

	h = slices.Clone(h)
	fmt.Println("with a copy:   ", heapMiB()-before, "MiB held by", len(h), "bytes")
}

// heapMiB collects garbage and returns what is left.
func heapMiB() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc >> 20
}

// Try this: return message[:16:16]. Does a smaller capacity free the rest?
