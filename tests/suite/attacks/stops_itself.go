// Stops itself, as Ctrl-Z does, so that no one hears of it again.
package main

import "syscall"

func main() {
	println("begun")
	syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
	println("went on")
}
