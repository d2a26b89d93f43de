//! Ending processes where no pid namespace ends them: the nearest subreaper gets what its dead children leave behind.

use std::fs;
use std::io;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use crate::report::{Control, Report, State};

/// Absent where the kernel was built without CONFIG_PROC_CHILDREN.
const CHILDREN: &str = "/proc/thread-self/children";

/// Kills and reaps the children of this process, and theirs as they arrive, until none is left but those to keep.
/// The process must have one thread, and be a subreaper (PR_SET_CHILD_SUBREAPER of prctl(2)).
///
/// # Errors
/// When its children cannot be known; some may be left then. [`control`] tells whether they ever can.
pub(crate) fn end_children(keep: impl Fn(Pid) -> bool) -> io::Result<()> {
    loop {
        let mut ended = false;
        for child in children()?.into_iter().filter(|child| !keep(*child)) {
            let _ = kill(child, Signal::SIGKILL);
            while let Err(Errno::EINTR) = waitpid(child, None) {}
            ended = true;
        }
        if !ended {
            return Ok(());
        }
    }
}

/// The children of the calling thread, by proc_pid_children(5).
fn children() -> io::Result<Vec<Pid>> {
    let children = fs::read_to_string(CHILDREN)?;
    Ok(children.split_whitespace().filter_map(|pid| pid.parse().ok().map(Pid::from_raw)).collect())
}

/// Whether [`end_children`] can work here.
pub(crate) fn control() -> Control {
    match children() {
        Ok(_) => {
            let detail = "what a dead process leaves behind is found, and ended";
            Control::new(Report::CHILDREN, State::Active, detail.to_owned())
        }
        Err(error) => {
            let detail = format!("{CHILDREN}: {error}; without namespaces the kernel needs CONFIG_PROC_CHILDREN");
            Control::new(Report::CHILDREN, State::Missing, detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_child_is_listed() {
        assert_eq!(control().state, State::Active);
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().expect("a child");
        let pid = Pid::from_raw(child.id().cast_signed());
        let listed = children().expect("children");
        drop(child.stdin.take());
        child.wait().expect("it ends");
        assert!(listed.contains(&pid));
        assert!(!children().expect("children").contains(&pid));
    }
}
