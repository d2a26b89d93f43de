// Sends descriptors into sockets that no one reads, and closes its own: they live on, counted by no limit of its own.
package main

import (
	"fmt"
	"syscall"
)

func main() {
	sent := 0
	var last error
	for range 200 {
		pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK, 0)
		if err != nil {
			last = err
			break
		}
		for {
			rights := syscall.UnixRights(pair[0], pair[1], pair[0], pair[1], pair[0], pair[1], pair[0], pair[1])
			if err := syscall.Sendmsg(pair[0], []byte("x"), rights, nil, 0); err != nil {
				last = err
				break
			}
			sent += 8
		}
		syscall.Close(pair[0])
		syscall.Close(pair[1])
	}
	fmt.Println("bounded:", sent <= 1024, last)
	select {}
}
