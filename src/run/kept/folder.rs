//! A folder of entries, flat, each a file named by its key in hexadecimal.
//!
//! Several processes may use it at once, without a lock. A file comes whole, by a rename, and is never changed
//! afterwards but in its mtime, which is when it was last of use. That another process removed a file is no error.
//! Nothing is synced: a file that a power failure cut is found by its digest.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use nix::fcntl::OFlag;
use tempfile::NamedTempFile;

use super::format::{self, Unread};
use super::warnings::Warnings;
use super::{Entry, Key};

/// Begins the name of a file that is being written.
const TEMPORARY: &str = ".new-";
/// No write takes so long. Who began one that is older was killed.
const LEFT_OVER: Duration = Duration::from_secs(60 * 60);
/// A file takes whole blocks, of this many bytes on nearly every file system.
const BLOCK: u64 = 4 << 10;

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    limit: u64,
    damaged: Warnings,
    failed: Warnings,
}

impl Folder {
    /// Makes it if it is missing, and closes it to others. Looks at nothing in it.
    ///
    /// # Errors
    /// When it cannot be made or read, or belongs to another user, who could put programs of his own there.
    pub fn open(path: &Path, limit: u64) -> io::Result<Self> {
        let folder = Self { path: path.to_owned(), limit, damaged: Warnings::new(10), failed: Warnings::new(1) };
        folder.make()?;
        let metadata = fs::metadata(path)?;
        if metadata.uid() != nix::unistd::geteuid().as_raw() {
            return Err(io::Error::new(ErrorKind::PermissionDenied, "it belongs to another user"));
        }
        if metadata.mode() & 0o077 != 0 {
            fs::set_permissions(path, Permissions::from_mode(0o700))?;
        }
        fs::read_dir(path)?;
        Ok(folder)
    }

    /// Reads an entry and marks it as used. One that is damaged is removed.
    pub fn read(&self, key: &Key) -> Option<Entry> {
        let path = self.path_of(key);
        // Without O_NONBLOCK, a fifo in its place would keep us waiting.
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let read = match OpenOptions::new().read(true).custom_flags(flags.bits()).open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => Err(format::unreadable(error)),
            Ok(file) => format::read(&file, key, self.limit / 4).inspect(|_| touch(&file, SystemTime::now())),
        };
        match read {
            Ok(entry) => return Some(entry),
            Err(Unread::Damaged(why)) => {
                let removed = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
                self.warn_of_damage(&path, &why, removed);
            }
            Err(Unread::Failed(error)) => self.warn_of_failure("read", &error),
        }
        None
    }

    /// Writes an entry, as last used then. What it takes is [`room`].
    ///
    /// # Errors
    /// When the disk is full, for one. Nothing is left of it then.
    pub fn write(&self, key: &Key, entry: &Entry, used: SystemTime) -> io::Result<()> {
        let file = match self.temporary() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // Somebody emptied the place.
                self.make()?;
                self.temporary()?
            }
            made => made?,
        };
        format::write(file.as_file(), key, entry)?;
        touch(file.as_file(), used);
        // Not persisted, it is removed when the error is dropped.
        file.persist(self.path_of(key)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Marks an entry as used then, if it is there.
    pub fn touch(&self, key: &Key, used: SystemTime) {
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        if let Ok(file) = OpenOptions::new().read(true).custom_flags(flags.bits()).open(self.path_of(key)) {
            touch(&file, used);
        }
    }

    /// Counts what is there, removes what was left over, and if all takes more than `bound` bytes, removes the least
    /// recently used until an eighth of the limit is free, so that this is not to be done at each write. Files that
    /// are neither entries nor ours are let be. `used` is what is known better than by mtimes.
    ///
    /// Returns how many bytes there are.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn trim(&self, bound: u64, used: &HashMap<Key, SystemTime>) -> io::Result<u64> {
        let mut files = Vec::new();
        let mut bytes = 0;
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            // Gone in the meantime, if there is none.
            let Some(metadata) = entry.metadata().ok().filter(Metadata::is_file) else { continue };
            let mtime = metadata.modified()?;
            if let Some(key) = Key::from_name(&name) {
                let known = used.get(&key).copied().filter(|used| *used > mtime);
                if let Some(used) = known {
                    self.touch(&key, used);
                }
                files.push((known.unwrap_or(mtime), key, blocks(metadata.len())));
            } else if name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes()) {
                let is_left_over = mtime.elapsed().is_ok_and(|age| age > LEFT_OVER);
                if is_left_over && fs::remove_file(entry.path()).is_ok() {
                    continue;
                }
            } else {
                continue;
            }
            bytes += blocks(metadata.len());
        }
        if bytes > bound {
            files.sort_unstable();
            let target = bound.min(self.limit - self.limit / 8);
            for (_, key, size) in files {
                if bytes <= target {
                    break;
                }
                match fs::remove_file(self.path_of(&key)) {
                    Err(error) if error.kind() != ErrorKind::NotFound => self.warn_of_failure("remove", &error),
                    _ => bytes -= size,
                }
            }
        }
        Ok(bytes)
    }

    /// Tells, at most once in a minute, that results cannot be kept here.
    pub fn warn_of_failure(&self, attempt: &'static str, error: &io::Error) {
        let Some(held_back) = self.failed.next() else { return };
        tracing::warn!(
            folder = %self.path.display(), attempt, %error, held_back,
            "results cannot be kept on disk, and are made anew when they are not in memory: make room there and see \
             that this user can write to it",
        );
    }

    fn warn_of_damage(&self, path: &Path, why: &str, removed: io::Result<()>) {
        let Some(held_back) = self.damaged.next() else { return };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => tracing::warn!(
                file = %path.display(), why, %error, held_back,
                "a kept result is damaged and not used, but cannot be removed: remove it by hand",
            ),
            _ => tracing::warn!(
                file = %path.display(), why, held_back,
                "a kept result was damaged and is removed; it is made anew. If there are more, check the disk",
            ),
        }
    }

    fn make(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path)
    }

    fn temporary(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix(TEMPORARY).permissions(Permissions::from_mode(0o600)).tempfile_in(&self.path)
    }

    fn path_of(&self, key: &Key) -> PathBuf {
        self.path.join(key.to_string())
    }
}

/// How many bytes an entry takes on disk.
pub(super) fn room(entry: &Entry) -> u64 {
    blocks(format::length(entry))
}

fn blocks(length: u64) -> u64 {
    length.next_multiple_of(BLOCK)
}

/// In a folder that can only be read, nothing is marked, and nothing is removed either.
fn touch(file: &File, used: SystemTime) {
    let _ = file.set_modified(used);
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
