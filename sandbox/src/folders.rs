//! The cells' folders on a host that grants no mounts.

mod removal;

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::Instant;

use nix::sys::wait::waitpid;
use nix::unistd::{Pid, Uid, geteuid, seteuid};

use crate::lock;
use crate::spec::{At, CellSpec, Failure, Mount};
use crate::sys::{self, Cloned};

/// Holds one folder for each zygote, named with its pid.
const PARENT: &str = "/tmp";

/// What every folder of ours is called, before the zygote's pid.
const PREFIX: &str = "underhood-";

/// How many folders are made before giving up, when others sweep each away.
const ATTEMPTS: usize = 16;

/// A zygote's own folder. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct Folders {
    home: PathBuf,
    /// Tells other zygotes that this one lives.
    _lock: File,
    links: Links,
}

/// Folders of symbolic links to the files of another folder, by that folder. To make such a link takes a disk far
/// longer than to give it another name, and every build needs two thousand: each cell has names for these.
pub(crate) type Links = BTreeMap<PathBuf, PathBuf>;

/// A child that removes folders: that may take longer than anyone else should wait.
#[derive(Debug)]
pub(crate) struct Remover {
    pub(crate) pid: Pid,
    /// Readable when it is done.
    pub(crate) pidfd: OwnedFd,
}

impl Folders {
    /// Makes a folder that no one else can enter by guessing.
    pub(crate) fn make() -> Result<Self, Failure> {
        let template = format!("{PARENT}/{PREFIX}{}-XXXXXX", std::process::id());
        let (home, lock) = (0..ATTEMPTS)
            .find_map(|_| make_locked(&template).transpose())
            .unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
            .at(format_args!("make {template}"))?;
        // Cells of other users pass through it, but cannot list it.
        fs::set_permissions(&home, Permissions::from_mode(0o711)).at("open the folder of cells")?;
        Ok(Self { home, _lock: lock, links: Links::new() })
    }

    /// A new folder for a cell.
    pub(crate) fn create(&mut self, id: u64, spec: &CellSpec, owner: Option<u32>) -> Result<PathBuf, Failure> {
        for mount in &spec.mounts {
            if let Mount::Overlay { lower, .. } = mount
                && !self.links.contains_key(lower)
            {
                let links = self.home.join(format!("links-{}", self.links.len()));
                link_all(lower, &links)
                    .inspect_err(|_| remove_cell(&links))
                    .at(format_args!("link {}", lower.display()))?;
                self.links.insert(lower.clone(), links);
            }
        }
        let folder = self.home.join(format!("cell-{id}"));
        let at = || format!("make {}", folder.display());
        // In this order: whose folder it is no longer, may lack the right to change it.
        fs::DirBuilder::new().mode(0o700).create(&folder).at(at())?;
        chown(&folder, owner, owner).at(at())?;
        Ok(folder)
    }

    /// For the folders below overlays.
    pub(crate) fn links(&self) -> &Links {
        &self.links
    }
}

/// Has a cell's folder removed, whose processes are gone. `None` when that is done already.
pub(crate) fn remove(folder: &Path) -> Option<Remover> {
    match sys::fork_cell() {
        Ok(Cloned::Child) => Remover::live(|| remove_cell(folder)),
        Ok(Cloned::Parent { pid, pidfd }) => Some(Remover { pid, pidfd }),
        Err(_) => {
            remove_cell(folder);
            None
        }
    }
}

/// Has the folders removed that dead zygotes of this user left. `None` when there are none. To be called before this
/// zygote makes its own.
pub(crate) fn sweep() -> Option<Remover> {
    let (homes, own) = (homes_in(Path::new(PARENT)), std::process::id());
    if homes.is_empty() {
        return None;
    }
    match sys::fork_cell() {
        Ok(Cloned::Child) => {
            Remover::live(|| homes.iter().for_each(|(home, zygote)| remove_dead(home, *zygote, own)))
        }
        Ok(Cloned::Parent { pid, pidfd }) => Some(Remover { pid, pidfd }),
        Err(error) => {
            eprintln!("underhood: what earlier services left in {PARENT} stays there: {error}");
            None
        }
    }
}

impl Remover {
    /// What the child does. The service's socket, the cells' lifelines and the locks must be the zygote's alone, or its
    /// end would not be seen as long as this goes on.
    fn live(work: impl FnOnce()) -> ! {
        if let Err(error) = let_go_of_the_zygotes() {
            eprintln!("underhood: cannot begin to remove folders: {error}");
            sys::exit(1)
        }
        work();
        sys::exit(0)
    }

    /// Waits until it is done.
    pub(crate) fn reap(&self) {
        while let Err(nix::errno::Errno::EINTR) = waitpid(self.pid, None) {}
    }
}

/// Leaves standard error, and /dev/null for the rest.
fn let_go_of_the_zygotes() -> io::Result<()> {
    let null = File::open("/dev/null")?;
    sys::dup_onto(&null, 0)?;
    // Closed below with all others; 0 to 2 are always taken, so it is none of them.
    std::mem::forget(null);
    sys::close_from(3)
}

impl Drop for Folders {
    fn drop(&mut self) {
        remove_home(&self.home);
    }
}

/// Of a zygote all of whose cells are gone.
fn remove_home(home: &Path) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        remove_cell(&entry.path());
    }
    told(home, fs::remove_dir(home));
}

/// A cell with a uid of its own may have made folders out of which only that uid can remove anything (the sticky bit),
/// unless root has more rights than it needs for all else here.
fn remove_cell(folder: &Path) {
    let as_owner = || -> io::Result<()> {
        let (own, owner) = (geteuid(), Uid::from_raw(fs::symlink_metadata(folder)?.uid()));
        seteuid(owner)?;
        let emptied = removal::empty(folder);
        seteuid(own)?;
        emptied
    };
    told(folder, as_owner().and_then(|()| fs::remove_dir(folder)));
}

fn told(folder: &Path, removed: io::Result<()>) {
    if let Err(error) = removed {
        eprintln!("underhood: cannot remove {}: {error}", folder.display());
    }
}

/// Folders like those below `lower`, with links to its files.
fn link_all(lower: &Path, links: &Path) -> io::Result<()> {
    fs::create_dir(links)?;
    for entry in fs::read_dir(lower)? {
        let entry = entry?;
        let link = links.join(entry.file_name());
        if entry.file_type()?.is_dir() { link_all(&entry.path(), &link)? } else { symlink(entry.path(), link)? }
    }
    Ok(())
}

/// A new folder and its lock. `None` when a zygote that cannot see this one, being in another pid namespace, has swept it
/// before it was locked.
fn make_locked(template: &str) -> io::Result<Option<(PathBuf, File)>> {
    let home = nix::unistd::mkdtemp(template)?;
    match lock::take(&home) {
        Ok(lock) => {
            let locked = lock.metadata()?;
            let is_it = |found: fs::Metadata| (found.dev(), found.ino()) == (locked.dev(), locked.ino());
            Ok(fs::symlink_metadata(&home).is_ok_and(is_it).then_some((home, lock)))
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Folders of this user's zygotes, each with the pid in its name.
fn homes_in(parent: &Path) -> Vec<(PathBuf, u32)> {
    let own = geteuid().as_raw();
    let home = |entry: fs::DirEntry| {
        let zygote = entry.file_name().to_str()?.strip_prefix(PREFIX)?.split('-').next()?.parse().ok()?;
        let metadata = entry.metadata().ok()?;
        (metadata.is_dir() && metadata.uid() == own).then(|| (entry.path(), zygote))
    };
    fs::read_dir(parent).into_iter().flatten().flatten().filter_map(home).collect()
}

/// Removes a home if its zygote is gone.
fn remove_dead(home: &Path, zygote: u32, own: u32) {
    if let Some(_lock) = lock::of_dead(home, zygote, own, Instant::now() + lock::PATIENCE) {
        remove_home(home);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pid that no zygote has, as of one in another pid namespace.
    const UNSEEN: u32 = u32::MAX;

    #[test]
    fn a_home_is_removed_only_when_nobody_holds_its_lock() {
        let parent = tempfile::tempdir().expect("a folder");
        let template = parent.path().join(format!("{PREFIX}{UNSEEN}-XXXXXX")).display().to_string();
        let (home, lock) = make_locked(&template).expect("made").expect("nobody sweeps here");
        fs::create_dir_all(home.join("cell-1/tmp/left")).expect("made");
        fs::create_dir(parent.path().join("another")).expect("made");
        assert_eq!(homes_in(parent.path()), [(home.clone(), UNSEEN)]);
        remove_dead(&home, UNSEEN, std::process::id());
        assert!(home.join("cell-1/tmp/left").exists());
        drop(lock);
        remove_dead(&home, UNSEEN, std::process::id());
        assert!(!home.exists() && parent.path().join("another").exists());
    }
}
