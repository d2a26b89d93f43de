//! Ending processes where no pid namespace ends them: the nearest subreaper gets what its dead children leave behind.

use std::fs;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

/// Kills and reaps the children of this process, and theirs as they arrive, until none is left but those to keep.
/// The process must have one thread, and be a subreaper (PR_SET_CHILD_SUBREAPER of prctl(2)).
pub(crate) fn end_children(keep: impl Fn(Pid) -> bool) {
    loop {
        let children = fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
        let children: Vec<Pid> =
            children.split_whitespace().filter_map(|pid| pid.parse().ok().map(Pid::from_raw)).collect();
        let mut ended = false;
        for child in children.into_iter().filter(|child| !keep(*child)) {
            let _ = kill(child, Signal::SIGKILL);
            while let Err(Errno::EINTR) = waitpid(child, None) {}
            ended = true;
        }
        if !ended {
            return;
        }
    }
}
