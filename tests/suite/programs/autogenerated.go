package main

import "fmt"

type inner struct{ n int }

func (i inner) value() int     { return i.n }
func (i *inner) pointer() *int { return &i.n }

type outer struct{ inner }

type outerPointer struct{ *inner }

type both interface {
	value() int
	pointer() *int
}

func main() {
	for _, b := range []both{&outer{}, outerPointer{&inner{}}, &inner{}} {
		fmt.Println(b.value(), b.pointer())
	}
}
