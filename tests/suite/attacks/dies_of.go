// Dies of the signal that it is told, with the kernel's own action for it.
package main

import (
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

// As rt_sigaction takes it.
type action struct {
	handler, flags, restorer, mask uintptr
}

func main() {
	number, _ := strconv.Atoi(os.Args[1])
	println("before")
	var byDefault action
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(number), uintptr(unsafe.Pointer(&byDefault)), 0, 8, 0, 0)
	unblocked := ^uint64(0)
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 1 /* SIG_UNBLOCK */, uintptr(unsafe.Pointer(&unblocked)), 0, 8, 0, 0)
	if len(os.Args) > 2 {
		syscall.Kill(0, syscall.Signal(number)) // its whole process group
	}
	syscall.Kill(syscall.Getpid(), syscall.Signal(number))
	println("after")
}
