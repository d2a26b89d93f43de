// Uses memory that RLIMIT_DATA does not count, up to the bytes that it is told: one kind for each name.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

const growsDown = 0x100

func main() {
	most, _ := strconv.Atoi(os.Args[2])
	const step = 16 << 20
	flags, protection := syscall.MAP_ANON|syscall.MAP_PRIVATE, syscall.PROT_READ|syscall.PROT_WRITE
	stride := 4096
	switch os.Args[1] {
	case "shared":
		flags = syscall.MAP_ANON | syscall.MAP_SHARED
	case "growsdown":
		flags |= growsDown
	case "tables":
		// Reading makes a page of tables for every 2 MiB, and no page of data.
		protection, stride = syscall.PROT_READ, 2<<20
		most *= stride / 4096 // as many bytes of tables
	}
	sum := 0
	for taken := 0; taken < most; taken += step {
		data, err := syscall.Mmap(-1, 0, step, protection, flags)
		if err != nil {
			fmt.Println("refused:", err)
			return
		}
		for i := 0; i < len(data); i += stride {
			if protection&syscall.PROT_WRITE != 0 {
				data[i] = 1
			}
			sum += int(data[i])
		}
	}
	fmt.Println("taken", sum > -1)
}
