// Asks the kernel for what no program here may have. Prints each call and what the kernel said.
package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

func main() {
	path := uintptr(unsafe.Pointer(&[]byte("/tmp\x00")[0]))
	kind := uintptr(unsafe.Pointer(&[]byte("tmpfs\x00")[0]))
	for _, call := range []struct {
		name          string
		number        uintptr
		a, b, c, d, e uintptr
	}{
		{"ptrace", syscall.SYS_PTRACE, 0, 0, 0, 0, 0},
		{"process_vm_readv", 310, 1, 0, 0, 0, 0},
		{"mount", syscall.SYS_MOUNT, kind, path, kind, 0, 0},
		{"umount2", syscall.SYS_UMOUNT2, path, 0, 0, 0, 0},
		{"chroot", syscall.SYS_CHROOT, path, 0, 0, 0, 0},
		{"pivot_root", syscall.SYS_PIVOT_ROOT, path, path, 0, 0, 0},
		{"unshare", syscall.SYS_UNSHARE, syscall.CLONE_NEWUSER, 0, 0, 0, 0},
		{"setns", 308, 0, 0, 0, 0, 0},
		{"setuid", syscall.SYS_SETUID, 0, 0, 0, 0, 0},
		{"setgid", syscall.SYS_SETGID, 0, 0, 0, 0, 0},
		{"setresuid", syscall.SYS_SETRESUID, 0, 0, 0, 0, 0},
		{"capset", syscall.SYS_CAPSET, 0, 0, 0, 0, 0},
		{"keyctl", syscall.SYS_KEYCTL, 0, 0, 0, 0, 0},
		{"add_key", syscall.SYS_ADD_KEY, 0, 0, 0, 0, 0},
		{"bpf", 321, 0, 0, 0, 0, 0},
		{"perf_event_open", syscall.SYS_PERF_EVENT_OPEN, 0, 0, 0, 0, 0},
		{"userfaultfd", 323, 0, 0, 0, 0, 0},
		{"io_uring_setup", 425, 1, 0, 0, 0, 0},
		{"memfd_create", 319, path, 0, 0, 0, 0},
		{"personality", syscall.SYS_PERSONALITY, 0x0040000, 0, 0, 0, 0},
		{"mknod", syscall.SYS_MKNOD, path, syscall.S_IFCHR, 0, 0, 0},
		{"open_by_handle_at", 304, 0, 0, 0, 0, 0},
		{"init_module", syscall.SYS_INIT_MODULE, 0, 0, 0, 0, 0},
		{"kexec_load", syscall.SYS_KEXEC_LOAD, 0, 0, 0, 0, 0},
		{"reboot", syscall.SYS_REBOOT, 0, 0, 0, 0, 0},
		{"syslog", syscall.SYS_SYSLOG, 3, 0, 0, 0, 0},
		{"settimeofday", syscall.SYS_SETTIMEOFDAY, 0, 0, 0, 0, 0},
		{"sethostname", syscall.SYS_SETHOSTNAME, path, 4, 0, 0, 0},
		{"ioperm", syscall.SYS_IOPERM, 0, 1, 1, 0, 0},
		{"seccomp", 317, 0, 0, 0, 0, 0},
		{"memfd_secret", 447, 0, 0, 0, 0, 0},
		{"shmget", syscall.SYS_SHMGET, 0, 4096, 0, 0, 0},
		{"mq_open", syscall.SYS_MQ_OPEN, path, 0, 0, 0, 0},
		{"openat2", 437, 0, 0, 0, 0, 0},
		{"fsopen", 430, kind, 0, 0, 0, 0},
		{"tiocsti", syscall.SYS_IOCTL, 0, 0x5412, path, 0, 0},
	} {
		_, _, errno := syscall.RawSyscall6(call.number, call.a, call.b, call.c, call.d, call.e, 0)
		fmt.Println(call.name, int(errno))
	}
}
