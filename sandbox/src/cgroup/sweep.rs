//! Ending and removing what a dead service left.
//!
//! Whether it is dead, its lock tells; see [`lock`].

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{PREFIX, SERVICE_PREFIX, members};
use crate::lock;

/// Longest time that a start spends on waiting for the dead service's programs to end. One with much memory takes a while.
const PATIENCE: Duration = Duration::from_secs(5);

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
            && let Some(_lock) = lock::of_dead(&entry.path(), zygote, std::process::id(), begun + lock::PATIENCE)
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
    }
    if let Err(error) = fs::remove_dir(folder) {
        eprintln!("underhood: cannot remove {}: {error}", folder.display());
    }
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
}
