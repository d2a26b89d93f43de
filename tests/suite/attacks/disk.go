// Fills the disk: one large file, then many, then many names, then a sparse one.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) }

func main() {
	signal.Ignore(syscall.SIGXFSZ)
	block := make([]byte, 1<<20)
	for round := range 3 {
		file, err := os.Create(fmt.Sprint("/tmp/", round))
		written := 0
		for err == nil && written < 1<<10 {
			_, err = file.Write(block)
			written++
		}
		fmt.Println("disk:", full(err), written <= 65)
	}
	sparse, err := os.Create("/code/sparse")
	if err == nil {
		err = sparse.Truncate(1 << 40)
	}
	fmt.Println("sparse:", full(err))
	os.RemoveAll("/tmp/0")
	for n := range 100_000 {
		if err = os.Mkdir(fmt.Sprint("/code/d", n), 0o755); err != nil {
			break
		}
	}
	fmt.Println("inodes:", full(err))
}
