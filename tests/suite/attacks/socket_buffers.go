// Fills the buffers of as many connections as it may have. Prints how many MiB the kernel holds for it.
package main

import (
	"fmt"
	"net"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	var open []net.Conn
	total := 0
	block := make([]byte, 1<<20)
	for {
		client, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			break
		}
		server, err := listener.Accept()
		if err != nil {
			break
		}
		open = append(open, client, server)
		for {
			client.SetWriteDeadline(time.Now().Add(2 * time.Millisecond))
			n, err := client.Write(block)
			total += n
			if err != nil {
				break
			}
		}
	}
	fmt.Println(len(open)/2, "connections,", total>>20, "MiB")
}
