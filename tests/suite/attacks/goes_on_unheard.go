// Closes its output and goes on working, then ends with a code of its own.
package main

import (
	"os"
	"time"
)

func main() {
	os.Stdout.WriteString("before\n")
	os.Stdout.Close()
	os.Stderr.Close()
	_, err := os.Stdout.WriteString("after\n")
	time.Sleep(300 * time.Millisecond)
	if err != nil && os.WriteFile("/tmp/x", []byte("x"), 0o644) == nil {
		os.Exit(7)
	}
}
