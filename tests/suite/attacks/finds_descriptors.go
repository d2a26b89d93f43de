// Looks for descriptors that someone left open, and does to its own what it should not be able to.
package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

var open []int

func main() {
	for fd := range 1024 {
		if _, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0); errno == 0 {
			open = append(open, fd)
		}
	}
	fmt.Println("open:", open)
	_, err := os.ReadDir("/proc/self/fd")
	fmt.Println("/proc/self/fd:", err != nil)
	_, err = os.ReadDir("/dev/fd")
	fmt.Println("/dev/fd:", err != nil)
	_, err = os.Executable()
	fmt.Println("executable:", err != nil)
	_, err = syscall.Write(0, []byte("x"))
	fmt.Println("write to 0:", err)
	fmt.Println("truncate 0:", syscall.Ftruncate(0, 0) != nil)
	_, err = syscall.Mmap(0, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	fmt.Println("map 0 to write:", err)
	_, err = syscall.Read(1, make([]byte, 1))
	fmt.Println("read from 1:", err)
	fcntl := func(fd, command, argument uintptr) syscall.Errno {
		_, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, fd, command, argument)
		return errno
	}
	fmt.Println("F_SETPIPE_SZ:", fcntl(1, 1031, 1<<20))
	fmt.Println("F_ADD_SEALS:", fcntl(0, 1033, 1))
	fmt.Println("F_SETOWN:", fcntl(1, syscall.F_SETOWN, 1))
	fmt.Println("F_NOTIFY:", fcntl(0, syscall.F_NOTIFY, 1))
	fmt.Println("F_SETLEASE:", fcntl(0, syscall.F_SETLEASE, 0))
	empty := [1]byte{}
	argv := [2]uintptr{uintptr(unsafe.Pointer(&empty)), 0}
	_, _, errno := syscall.RawSyscall6(322 /* execveat */, 0, uintptr(unsafe.Pointer(&empty)),
		uintptr(unsafe.Pointer(&argv)), uintptr(unsafe.Pointer(&argv[1])), 0x1000 /* AT_EMPTY_PATH */, 0)
	fmt.Println("execute standard input:", errno)
}
