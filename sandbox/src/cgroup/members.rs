//! Who lives in a cgroup, moving them and ending them. The same files in v1 and v2 (cgroups(7)).

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// The pids in a cgroup, as this process sees them: 0 for each that is outside of its pid namespace.
pub(super) fn of(folder: &Path) -> io::Result<Vec<i32>> {
    let text = fs::read_to_string(folder.join("cgroup.procs"))?;
    Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
}

/// Moves a process with all its threads.
pub(super) fn move_to(folder: &Path, pid: i32) -> io::Result<()> {
    fs::write(folder.join("cgroup.procs"), pid.to_string())
}

/// Whether a process runs the very file that this one runs. What may not be looked at does not.
pub(super) fn is_of_this_program(pid: i32) -> bool {
    let file = |path: String| fs::metadata(path).map(|file| (file.dev(), file.ino()));
    match (file(format!("/proc/{pid}/exe")), file("/proc/self/exe".to_owned())) {
        (Ok(its), Ok(ours)) => its == ours,
        _ => false,
    }
}

/// Asks the kernel to kill all in a cgroup at once, where it can: v2, Linux 5.14.
pub(super) fn kill_all(folder: &Path) -> io::Result<()> {
    fs::write(folder.join("cgroup.kill"), "1")
}

/// Kills whatever is in a cgroup and removes it; false when something still is in there at the deadline.
pub(super) fn end(folder: &Path, deadline: Instant) -> bool {
    loop {
        match fs::remove_dir(folder) {
            Ok(()) => return true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return true,
            Err(_) if Instant::now() >= deadline => return false,
            Err(_) => {}
        }
        let killed = kill_all(folder).is_ok();
        let pids = of(folder).unwrap_or_default();
        let dying: Vec<OwnedFd> = pids.into_iter().filter_map(|pid| member(folder, pid)).collect();
        for pidfd in &dying {
            if !killed {
                let _ = pidfd_send_signal(pidfd, Signal::KILL);
            }
        }
        // Then removing is tried anew: the list may have been out of date, or a fork quicker than the kill.
        if dying.is_empty() {
            // A process whose last thread is about to end is listed no longer, but counted until it has.
            std::thread::sleep(Duration::from_millis(1));
        } else if !dying.iter().all(|pidfd| ends_by(pidfd, deadline)) {
            return false;
        }
    }
}

/// A descriptor for a process of the cgroup. The list is read again once the descriptor holds on to the process, so
/// that a pid which was given to another in the meantime is not mistaken for it.
fn member(folder: &Path, pid: i32) -> Option<OwnedFd> {
    let pidfd = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
    of(folder).is_ok_and(|pids| pids.contains(&pid)).then_some(pidfd)
}

/// Waits for a process to end; false when it has not by the deadline.
pub(super) fn ends_by(pidfd: &OwnedFd, deadline: Instant) -> bool {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // Rounded up, or the last millisecond would be spent in a busy loop.
        let left = PollTimeout::try_from(left.as_millis() + 1).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)], left) {
            Err(nix::errno::Errno::EINTR) => {}
            ready => return ready.is_ok_and(|count| count > 0),
        }
    }
}
