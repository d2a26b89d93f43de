// Starts threads that never end.
package main

import (
	"runtime"
	"time"
)

func main() {
	for range 10_000 {
		go func() {
			runtime.LockOSThread()
			select {}
		}()
		runtime.Gosched()
	}
	time.Sleep(5 * time.Second)
}
