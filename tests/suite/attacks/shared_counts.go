// Tries to use up, or to lock, what the kernel counts or keeps for all cells together.
package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	_, err := syscall.InotifyInit()
	fmt.Println("inotify:", err)
	timers := 0
	for ; timers < 100_000; timers++ {
		var id int32
		if _, _, errno := syscall.RawSyscall(syscall.SYS_TIMER_CREATE, 1, 0, uintptr(unsafe.Pointer(&id))); errno != 0 {
			break
		}
	}
	fmt.Println("few timers:", timers <= 256)
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err != nil {
		panic(err)
	}
	fmt.Println("flock:", syscall.Flock(int(null.Fd()), syscall.LOCK_EX))
	lock := syscall.Flock_t{Type: syscall.F_WRLCK}
	fmt.Println("fcntl lock:", syscall.FcntlFlock(null.Fd(), syscall.F_SETLK, &lock))
	fmt.Println("times of a device:", os.Chtimes("/dev/null", sometime, sometime))
	_, err = null.WriteString("still written to")
	fmt.Println("write:", err)
}

var sometime = time.Unix(1_000_000_000, 0)
