// Prints without end on the stream that it is told, and goes on when no one reads any more.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signal.Ignore(syscall.SIGPIPE)
	out := map[string]*os.File{"stdout": os.Stdout, "stderr": os.Stderr}[os.Args[1]]
	for line := 0; ; line++ {
		fmt.Fprintln(out, "line", line)
	}
}
