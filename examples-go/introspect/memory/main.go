package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

func main() {
	show("at the start")
	block := make([]byte, 64<<20)
	show("64 MiB in use")
	runtime.KeepAlive(block)

	runtime.GC() // The block is garbage by now.
	show("collected")
	debug.FreeOSMemory()
	show("given back")
}

func show(when string) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("%-15s HeapAlloc %3d   Sys %3d   Sys-HeapReleased %3d   TotalAlloc %3d MiB\n",
		when, m.HeapAlloc>>20, m.Sys>>20, (m.Sys-m.HeapReleased)>>20, m.TotalAlloc>>20)
}

// Try this: sleep for 5 seconds in place of FreeOSMemory.
