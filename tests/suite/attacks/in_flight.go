// Sends descriptors into a socket that no one reads, so that they stay open without being its own.
package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

func main() {
	null, err := os.Open("/dev/null")
	if err != nil {
		panic(err)
	}
	var many []int
	for range 200 {
		many = append(many, int(null.Fd()))
	}
	sent := 0
	for range 100 {
		pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK, 0)
		if err != nil {
			fmt.Println("sockets:", err)
			break
		}
		for {
			if err = syscall.Sendmsg(pair[0], []byte("x"), syscall.UnixRights(many...), nil, 0); err != nil {
				break
			}
			sent += len(many)
		}
		if err != syscall.EAGAIN {
			fmt.Println("sent:", err)
			break
		}
	}
	fmt.Println("bounded:", sent <= 1000)
	if len(os.Args) > 1 {
		time.Sleep(time.Hour)
	}
}
