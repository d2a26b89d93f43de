// Leaves goroutines and copies of standard output behind.
package main

import (
	"os"
	"syscall"
)

func main() {
	for range 10 {
		copied, _ := syscall.Dup(1)
		go func() {
			for {
				syscall.Write(copied, nil)
			}
		}()
	}
	os.Stdout.WriteString("done\n")
}
