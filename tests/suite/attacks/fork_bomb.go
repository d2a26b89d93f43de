// Forks without end, and leaves a daemon and zombies behind where it can.
package main

import (
	"fmt"
	"syscall"
)

func main() {
	children := 0
	var errno syscall.Errno
	for range 10_000 {
		var pid uintptr
		if pid, _, errno = syscall.RawSyscall(syscall.SYS_FORK, 0, 0, 0); errno != 0 {
			continue
		}
		if pid == 0 {
			syscall.RawSyscall(syscall.SYS_SETSID, 0, 0, 0)
			for {
				syscall.RawSyscall(syscall.SYS_FORK, 0, 0, 0)
			}
		}
		children++
	}
	fmt.Println("children:", children, errno)
	_, err := syscall.Wait4(-1, nil, 0, nil)
	fmt.Println("zombies:", err)
}
