package main

import (
	_ "embed"
	"fmt"
)

//go:embed embed_itself.go
var self string

func main() {
	fmt.Println(len(self))
}
