// Dials the port that the test listens on, and anything else that loopback and Unix sockets may lead to.
package main

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

func main() {
	port := os.Args[1]
	for _, address := range []string{"127.0.0.1:" + port, "[::1]:" + port, "0.0.0.0:" + port, "localhost:" + port} {
		_, err := net.DialTimeout("tcp", address, time.Second)
		fmt.Println("tcp:", err != nil)
	}
	_, err := net.Dial("unix", os.Args[2])
	fmt.Println("abstract:", err != nil)
	for _, socket := range [][3]int{
		{syscall.AF_PACKET, syscall.SOCK_RAW, 0}, {40 /* AF_VSOCK */, syscall.SOCK_STREAM, 0},
		{38 /* AF_ALG */, syscall.SOCK_SEQPACKET, 0}, {syscall.AF_NETLINK, syscall.SOCK_RAW, 12 /* NETFILTER */},
		{syscall.AF_INET, syscall.SOCK_RAW, syscall.IPPROTO_ICMP},
	} {
		_, err := syscall.Socket(socket[0], socket[1], socket[2])
		fmt.Println("socket:", err != nil)
	}
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		fmt.Println("interface:", i.Name)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fmt.Println("own loopback:", err)
	if err != nil {
		return
	}
	_, err = net.Dial("tcp", listener.Addr().String())
	fmt.Println("own loopback:", err)
}
