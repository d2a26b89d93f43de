package main

import (
	"runtime"
	"unsafe"
)

type loose struct { // 48 bytes
	a int64
	b bool
	c int64
	d bool
	e int64
	f bool
}

type tight struct { // 32 bytes
	a, c, e int64
	b, d, f bool
}

type wide struct { // 40 bytes
	a, c, e, g int64
	b, d, f    bool
}

func main() {
	println("loose:", unsafe.Sizeof(loose{}), "bytes, allocated:", cost[loose]())
	println("tight:", unsafe.Sizeof(tight{}), "bytes, allocated:", cost[tight]())
	println("wide: ", unsafe.Sizeof(wide{}), "bytes, allocated:", cost[wide]())
}

// cost returns the bytes that one T takes on the heap.
func cost[T any]() uint64 {
	const n = 10_000
	kept := make([]*T, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range kept {
		kept[i] = new(T)
	}
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(kept)
	return (after.TotalAlloc - before.TotalAlloc) / n
}

// Try this: write z bool as the first field of wide. Its size is 48 then. What
// is allocated?
