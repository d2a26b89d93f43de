// Asks for protocols that the kernel would have to load or that few have looked at, and for rights over the network.
package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

const (
	stream, datagram, raw, seqpacket, dccp = 1, 2, 3, 5, 6
)

func main() {
	for _, socket := range []struct {
		name                   string
		domain, kind, protocol int
	}{
		{"mptcp", syscall.AF_INET, stream, 262}, {"mptcp6", syscall.AF_INET6, stream, 262},
		{"sctp", syscall.AF_INET, stream, 132}, {"sctp by kind", syscall.AF_INET, seqpacket, 0},
		{"dccp", syscall.AF_INET, dccp, 33}, {"udplite", syscall.AF_INET, datagram, 136},
		{"l2tp", syscall.AF_INET, datagram, 115}, {"smc", syscall.AF_INET, stream, 256},
		{"ping", syscall.AF_INET, datagram, 1}, {"ping6", syscall.AF_INET6, datagram, 58},
		{"raw", syscall.AF_INET, raw, 255}, {"upper half", syscall.AF_INET, stream, 1<<32 | 262},
	} {
		_, err := syscall.Socket(socket.domain, socket.kind, socket.protocol)
		fmt.Println(socket.name+":", err)
	}
	tcp, err := syscall.Socket(syscall.AF_INET, stream, 0)
	if err != nil {
		panic(err)
	}
	for _, option := range []struct {
		name         string
		level, which int
	}{
		{"SO_SNDBUFFORCE", syscall.SOL_SOCKET, 32}, {"SO_RCVBUFFORCE", syscall.SOL_SOCKET, 33},
		{"SO_MARK", syscall.SOL_SOCKET, 36}, {"SO_BINDTODEVICE", syscall.SOL_SOCKET, 25},
		{"SO_DEBUG", syscall.SOL_SOCKET, 1}, {"IP_TRANSPARENT", 0, 19}, {"IPT_SO_SET_REPLACE", 0, 64},
		{"EBT_SO_SET_ENTRIES", 0, 128},
	} {
		fmt.Println(option.name+":", syscall.SetsockoptString(tcp, option.level, option.which, "\x01\x00\x00\x00") != nil)
	}
	fmt.Println("TCP_ULP:", syscall.SetsockoptString(tcp, 6, 31, "nosuchulp") != nil)

	route, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW, syscall.NETLINK_ROUTE)
	if err != nil {
		panic(err)
	}
	// RTM_NEWLINK of a dummy device, which would load its driver.
	message := []byte{32, 0, 0, 0, 16, 0, 5, 6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	if err := syscall.Sendto(route, message, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		panic(err)
	}
	answer := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(route, answer, 0)
	if err != nil || n < 20 {
		panic("no answer")
	}
	fmt.Println("new device:", syscall.Errno(-*(*int32)(unsafe.Pointer(&answer[16]))))
}
