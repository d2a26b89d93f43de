package main

import "unsafe"

type shape interface {
	area() int
	sides() int
}

type square struct{ side int }

func (s *square) area() int  { return s.side * s.side }
func (s *square) sides() int { return 4 }

// itab mirrors internal/abi.ITab, with room for two methods.
type itab struct {
	inter, typ unsafe.Pointer
	hash       uint32
	fun        [2]uintptr
}

//go:noinline
func asShape(s *square) shape { return s } // want asm "LEAQ go:itab.\\*main.square,main.shape"

func main() {
	s := asShape(&square{2})
	var a any = s

	tab := **(**itab)(unsafe.Pointer(&s))
	typ := *(*unsafe.Pointer)(unsafe.Pointer(&a))
	println("bytes of this itab:       ", unsafe.Sizeof(tab))
	println("offset of the first method", unsafe.Offsetof(tab.fun))
	println("its type is that of an any", tab.typ == typ)

	t, _ := a.(shape) // Made from a type, while the program runs.
	println("still the same itab:      ", *(**itab)(unsafe.Pointer(&t)) == *(**itab)(unsafe.Pointer(&s)))
}

// Try this: give shape a third method. How large is its itab in the listing?
