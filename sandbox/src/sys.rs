//! The one file with `unsafe`: the system calls that no crate wraps safely for a single-threaded process.
#![expect(unsafe_code, reason = "clone3, fork, mount_setattr and signal resets have no safe wrapper")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::libc;
use nix::unistd::{ForkResult, Pid};
use tokio::io::unix::AsyncFd;

/// What [`clone_cell`] returns in each of the two processes.
pub(crate) enum Cloned {
    /// In the zygote: the new cell's pid as the zygote sees it, and a descriptor for it.
    Parent { pid: Pid, pidfd: OwnedFd },
    /// In the new cell, as pid 1 of its own pid namespace.
    Child,
}

/// `struct clone_args` of clone3(2), the first 88 bytes (CLONE_ARGS_SIZE_VER2, Linux 5.7).
#[repr(C)]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// From linux/sched.h; libc's constant is too narrow for it.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// Makes a process in new namespaces: user, pid, mount, UTS and cgroup; with `own_network`, network and IPC as well, which
/// cost as much as all the others.
///
/// With `cgroup`, a descriptor of a cgroup v2 folder, the child starts its life there.
pub(crate) fn clone_cell(own_network: bool, cgroup: Option<BorrowedFd<'_>>) -> io::Result<Cloned> {
    let mut pidfd: RawFd = -1;
    let mut args = CloneArgs {
        flags: (libc::CLONE_NEWUSER
            | libc::CLONE_NEWPID
            | libc::CLONE_NEWNS
            | libc::CLONE_NEWUTS
            | libc::CLONE_NEWCGROUP
            | libc::CLONE_PIDFD) as u64,
        pidfd: &raw mut pidfd as u64,
        exit_signal: libc::SIGCHLD as u64,
        ..CloneArgs::default()
    };
    if own_network {
        args.flags |= (libc::CLONE_NEWNET | libc::CLONE_NEWIPC) as u64;
    }
    if let Some(cgroup) = cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = cgroup.as_raw_fd() as u64;
    }
    // SAFETY: `args` is a valid clone_args for the size given. Without CLONE_VM the child has its own copy of the
    // address space, as after fork; the zygote is single-threaded, so no lock can be held by a thread that is gone.
    let result = unsafe { libc::syscall(libc::SYS_clone3, &raw mut args, size_of::<CloneArgs>()) };
    match result {
        0 => Ok(Cloned::Child),
        pid if pid > 0 => {
            // SAFETY: the kernel has just put a new descriptor, ours alone, into `pidfd`.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            let pid = Pid::from_raw(i32::try_from(pid).expect("a pid fits in pid_t"));
            Ok(Cloned::Parent { pid, pidfd })
        }
        _ => Err(io::Error::last_os_error()),
    }
}

/// Makes a process in the namespaces of the caller, for a host that grants no others.
pub(crate) fn fork_cell() -> io::Result<Cloned> {
    match fork()? {
        ForkResult::Child => Ok(Cloned::Child),
        ForkResult::Parent { child } => {
            let pid = rustix::process::Pid::from_raw(child.as_raw()).expect("a child has a pid");
            // Nobody else reaps it, so the pid is still its own.
            let pidfd = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())?;
            Ok(Cloned::Parent { pid: child, pidfd })
        }
    }
}

/// fork(2), for a single-threaded process.
pub(crate) fn fork() -> nix::Result<ForkResult> {
    // SAFETY: the zygote and a cell's init have one thread, so no lock can be held by a thread that is gone.
    unsafe { nix::unistd::fork() }
}

/// Ends a process that was forked. What would run at the exit of the zygote itself is not this copy's to do, and would
/// only cost it the pages that it touches.
pub(crate) fn exit(code: i32) -> ! {
    // SAFETY: takes a number and does not return; nothing is buffered that would be lost.
    unsafe { libc::_exit(code) }
}

/// Closes every descriptor from `first` on, whoever opened it.
pub(crate) fn close_from(first: RawFd) -> io::Result<()> {
    // SAFETY: called once, at the start of the life of a cell or of another child of the zygote, before anything in it
    // owns a descriptor that high; what the zygote owned is leaked in this copy, never dropped. By the call's number, since
    // musl has no function for it.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Marks every descriptor from `first` on close-on-exec, so that a program gets 0, 1 and 2 alone.
pub(crate) fn cloexec_from(first: RawFd) -> io::Result<()> {
    // SAFETY: sets a flag; no descriptor is closed or handed out.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Duplicates `fd` onto the number `target`, without close-on-exec.
pub(crate) fn dup_onto(fd: impl AsFd, target: RawFd) -> io::Result<()> {
    // SAFETY: dup2 with valid descriptors; `target` is 0 to 3, which nothing in the caller owns as an `OwnedFd`.
    let result = unsafe { libc::dup2(fd.as_fd().as_raw_fd(), target) };
    if result >= 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Takes ownership of a descriptor known by number only.
pub(crate) fn adopt(fd: RawFd) -> OwnedFd {
    // SAFETY: called for the number that the caller has just filled by `dup_onto` or was started with, once each.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// Makes a descriptor known to the async runtime.
pub(crate) fn register(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` keeps its descriptor open until it is dropped, and no one here takes it out or swaps it.
    unsafe { AsyncFd::register(fd) }.map_err(|error| error.into_parts().1)
}

/// `struct mount_attr` of mount_setattr(2), Linux 5.12.
#[repr(C)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    userns_fd: u64,
}

/// Mount attributes of [`mount_setattr`], from linux/mount.h.
pub(crate) mod attr {
    pub(crate) const RDONLY: u64 = 0x1;
    pub(crate) const NOSUID: u64 = 0x2;
    pub(crate) const NODEV: u64 = 0x4;
    pub(crate) const NOEXEC: u64 = 0x8;
}

/// Sets attributes of the mount that `fd` refers to, and of all mounts below it when `recursive`.
pub(crate) fn mount_setattr(fd: impl AsFd, recursive: bool, set: u64) -> io::Result<()> {
    let attr = MountAttr { set, clear: 0, propagation: 0, userns_fd: 0 };
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: an empty C string, and a mount_attr of the size given, both alive during the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            fd.as_fd().as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Gives every signal its default action and unblocks all, since both are inherited over exec and Rust's own
/// start-up code ignores SIGPIPE.
pub(crate) fn reset_signals() -> io::Result<()> {
    // From 32 up to the first real-time signal they are the C library's own.
    let own = 32..libc::SIGRTMIN();
    for number in (1..=64).filter(|number| !own.contains(number)) {
        if matches!(number, libc::SIGKILL | libc::SIGSTOP) {
            continue;
        }
        // SAFETY: SIG_DFL installs no handler, so no code of ours can be interrupted by it.
        let previous = unsafe { libc::signal(number, libc::SIG_DFL) };
        if previous == libc::SIG_ERR {
            return Err(io::Error::last_os_error());
        }
    }
    nix::sys::signal::SigSet::empty().thread_set_mask().map_err(Into::into)
}

/// Brings the loopback interface of the current network namespace up.
pub(crate) fn loopback_up() -> io::Result<()> {
    let socket = rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::DGRAM, None)?;
    let mut request = libc::ifreq {
        ifr_name: [0; libc::IFNAMSIZ],
        ifr_ifru: libc::__c_anonymous_ifr_ifru { ifru_flags: (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short },
    };
    request.ifr_name[0] = b'l'.cast_signed();
    request.ifr_name[1] = b'o'.cast_signed();
    // SAFETY: SIOCSIFFLAGS reads an ifreq with a NUL-terminated name and its flags, which `request` is.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as libc::Ioctl, &raw const request) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
