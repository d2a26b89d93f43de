// Reads what a host has. Prints each name that it could open.
package main

import (
	"fmt"
	"os"
)

func main() {
	for _, name := range []string{
		"/etc/shadow", "/etc/hostname", "/etc/machine-id", "/root", "/home", "/var", "/proc", "/proc/self/environ",
		"/proc/1/root", "/sys", "/sys/fs/cgroup", "/dev/kvm", "/dev/mem", "/dev/sda", "/dev/vda", "/dev/tty",
		"/dev/shm", "/run", "/bin/sh", "/usr/bin", "/lib64", "/usr/local/go/bin/go", "/gocache", "/out",
		"../../../etc/shadow", os.Args[1],
	} {
		if file, err := os.Open(name); err == nil {
			fmt.Println("opened", name)
			file.Close()
		}
	}
	passwd, err := os.ReadFile("/etc/passwd")
	fmt.Printf("%q %v\n", passwd, err)
	fmt.Println(len(os.Environ()), os.Getuid(), os.Geteuid(), os.Getgid())
}
