// Links, moves and hides what is not its own, and lays traps where someone may look after it.
package main

import (
	"fmt"
	"os"
	"syscall"
)

func main() {
	is := func(what string, err error) { fmt.Printf("%s: %v\n", what, err != nil) }
	is("hard link to the time zones", os.Link("/usr/local/go/lib/time/zoneinfo.zip", "/tmp/zones"))
	is("hard link to passwd", os.Link("/etc/passwd", "/tmp/passwd"))
	is("hard link to null", os.Link("/dev/null", "/tmp/null"))
	is("move /tmp", os.Rename("/tmp", "/code/tmp"))
	is("remove /tmp", os.Remove("/tmp"))
	is("remove /code", os.Remove("/code"))
	is("move over /dev/null", func() error {
		os.WriteFile("/tmp/x", nil, 0o644)
		return os.Rename("/tmp/x", "/dev/null")
	}())
	is("exchange", syscall.Rename("/code", "/usr"))
	is("fifo", syscall.Mkfifo("/tmp/fifo", 0o666))
	is("device", syscall.Mknod("/tmp/device", syscall.S_IFBLK|0o666, 8<<8))
	is("socket", syscall.Mknod("/tmp/socket", syscall.S_IFSOCK|0o666, 0))
	is("owner", os.Chown("/tmp/x", 0, 0))
	is("up", func() error { _, err := os.Open("/../../../../../../etc/shadow"); return err }())
	os.Symlink("loop", "/tmp/loop")
	is("loop", func() error { _, err := os.Open("/tmp/loop"); return err }())
	os.RemoveAll("/code/main.go")
	os.Symlink("/etc/passwd", "/code/main.go")
	os.Chmod("/code", 0)
	os.Chmod("/tmp", 0)
	syscall.Chroot("/tmp")
	fmt.Println("done")
}
