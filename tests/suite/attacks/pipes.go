// Opens pipes and fills them all.
package main

import (
	"fmt"
	"syscall"
)

func main() {
	pipes, bytes := 0, 0
	block := make([]byte, 64<<10)
	for range 1000 {
		var pipe [2]int
		if err := syscall.Pipe2(pipe[:], syscall.O_NONBLOCK); err != nil {
			fmt.Println(err)
			break
		}
		pipes++
		_, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, uintptr(pipe[1]), 1031 /* F_SETPIPE_SZ */, 1<<20)
		if errno != syscall.EPERM {
			fmt.Println("larger:", errno)
		}
		for {
			n, err := syscall.Write(pipe[1], block)
			if err != nil {
				break
			}
			bytes += n
		}
	}
	fmt.Println(pipes < 128, bytes <= 128*64<<10)
}
