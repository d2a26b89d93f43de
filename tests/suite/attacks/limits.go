// Raises the limits that it was given, its own and those of the cell's init.
package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

func main() {
	for _, limit := range []struct {
		name   string
		number uintptr
	}{
		{"CPU", 0}, {"FSIZE", 1}, {"CORE", 4}, {"NPROC", 6}, {"NOFILE", 7}, {"MEMLOCK", 8}, {"SIGPENDING", 11},
		{"MSGQUEUE", 12}, {"NICE", 13}, {"RTPRIO", 14},
	} {
		all := syscall.Rlimit{Cur: ^uint64(0), Max: ^uint64(0)}
		_, _, errno := syscall.RawSyscall(syscall.SYS_SETRLIMIT, limit.number, uintptr(unsafe.Pointer(&all)), 0)
		_, _, other := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, 1, limit.number, uintptr(unsafe.Pointer(&all)), 0, 0, 0)
		fmt.Println(limit.name, int(errno), int(other))
	}
	// Lower all that it may but CPU time (number 0), which would end it before it has tried; then need it.
	for number := uintptr(1); number < 16; number++ {
		none := syscall.Rlimit{}
		syscall.RawSyscall(syscall.SYS_SETRLIMIT, number, uintptr(unsafe.Pointer(&none)), 0)
	}
	_, err := syscall.Open("/tmp", 0, 0)
	println("then:", err.Error())
	_, err = syscall.Mmap(-1, 0, 1<<30, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	println("then:", err.Error())
}
