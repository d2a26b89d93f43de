//! Telling a living zygote's folder from a dead one's.
//!
//! A zygote holds a lock (flock(2)) on its folders for as long as it lives; the kernel lets go of it with the zygote's
//! last descriptor. So a zygote is told from a dead one even where pids were given anew, or where it lives in another
//! pid namespace and cannot be seen.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use crate::spec::ZYGOTE_NAME;

/// Longest time to wait for the lock of a dead zygote. A cell that was being set up when its zygote died still has the
/// zygote's descriptors, for the moment that it takes to notice; and two starts may sweep at once.
pub(crate) const PATIENCE: Duration = Duration::from_millis(200);

/// Takes the lock of a folder of ours.
///
/// # Errors
/// When another has it, [`io::ErrorKind::WouldBlock`].
pub(crate) fn take(folder: &Path) -> io::Result<File> {
    let file = File::open(folder)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

/// The lock of a folder that was made by the zygote with this pid, if that is gone. A zygote that has made its folder but
/// not locked it yet is known by its name. `own` is the pid of the zygote that asks: what bears it is an earlier one's.
pub(crate) fn of_dead(folder: &Path, zygote: u32, own: u32, deadline: Instant) -> Option<File> {
    if zygote != own && is_alive(zygote) {
        return None;
    }
    loop {
        match take(folder) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < deadline => {}
            locked => return locked.ok(),
        }
        // flock has no waiting with an end.
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process is a living zygote, of whichever service.
fn is_alive(pid: u32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(ZYGOTE_NAME.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_living_zygote_holds_is_not_given_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = take(folder.path()).expect("a lock");
        // No zygote of that pid can be seen, as if it lived in another pid namespace.
        let of_dead = || of_dead(folder.path(), u32::MAX, std::process::id(), Instant::now());
        assert!(of_dead().is_none());
        drop(held);
        assert!(of_dead().is_some());
    }
}
