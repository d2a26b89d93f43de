// Makes processes, and sends signals to those that are there.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

func main() {
	fmt.Println("exec:", exec.Command("/bin/sh").Run() != nil)
	_, _, errno := syscall.RawSyscall(syscall.SYS_FORK, 0, 0, 0)
	fmt.Println("fork:", errno)
	_, _, errno = syscall.RawSyscall(syscall.SYS_VFORK, 0, 0, 0)
	fmt.Println("vfork:", errno)
	_, _, errno = syscall.RawSyscall(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0)
	fmt.Println("clone:", errno)
	_, _, errno = syscall.RawSyscall(syscall.SYS_CLONE, syscall.CLONE_NEWUSER|uintptr(syscall.SIGCHLD), 0, 0)
	fmt.Println("clone newuser:", errno)
	_, _, errno = syscall.RawSyscall(435, 0, 0, 0)
	fmt.Println("clone3:", errno)
	_, err := syscall.ForkExec("/code/x", nil, &syscall.ProcAttr{})
	fmt.Println("forkexec:", err)
	for pid := 2; pid < 100; pid++ {
		// pidfd_open takes processes only; kill takes the ids of our own threads as well.
		_, _, errno := syscall.RawSyscall(434, uintptr(pid), 0, 0)
		if pid != os.Getpid() && errno == 0 {
			fmt.Println("sees process", pid)
		}
	}
	fmt.Println("parent:", os.Getppid() <= 1)
	syscall.Kill(1, syscall.SIGKILL)
	syscall.Kill(1, syscall.SIGTERM)
	fmt.Println("alive after kill(1)")
	syscall.Kill(-1, syscall.SIGCONT)
	fmt.Println("alive after kill(-1)")
}
