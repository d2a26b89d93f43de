package main

import "testing"

type pair struct{ a, b int }

type handle struct{ p *int }

var (
	sink  any
	small = 255
	large = 256
	text  = "hello"
	both  = pair{1, 2}
	none  struct{}
	one   = handle{&small}
)

func main() {
	println("int 255:     ", allocs(func() { sink = small }))
	println("int 256:     ", allocs(func() { sink = large })) // want asm "CALL runtime.convT64"
	println("string:      ", allocs(func() { sink = text }))
	println("pair:        ", allocs(func() { sink = both }))
	println("struct{}:    ", allocs(func() { sink = none }))
	println("pointer:     ", allocs(func() { sink = &both }))
	println("handle:      ", allocs(func() { sink = one }))
	println("constant 256:", allocs(func() { sink = 256 }))
}

func allocs(f func()) int { return int(testing.AllocsPerRun(100, f)) }

// Try this: give handle a second field. Or box large into a local variable
// instead of sink: var v any = large; _ = v.
