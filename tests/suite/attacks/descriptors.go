// Opens files, pipes and sockets until it may not.
package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

func main() {
	var opened []*os.File
	for range 10_000 {
		file, err := os.Open("/dev/null")
		if err != nil {
			fmt.Println(len(opened) < 256, errors.Is(err, syscall.EMFILE))
			break
		}
		opened = append(opened, file)
	}
	limit := syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	fmt.Println("raise:", syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
}
