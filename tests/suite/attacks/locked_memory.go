// Asks for memory that cannot be taken back, is shared with others, or tells of others.
package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

func main() {
	page, _ := syscall.Mmap(-1, 0, 4<<20, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	address := uintptr(unsafe.Pointer(&page[0]))
	_, _, errno := syscall.RawSyscall(syscall.SYS_MLOCK, address, 4<<20, 0)
	fmt.Println("mlock:", errno)
	_, _, errno = syscall.RawSyscall(syscall.SYS_MLOCKALL, 3, 0, 0)
	fmt.Println("mlockall:", errno)
	for _, flag := range []int{0x2000 /* MAP_LOCKED */, 0x40000 /* MAP_HUGETLB */} {
		_, err := syscall.Mmap(-1, 0, 4<<20, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON|flag)
		fmt.Println("mmap:", err != nil)
	}
	for _, advice := range []int{100 /* MADV_HWPOISON */, 101 /* MADV_SOFT_OFFLINE */} {
		fmt.Println("madvise:", syscall.Madvise(page[:4096], advice))
	}
	_, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_FIXED)
	fmt.Println("page zero:", err != nil)
	zones, err := os.Open("/usr/local/go/lib/time/zoneinfo.zip")
	if err != nil {
		panic(err)
	}
	const pages = 64
	data, err := syscall.Mmap(int(zones.Fd()), 0, pages*4096, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	var resident [pages]byte
	_, _, errno = syscall.RawSyscall(syscall.SYS_MINCORE, uintptr(unsafe.Pointer(&data[0])), pages*4096,
		uintptr(unsafe.Pointer(&resident)))
	count := 0
	for _, is := range resident {
		count += int(is & 1)
	}
	fmt.Println("mincore:", errno, count)
	_, err = syscall.Mmap(int(zones.Fd()), 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	fmt.Println("map to write:", err)
	_, err = syscall.Mmap(int(zones.Fd()), 0, 4096, syscall.PROT_READ|syscall.PROT_EXEC, syscall.MAP_PRIVATE)
	fmt.Println("map to execute:", err)
}
