//! The rules themselves. To let a program do more, add its call here and an attack on it to the suite.

use nix::libc::*;

use super::filter::{Rule, Test};
use crate::spec::{Network, Processes};

/// Every call that has a rule; the rest gets ENOSYS.
pub(crate) fn rules(processes: Processes, network: Network) -> Vec<(i64, Rule)> {
    let mut rules: Vec<_> = ALLOWED.iter().map(|call| (*call, Rule::Allow)).collect();
    rules.extend(DENIED.iter().map(|call| (*call, Rule::Deny(EPERM))));
    rules.extend(by_argument(processes));
    rules.push((SYS_clone, clone_rule(processes)));
    let only_with_children = match processes {
        Processes::ThreadsOnly => Rule::Deny(EPERM),
        Processes::Children => Rule::Allow,
    };
    // Cells share inodes of the host (/dev/null, the time zones); a lock on one would be felt in another.
    rules.extend([
        (SYS_fork, only_with_children.clone()),
        (SYS_vfork, only_with_children.clone()),
        (SYS_flock, only_with_children),
    ]);
    if network == Network::None { stricter(rules, NO_SOCKETS.to_vec()) } else { rules }
}

/// Other rules in the place of some.
fn stricter(mut rules: Vec<(i64, Rule)>, others: Vec<(i64, Rule)>) -> Vec<(i64, Rule)> {
    rules.retain(|(call, _)| !others.iter().any(|(other, _)| other == call));
    rules.extend(others);
    rules
}

/// There is no other way to a socket in a cell: nothing is handed to it that one comes through.
const NO_SOCKETS: [(i64, Rule); 2] = [(SYS_socket, Rule::Deny(EACCES)), (SYS_socketpair, Rule::Deny(EACCES))];

/// The rules where no namespace separates a program from the host's network and processes, and its uid may be the
/// service's own: no sockets, no signals to others, and none of the calls on files that Landlock does not know.
pub(crate) fn reduced_rules(processes: Processes, own: u32) -> Vec<(i64, Rule)> {
    let deny = |calls: &[i64]| calls.iter().map(|call| (*call, Rule::Deny(EPERM))).collect::<Vec<_>>();
    let mut others = deny(UNKNOWN_TO_LANDLOCK);
    // Landlock before Linux 6.2 lets a file that may be read be cut off.
    others.extend([(SYS_open, no_cutting_off(1)), (SYS_openat, no_cutting_off(2))]);
    if processes == Processes::ThreadsOnly {
        let own = own.cast_signed();
        others.extend([SYS_kill, SYS_tgkill].map(|call| (call, one_of(0, &[own], EPERM))));
        others.extend(deny(SIGNALS));
    }
    stricter(rules(processes, Network::None), others)
}

fn no_cutting_off(flags: u8) -> Rule {
    let any = [masked(flags, O_TRUNC, 0), masked(flags, O_ACCMODE, O_WRONLY), masked(flags, O_ACCMODE, O_RDWR)];
    Rule::AllowIf { any: any.into_iter().map(|test| vec![test]).collect(), or: EACCES }
}

/// All namespace flags that clone(2) takes (sched.h).
const NAMESPACES: i32 =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

fn clone_rule(processes: Processes) -> Rule {
    let thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
    let test = match processes {
        Processes::ThreadsOnly => masked(0, thread | NAMESPACES, thread),
        Processes::Children => masked(0, NAMESPACES, 0),
    };
    Rule::AllowIf { any: vec![vec![test]], or: EPERM }
}

fn by_argument(processes: Processes) -> [(i64, Rule); 5] {
    /// PR_SET_VMA (linux/prctl.h), with which Go names its mappings.
    const PR_SET_VMA: i32 = 0x5356_4d41;
    let prctls = [
        PR_SET_NAME,
        PR_GET_NAME,
        PR_SET_VMA,
        PR_SET_NO_NEW_PRIVS,
        PR_SET_DUMPABLE,
        PR_GET_DUMPABLE,
        PR_SET_PDEATHSIG,
    ];
    let ioctls = [TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX].map(|request| request as i32);
    // SETLEASE and NOTIFY send signals across processes; the pipe size is kernel memory.
    let mut fcntls = vec![F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETPIPE_SZ, F_GET_SEALS];
    if processes == Processes::Children {
        fcntls.extend([F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW]);
    }
    let mut sockets = vec![vec![exactly(0, AF_UNIX)], vec![exactly(0, AF_NETLINK), exactly(2, NETLINK_ROUTE)]];
    // TCP and UDP only. The kernel loads the module of any other protocol for whoever asks, and few have looked at
    // those. The kind shares its argument with SOCK_NONBLOCK and SOCK_CLOEXEC, which lie above its four bits.
    for family in [AF_INET, AF_INET6] {
        for (kind, protocol) in [(SOCK_STREAM, IPPROTO_TCP), (SOCK_DGRAM, IPPROTO_UDP)] {
            for protocol in [0, protocol] {
                sockets.push(vec![exactly(0, family), masked(1, 0xf, kind), exactly(2, protocol)]);
            }
        }
    }
    [
        (SYS_prctl, one_of(0, &prctls, EPERM)),
        (SYS_ioctl, one_of(1, &ioctls, ENOTTY)),
        (SYS_fcntl, one_of(1, &fcntls, EPERM)),
        (SYS_prlimit64, one_of(0, &[0], EPERM)),
        (SYS_socket, Rule::AllowIf { any: sockets, or: EAFNOSUPPORT }),
    ]
}

fn one_of(argument: u8, values: &[i32], or: i32) -> Rule {
    Rule::AllowIf { any: values.iter().map(|value| vec![exactly(argument, *value)]).collect(), or }
}

fn exactly(argument: u8, value: i32) -> Test {
    masked(argument, -1, value)
}

fn masked(argument: u8, mask: i32, equals: i32) -> Test {
    Test { argument, mask: mask.cast_unsigned(), equals: equals.cast_unsigned() }
}

#[rustfmt::skip]
const ALLOWED: &[i64] = &[
    // files
    SYS_read, SYS_write, SYS_pread64, SYS_pwrite64, SYS_readv, SYS_writev, SYS_preadv, SYS_pwritev, SYS_preadv2,
    SYS_pwritev2, SYS_open, SYS_openat, SYS_creat, SYS_close, SYS_close_range, SYS_stat, SYS_fstat, SYS_lstat,
    SYS_newfstatat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_lseek, SYS_access, SYS_faccessat, SYS_faccessat2,
    SYS_getdents64, SYS_getcwd, SYS_chdir, SYS_fchdir, SYS_rename, SYS_renameat, SYS_renameat2, SYS_mkdir,
    SYS_mkdirat, SYS_rmdir, SYS_unlink, SYS_unlinkat, SYS_link, SYS_linkat, SYS_symlink, SYS_symlinkat,
    SYS_readlink, SYS_readlinkat, SYS_chmod, SYS_fchmod, SYS_fchmodat, SYS_chown, SYS_fchown, SYS_lchown,
    SYS_fchownat, SYS_umask, SYS_utime, SYS_utimes, SYS_futimesat, SYS_utimensat, SYS_truncate, SYS_ftruncate,
    SYS_fallocate, SYS_fadvise64, SYS_fsync, SYS_fdatasync, SYS_copy_file_range, SYS_sendfile,
    SYS_splice, SYS_tee,
    // memory
    SYS_mmap, SYS_mprotect, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mincore, SYS_msync, SYS_brk,
    // signals and time
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigtimedwait,
    SYS_rt_sigqueueinfo, SYS_rt_sigsuspend, SYS_rt_tgsigqueueinfo, SYS_sigaltstack, SYS_restart_syscall,
    SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_time,
    SYS_getitimer, SYS_setitimer, SYS_alarm, SYS_pause, SYS_timer_create, SYS_timer_settime, SYS_timer_gettime,
    SYS_timer_getoverrun, SYS_timer_delete, SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime,
    // threads and processes
    SYS_futex, SYS_sched_yield, SYS_sched_getaffinity, SYS_getcpu, SYS_set_tid_address, SYS_set_robust_list,
    SYS_get_robust_list, SYS_rseq, SYS_membarrier, SYS_arch_prctl, SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid,
    SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_getpgid, SYS_getpgrp,
    SYS_getsid, SYS_setsid, SYS_setpgid, SYS_execve, SYS_execveat, SYS_exit, SYS_exit_group, SYS_wait4, SYS_waitid,
    SYS_kill, SYS_tkill, SYS_tgkill, SYS_pidfd_open, SYS_pidfd_send_signal,
    // descriptors and sockets
    SYS_pipe, SYS_pipe2, SYS_dup, SYS_dup2, SYS_dup3, SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6,
    SYS_epoll_create, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_wait, SYS_epoll_pwait, SYS_epoll_pwait2,
    SYS_eventfd, SYS_eventfd2, SYS_signalfd, SYS_signalfd4,
    SYS_socketpair, SYS_bind, SYS_listen, SYS_accept, SYS_accept4,
    SYS_connect, SYS_getsockname, SYS_getpeername, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg,
    SYS_sendmmsg, SYS_recvmmsg, SYS_shutdown, SYS_setsockopt, SYS_getsockopt,
    // facts
    SYS_uname, SYS_sysinfo, SYS_getrusage, SYS_times, SYS_getrandom, SYS_getrlimit, SYS_setrlimit, SYS_getpriority,
];

/// What changes a file without opening it for writing (landlock(7), "Current limitations").
#[rustfmt::skip]
const UNKNOWN_TO_LANDLOCK: &[i64] = &[
    SYS_chmod, SYS_fchmod, SYS_fchmodat, SYS_chown, SYS_fchown, SYS_lchown, SYS_fchownat, SYS_truncate,
    SYS_utime, SYS_utimes, SYS_futimesat, SYS_utimensat,
];

/// Other ways than kill and tgkill to send a signal.
const SIGNALS: &[i64] =
    &[SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open, SYS_pidfd_send_signal];

#[rustfmt::skip]
const DENIED: &[i64] = &[
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_process_madvise, SYS_pidfd_getfd,
    SYS_mount, SYS_umount2, SYS_chroot, SYS_pivot_root, SYS_unshare, SYS_setns,
    // counted against the zygote's uid, whatever the cell's: one program could use up the host's
    SYS_inotify_init, SYS_inotify_init1,
    SYS_bpf, SYS_perf_event_open, SYS_seccomp, SYS_userfaultfd,
    SYS_keyctl, SYS_add_key, SYS_request_key,
    SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
    SYS_memfd_create, SYS_personality, SYS_mknod, SYS_mknodat, SYS_name_to_handle_at, SYS_open_by_handle_at,
    SYS_fanotify_init, SYS_fanotify_mark, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_kexec_load, SYS_kexec_file_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, SYS_syslog,
    SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname,
    SYS_mbind, SYS_set_mempolicy, SYS_get_mempolicy, SYS_migrate_pages, SYS_move_pages,
    SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr, SYS_setpriority,
    SYS_iopl, SYS_ioperm, SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid,
    SYS_setfsuid, SYS_setfsgid, SYS_setgroups, SYS_capset, SYS_vhangup, SYS_lookup_dcookie,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_call_is_named_twice() {
        let mut seen = BTreeSet::new();
        for (call, _) in rules(Processes::ThreadsOnly, Network::Loopback) {
            assert!(seen.insert(call), "system call {call} has two rules");
        }
        for (call, _) in reduced_rules(Processes::ThreadsOnly, 1) {
            assert!(!seen.insert(call), "system call {call} is allowed with fewer walls only");
        }
    }
}
