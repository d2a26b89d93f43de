// Fills the disk: three large files, then a sparse one, then many names. It stops by itself, at 200 MiB and 17,000
// names, for a host that does not stop it.
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
	sum := 0
	for round := range 3 {
		file, err := os.Create(fmt.Sprint(os.TempDir(), "/", round))
		written := 0
		for err == nil && sum < 200 {
			if _, err = file.Write(block); err == nil {
				written++
				sum++
			}
		}
		fmt.Println("disk:", full(err), written <= 64)
	}
	fmt.Println("sum:", sum <= 64)
	sparse, err := os.Create("sparse")
	if err == nil {
		err = sparse.Truncate(1 << 40)
		if errors.Is(err, syscall.EPERM) {
			_, err = sparse.WriteAt(block[:1], 1<<40)
		}
	}
	fmt.Println("sparse:", full(err))
	os.Remove(os.TempDir() + "/0")
	for n := range 17_000 {
		if err = os.Mkdir(fmt.Sprint("d", n), 0o755); err != nil {
			break
		}
	}
	fmt.Println("inodes:", full(err))
	fmt.Println("folder:", os.TempDir())
}
