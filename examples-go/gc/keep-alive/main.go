package main

import (
	"fmt"
	"runtime"
	"weak"
)

type session struct{ buf [1 << 20]byte }

func main() {
	s := new(session)
	w := weak.Make(s)
	freed := make(chan string)
	runtime.AddCleanup(s, func(name string) { freed <- name }, "session 1")

	runtime.GC()
	fmt.Println("s is used below:  collected =", w.Value() == nil)
	s.buf[0] = 1 // The last use of s.

	runtime.GC()
	fmt.Println("s is never used:  collected =", w.Value() == nil)
	fmt.Println("cleanup ran for", <-freed)
}

// Try this: write runtime.KeepAlive(s) before the last line. What are all
// goroutines waiting for now?
