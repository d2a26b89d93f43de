// Prints, now and then, the time at which it prints. Read by ../reader, which knows the time at which it reads.
package main

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"
)

// CLOCK_MONOTONIC is the same for all processes of a machine.
const monotonic = 1

func main() {
	for range 50 {
		time.Sleep(20 * time.Millisecond)
		var now syscall.Timespec
		if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, monotonic, uintptr(unsafe.Pointer(&now)), 0); err != 0 {
			panic(err)
		}
		fmt.Println(now.Nano())
	}
}
