// Looks for what the race detector brought into the cell, and tries to change it or to get code in by it.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"
)

const linker = "/lib64/ld-linux-x86-64.so.2"

func main() {
	filepath.WalkDir("/", func(path string, entry fs.DirEntry, err error) error {
		for _, own := range []string{"/code", "/tmp", "/usr/local/go", "/etc"} {
			if path == own {
				return filepath.SkipDir
			}
		}
		if err == nil && !entry.IsDir() {
			fmt.Println("file", filepath.Base(path))
		}
		return nil
	})
	for _, name := range []string{"/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/ld.so.conf", "/bin/sh", "/usr/bin/gcc",
		"/cc/gcc", "/lib/x86_64-linux-gnu/libpam.so.0", "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules", "/proc/self/maps",
		"/proc/self/mem", "/proc/self/environ", "/proc/1", "/proc/self/exe"} {
		if _, err := os.ReadFile(name); err == nil {
			fmt.Println("read", name)
		}
	}
	_, err := os.OpenFile(linker, os.O_WRONLY, 0)
	fmt.Println("write:", err != nil)
	fmt.Println("remove:", os.Remove(linker) != nil)
	fmt.Println("mode:", os.Chmod(linker, 0o777) != nil)
	fmt.Println("move over:", os.Rename("/code/main.go", linker) != nil)
	fmt.Println("beside:", os.WriteFile(filepath.Dir(linker)+"/libc.so.6", nil, 0o755) != nil)
	fmt.Println("preload:", os.WriteFile("/etc/ld.so.preload", nil, 0o644) != nil)
	fmt.Println("link:", os.Link(linker, "/tmp/linker") != nil)

	// A program of its own, mapped as code by itself and by the dynamic linker.
	copied, err := os.ReadFile(linker)
	fmt.Println("read:", err)
	fmt.Println("copy:", os.WriteFile("/tmp/program", copied, 0o755))
	file, err := os.Open("/tmp/program")
	fmt.Println("open:", err)
	_, err = syscall.Mmap(int(file.Fd()), 0, 4096, syscall.PROT_READ|syscall.PROT_EXEC, syscall.MAP_PRIVATE)
	fmt.Println("as code:", err)
	fmt.Println("execute the copy:", syscall.Exec("/tmp/program", []string{"x"}, nil))
	_, _, errno := syscall.RawSyscall(syscall.SYS_FORK, 0, 0, 0)
	fmt.Println("fork:", errno)
	name := [...]byte{'x', 0}
	_, _, errno = syscall.RawSyscall(319 /* memfd_create */, uintptr(unsafe.Pointer(&name)), 0, 0)
	fmt.Println("memfd:", errno)
	os.Stdout.Sync()
	fmt.Println("by the linker:", syscall.Exec(linker, []string{linker, "/tmp/program"}, nil))
}
