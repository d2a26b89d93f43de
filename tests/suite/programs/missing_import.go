package main

import (
	"fmt"
	"github.com/nobody/nothing"
	"no/such/package"
)

func main() { fmt.Println(nothing.X, "x") }
