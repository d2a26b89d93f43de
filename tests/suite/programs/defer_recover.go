package main

import (
	"errors"
	"fmt"
)

var errOdd = errors.New("odd")

func try(n int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered: %v", r)
		}
	}()
	for i := range n {
		defer fmt.Println("deferred in a loop", i)
	}
	if n%2 == 1 {
		panic(errOdd)
	}
	return nil
}

func main() {
	fmt.Println(try(1), try(2))
}
