package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type object [64]byte // 128 of them in a span of 8 KiB.

var objects [1 << 19]*object

func main() {
	for i := range objects {
		objects[i] = new(object)
	}
	report("all")

	for i := range objects {
		if i%128 != 0 {
			objects[i] = nil
		}
	}
	runtime.GC()
	report("one in 128")

	clear(objects[:])
	runtime.GC()
	report("none")

	debug.FreeOSMemory()
	report("none, freed")
}

func report(kept string) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("%-11s objects %2d MiB, spans %2d MiB, held from the OS %2d MiB\n",
		kept, m.HeapAlloc>>20, m.HeapInuse>>20, (m.HeapSys-m.HeapReleased)>>20)
}

// Try this: keep the first 1/128 of them instead: i >= len(objects)/128.
