package main

import (
	"os"
	"reflect"
)

type box struct{ w, h int }

func (b box) Area() int { return b.w * b.h }

func (b box) Border() int { return 2 * (b.w + b.h) }

func main() {
	name := "Area"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	method := reflect.ValueOf(box{6, 7}).MethodByName(name)
	println(method.Call(nil)[0].Int())
}

// Try this: write MethodByName("Area") in place of the variable, and run nm
// again.
