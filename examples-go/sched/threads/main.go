package main

import (
	"fmt"
	"os"
	"runtime/pprof"
	"sync"
	"syscall"
	"time"
)

func main() {
	threads("at the start")
	block(func() { time.Sleep(time.Hour) })
	threads("20 asleep")
	block(readFile)
	threads("20 reading a pipe")
	block(readDescriptor)
	threads("20 in a system call")
}

// readFile waits for a byte that never comes.
func readFile() {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	defer w.Close()
	r.Read(make([]byte, 1))
}

// readDescriptor does the same, but asks the kernel itself.
func readDescriptor() {
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		panic(err)
	}
	syscall.Read(pipe[0], make([]byte, 1))
}

// block starts 20 goroutines that call wait.
func block(wait func()) {
	var started sync.WaitGroup
	for range 20 {
		started.Add(1)
		go func() {
			started.Done()
			wait()
		}()
	}
	started.Wait()
	time.Sleep(50 * time.Millisecond)
}

func threads(when string) {
	fmt.Printf("%-20s %2d threads\n", when, pprof.Lookup("threadcreate").Count())
}

// Try this: call r.Fd() before r.Read. What does it do to the file?
