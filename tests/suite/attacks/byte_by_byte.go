// Prints a byte at a time, each only when the last has gone, so that each may become an event of its own.
package main

import (
	"syscall"
	"unsafe"
)

func main() {
	byte1 := []byte{'x'}
	for {
		syscall.Write(1, byte1)
		for waiting := int32(1); waiting > 0; {
			syscall.RawSyscall(syscall.SYS_IOCTL, 1, 0x541b /* FIONREAD */, uintptr(unsafe.Pointer(&waiting)))
		}
	}
}
