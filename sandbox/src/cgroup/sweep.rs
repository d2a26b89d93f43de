//! Ending and removing what a dead service left.
//!
//! A zygote holds a lock (flock(2)) on its folder for as long as it lives; the kernel lets go of it with the zygote's
//! last descriptor. So a zygote is told from a dead one even where pids were given anew, or where it lives in another
//! pid namespace and cannot be seen.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::{PREFIX, SERVICE_PREFIX, members};
use crate::zygote::is_alive;

/// Longest time that a start spends on waiting for the dead service's programs to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Longest time that it spends on waiting for locks. A cell that was being set up when its zygote died still has the
/// zygote's descriptors, for the moment that it takes to notice; and two starts may sweep at once.
const LOCK_PATIENCE: Duration = Duration::from_millis(200);

/// Takes the lock of a folder of ours.
pub(super) fn lock(folder: &Path) -> io::Result<File> {
    let file = File::open(folder)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

/// Removes the folders of services that are gone, and only those. What lives in them is killed first: a program may
/// be stopped, or a zygote killed a moment ago.
pub(super) fn sweep(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    let begun = Instant::now();
    for entry in entries.flatten() {
        let name = entry.file_name();
        if is_of_a_service(&name) {
            // Holds no program of a reader's, so nothing in it is killed; it is removed only when empty.
            let _ = fs::remove_dir(entry.path());
        } else if let Some(zygote) = zygote_of(&name)
            && let Some(_lock) = lock_of_dead(&entry.path(), zygote, begun + LOCK_PATIENCE)
        {
            remove(&entry.path(), begun + PATIENCE);
        }
    }
}

/// The pid in `underhood-<pid>`.
fn zygote_of(name: &OsStr) -> Option<u32> {
    name.to_str()?.strip_prefix(PREFIX)?.parse().ok()
}

fn is_of_a_service(name: &OsStr) -> bool {
    name.to_str().and_then(|name| name.strip_prefix(SERVICE_PREFIX)).is_some_and(|pid| pid.parse::<u32>().is_ok())
}

/// The lock of a folder whose zygote is gone. A zygote that has made its folder but not locked it yet is known by its
/// name.
fn lock_of_dead(folder: &Path, zygote: u32, deadline: Instant) -> Option<File> {
    if zygote != std::process::id() && is_alive(zygote) {
        return None;
    }
    loop {
        match lock(folder) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < deadline => {}
            locked => return locked.ok(),
        }
        // flock has no waiting with an end.
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn remove(folder: &Path, deadline: Instant) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let leaves: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    // All are killed before the first is waited for.
    for leaf in &leaves {
        let _ = members::kill_all(leaf);
    }
    for leaf in &leaves {
        if !members::end(leaf, deadline) {
            eprintln!("underhood: {} holds processes that do not end", leaf.display());
        }
        let _ = fs::remove_dir(leaf);
    }
    let _ = fs::remove_dir(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_known() {
        assert_eq!(zygote_of(OsStr::new("underhood-12")), Some(12));
        for other in ["underhood-", "underhood-12x", "underhood-service-12", "underhood.service", "user-12", "12"] {
            assert_eq!(zygote_of(OsStr::new(other)), None, "{other}");
        }
        assert!(is_of_a_service(OsStr::new("underhood-service-12")));
        assert!(!is_of_a_service(OsStr::new("underhood-12")));
    }

    #[test]
    fn what_a_living_zygote_holds_is_not_touched() {
        let base = tempfile::tempdir().expect("a folder");
        // No zygote of that pid can be seen, as if it lived in another pid namespace.
        let folder = base.path().join(format!("{PREFIX}{}", u32::MAX));
        fs::create_dir_all(folder.join("cell-1")).expect("folders");
        fs::write(folder.join("cell-1/cgroup.procs"), "").expect("a file");
        let held = lock(&folder).expect("a lock");
        assert!(lock_of_dead(&folder, u32::MAX, Instant::now()).is_none());
        drop(held);
        assert!(lock_of_dead(&folder, u32::MAX, Instant::now()).is_some());
    }
}
