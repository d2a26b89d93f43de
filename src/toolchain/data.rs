//! The data folder, and how something is put there whole or not at all.
//!
//! Each kind of thing has a folder of its own with a `.lock` file. Who holds the lock works in a
//! folder beside the final place, named `.unfinished-…`, and renames it into place as the last step.
//! The lock goes with its process, so an unfinished folder under a free lock is a leftover of a
//! killed one and is removed by the next.

use std::{
    env, fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
};
use tempfile::TempDir;

use super::progress::{Interrupted, Progress, Unit};

const UNFINISHED: &str = ".unfinished-";
const POLL: Duration = Duration::from_millis(100);

/// Where underhood keeps what it installs and prepares.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// Why something could not be put into the data folder.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Neither UNDERHOOD_DATA nor a home folder is known.
    #[error("no place to keep data: set UNDERHOOD_DATA to a folder")]
    NoPlace,
    /// The operating system refused (read-only, full, …).
    #[error("cannot write to {path}: {cause}; set UNDERHOOD_DATA to a folder with room that you can write to")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Asked to stop while waiting.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl DataDir {
    /// UNDERHOOD_DATA, else `$XDG_DATA_HOME/underhood`, else `~/.local/share/underhood`.
    /// Relative paths count from the current folder, except that XDG_DATA_HOME
    /// must be absolute (its specification says to ignore it otherwise).
    pub fn from_env() -> Result<Self, DataError> {
        Self::named(set("UNDERHOOD_DATA").as_deref())
    }

    /// The folder that somebody named, else what comes after UNDERHOOD_DATA. An empty path names none.
    pub fn named(path: Option<&Path>) -> Result<Self, DataError> {
        let path = path
            .filter(|path| !path.as_os_str().is_empty())
            .map(Path::to_owned)
            .or_else(|| Some(set("XDG_DATA_HOME").filter(|p| p.is_absolute())?.join("underhood")))
            .or_else(|| Some(set("HOME")?.join(".local/share/underhood")))
            .ok_or(DataError::NoPlace)?;
        let path = std::path::absolute(&path).map_err(|cause| DataError::Write { path, cause })?;
        Ok(Self(path))
    }

    /// A data folder at `path`, which need not exist yet.
    #[cfg(test)]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Its absolute path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Holds one folder `goX.Y.Z` for each installed toolchain.
    pub fn toolchains(&self) -> PathBuf {
        self.0.join("toolchains")
    }

    /// Holds what readers share, unless the operator names another place.
    pub fn shares(&self) -> PathBuf {
        self.0.join("shares")
    }

    /// Holds one folder for each toolchain's compiled standard library.
    pub fn std(&self) -> PathBuf {
        self.0.join("std")
    }
}

fn set(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Where what builds came to is kept, which is lost without harm: what somebody named, else `$XDG_CACHE_HOME/underhood`,
/// else `~/.cache/underhood`. `None` when none of them is set.
pub fn cache_folder(named: Option<&Path>) -> Option<PathBuf> {
    let path = named
        .filter(|path| !path.as_os_str().is_empty())
        .map(Path::to_owned)
        .or_else(|| Some(set("XDG_CACHE_HOME").filter(|p| p.is_absolute())?.join("underhood")))
        .or_else(|| Some(set("HOME")?.join(".cache/underhood")))?;
    std::path::absolute(path).ok()
}

/// The right to change one folder of the data folder. Only one process has it at a time.
#[derive(Debug)]
pub(super) struct Claim {
    folder: PathBuf,
    _lock: Flock<fs::File>,
}

impl Claim {
    /// Takes the lock of `folder`, making the folder where needed, and removes leftovers.
    /// Waits while another process holds the lock, and says so.
    pub(super) fn take(folder: &Path, progress: &mut dyn Progress) -> Result<Self, DataError> {
        make_folder(folder)?;
        let path = folder.join(".lock");
        let open = || fs::File::options().create(true).append(true).open(&path);
        let mut file = open().map_err(|cause| write_error(&path, cause))?;
        let mut waiting = false;
        let lock = loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => break lock,
                Err((back, Errno::EWOULDBLOCK)) => file = back,
                Err((_, errno)) => return Err(write_error(&path, errno.into())),
            }
            if !waiting {
                progress.start("Waiting for another underhood that is busy with the same", Unit::Items, None);
                waiting = true;
            }
            let told = progress.advance(0);
            if told.is_err() {
                progress.finish();
            }
            told?;
            thread::sleep(POLL);
        };
        if waiting {
            progress.finish();
        }
        let claim = Self { folder: folder.to_owned(), _lock: lock };
        claim.sweep().map_err(|cause| write_error(folder, cause))?;
        Ok(claim)
    }

    /// A new unfinished folder, removed when dropped.
    pub(super) fn unfinished(&self) -> Result<TempDir, DataError> {
        tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempdir_in(&self.folder)
            .map_err(|cause| write_error(&self.folder, cause))
    }

    /// Moves `from` (inside an unfinished folder) to `name`, after everything in it has
    /// reached the disk. What lies there already is moved into `unfinished`, to go with it.
    pub(super) fn put(&self, from: &Path, name: &str, unfinished: &TempDir) -> Result<PathBuf, DataError> {
        let place = self.folder.join(name);
        let put = || {
            let folder = fs::File::open(&self.folder)?;
            nix::unistd::syncfs(&folder)?;
            if fs::symlink_metadata(&place).is_ok() {
                fs::rename(&place, unfinished.path().join("replaced"))?;
            }
            fs::rename(from, &place)?;
            folder.sync_all()
        };
        put().map_err(|cause| write_error(&place, cause))?;
        Ok(place)
    }

    fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                // A child of the killed process may still write there for a moment; what it
                // manages to leave behind goes the next time.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }
}

pub(super) fn write_error(path: &Path, cause: io::Error) -> DataError {
    DataError::Write { path: path.to_owned(), cause }
}

/// Makes a folder that everyone can read, whatever the umask. Folders that are there stay as they are.
fn make_folder(folder: &Path) -> Result<(), DataError> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(parent)?;
    }
    match fs::create_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => return Ok(()),
        other => other.map_err(|e| write_error(folder, e))?,
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(|e| write_error(folder, e))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::{super::progress::Silent, *};

    #[test]
    fn leftovers_go_and_only_ours() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir_all(data.path().join(".unfinished-dead/go")).unwrap();
        fs::create_dir_all(data.path().join("go1.27.3")).unwrap();
        fs::create_dir_all(data.path().join("notes")).unwrap();
        Claim::take(data.path(), &mut Silent).unwrap();
        assert!(!data.path().join(".unfinished-dead").exists());
        assert!(data.path().join("go1.27.3").exists() && data.path().join("notes").exists());
    }

    /// Tells the test that it waits, and lets the test decide when to give up.
    struct Waiter(mpsc::Sender<()>, bool);

    impl Progress for Waiter {
        fn start(&mut self, _: &str, _: Unit, _: Option<u64>) {
            self.0.send(()).unwrap();
        }
        fn advance(&mut self, _: u64) -> Result<(), Interrupted> {
            if self.1 { Err(Interrupted) } else { Ok(()) }
        }
        fn finish(&mut self) {}
        fn note(&mut self, _: &str) {}
    }

    #[test]
    fn a_second_claim_waits_and_does_not_sweep_under_the_first() {
        let data = tempfile::tempdir().unwrap();
        let first = Claim::take(data.path(), &mut Silent).unwrap();
        let unfinished = first.unfinished().unwrap();
        let (told, waits) = mpsc::channel();
        thread::scope(|scope| {
            let second = scope.spawn(|| Claim::take(data.path(), &mut Waiter(told, false)).map(drop));
            waits.recv().unwrap();
            assert!(unfinished.path().is_dir());
            drop((unfinished, first));
            second.join().unwrap().unwrap();
        });
    }

    #[test]
    fn waiting_can_be_interrupted() {
        let data = tempfile::tempdir().unwrap();
        let _first = Claim::take(data.path(), &mut Silent).unwrap();
        let (told, _waits) = mpsc::channel();
        let second = Claim::take(data.path(), &mut Waiter(told, true));
        assert!(matches!(second, Err(DataError::Interrupted(_))));
    }

    #[test]
    fn a_file_in_the_way_is_a_clear_error() {
        let data = tempfile::tempdir().unwrap();
        let blocked = data.path().join("file");
        fs::write(&blocked, "").unwrap();
        let error = Claim::take(&blocked.join("toolchains"), &mut Silent).unwrap_err().to_string();
        assert!(error.contains("cannot write to") && error.contains("UNDERHOOD_DATA"), "{error}");
    }
}
