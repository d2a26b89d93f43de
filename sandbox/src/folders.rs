//! The cells' folders on a host that grants no mounts.

mod removal;

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use nix::sys::wait::waitpid;
use nix::unistd::{Pid, Uid, geteuid, seteuid};

use crate::spec::{At, CellSpec, Failure, Mount};
use crate::sys::{self, Cloned};
use crate::zygote::is_alive;

/// Holds one folder for each zygote, named with its pid.
const PARENT: &str = "/tmp";

/// What every folder of ours is called, before the zygote's pid.
const PREFIX: &str = "underhood-";

/// A zygote's own folder. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct Folders {
    home: PathBuf,
    links: Links,
}

/// Folders of symbolic links to the files of another folder, by that folder. To make such a link takes a disk far
/// longer than to give it another name, and every build needs two thousand: each cell has names for these.
pub(crate) type Links = BTreeMap<PathBuf, PathBuf>;

/// A child that removes a cell's folder: that may take longer than anyone else should wait.
#[derive(Debug)]
pub(crate) struct Remover {
    pub(crate) pid: Pid,
    /// Readable when it is done.
    pub(crate) pidfd: OwnedFd,
}

impl Folders {
    /// Removes what dead zygotes of this user left and makes a folder that no one else can enter by guessing.
    pub(crate) fn make() -> Result<Self, Failure> {
        sweep();
        let template = format!("{PARENT}/{PREFIX}{}-XXXXXX", std::process::id());
        let home = nix::unistd::mkdtemp(template.as_str()).at(format_args!("make {template}"))?;
        // Cells of other users pass through it, but cannot list it.
        fs::set_permissions(&home, Permissions::from_mode(0o711)).at("open the folder of cells")?;
        Ok(Self { home, links: Links::new() })
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
        Ok(Cloned::Child) => {
            remove_cell(folder);
            std::process::exit(0)
        }
        Ok(Cloned::Parent { pid, pidfd }) => Some(Remover { pid, pidfd }),
        Err(_) => {
            remove_cell(folder);
            None
        }
    }
}

impl Remover {
    /// Waits until it is done.
    pub(crate) fn reap(&self) {
        while let Err(nix::errno::Errno::EINTR) = waitpid(self.pid, None) {}
    }
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

fn sweep() {
    let own = geteuid().as_raw();
    for entry in fs::read_dir(PARENT).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|rest| rest.split('-').next());
        let is_own = entry.metadata().is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == own);
        if let Some(Ok(pid)) = pid.map(str::parse::<u32>)
            && is_own
            && !is_alive(pid)
        {
            remove_home(&entry.path());
        }
    }
}
