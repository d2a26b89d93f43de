// Ends while its threads are in the middle of writing.
package main

import (
	"os"
	"sync/atomic"
)

func main() {
	var written atomic.Int64
	done := make(chan bool)
	for range 20 {
		go func() {
			for {
				os.Stdout.WriteString("0123456789\n")
				os.Stderr.WriteString("0123456789\n")
				if written.Add(1) == 2000 {
					close(done)
				}
			}
		}()
	}
	<-done
}
