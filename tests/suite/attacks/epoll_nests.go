// Puts epolls into one another, as deep and as wide as it may.
package main

import (
	"fmt"
	"syscall"
)

func main() {
	inner, err := syscall.EpollCreate1(0)
	depth := 0
	for err == nil && depth < 1000 {
		var outer int
		if outer, err = syscall.EpollCreate1(0); err == nil {
			err = syscall.EpollCtl(outer, syscall.EPOLL_CTL_ADD, inner, &syscall.EpollEvent{Events: syscall.EPOLLIN})
			inner = outer
			depth++
		}
	}
	fmt.Println("few:", depth <= 10, err)
	fmt.Println("itself:", syscall.EpollCtl(inner, syscall.EPOLL_CTL_ADD, inner, &syscall.EpollEvent{}))
}
