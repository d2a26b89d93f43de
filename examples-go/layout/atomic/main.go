package main

import (
	"sync/atomic"
	"unsafe"
)

type plain struct {
	ready bool
	count int64 // For atomic.AddInt64, by hand.
}

type typed struct {
	ready bool
	count atomic.Int64
}

func main() {
	var p plain
	var t typed
	atomic.AddInt64(&p.count, 1)
	t.count.Add(1)
	println("plain:", p.count, "at offset", unsafe.Offsetof(p.count))
	println("typed:", t.count.Load(), "at offset", unsafe.Offsetof(t.count))
}

// Try this: put count first in plain. Which offset has it on 386 now, and what
// happens when someone adds a field before it?
