//go:build linux || windows

// Package main has a doc comment and a build constraint.
package main

import _ "unsafe"

//go:generate echo never

//go:linkname nanotime runtime.nanotime
func nanotime() int64

func main() { println(nanotime() > 0) }
