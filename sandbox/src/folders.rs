//! The cells' folders on a host that grants no mounts.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid};

use crate::spec::{At, Failure};
use crate::sys;
use crate::zygote::is_alive;

/// Holds one folder for each zygote, named with its pid.
const PARENT: &str = "/tmp";

/// What every folder of ours is called, before the zygote's pid.
const PREFIX: &str = "underhood-";

/// A zygote's own folder. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct Folders {
    home: PathBuf,
    /// Children that are removing a cell's folder: on a slow disk that takes longer than anyone should wait.
    removing: Vec<Pid>,
}

impl Folders {
    /// Removes what dead zygotes of this user left and makes a folder that no one else can enter by guessing.
    pub(crate) fn make() -> Result<Self, Failure> {
        sweep();
        let template = format!("{PARENT}/{PREFIX}{}-XXXXXX", std::process::id());
        let home = nix::unistd::mkdtemp(template.as_str()).at(format_args!("make {template}"))?;
        // Cells of other users pass through it, but cannot list it.
        fs::set_permissions(&home, Permissions::from_mode(0o711)).at("open the folder of cells")?;
        Ok(Self { home, removing: Vec::new() })
    }

    /// A new folder for a cell.
    pub(crate) fn create(&self, id: u64, owner: Option<u32>) -> Result<PathBuf, Failure> {
        let folder = self.home.join(format!("cell-{id}"));
        let at = || format!("make {}", folder.display());
        fs::create_dir(&folder).at(at())?;
        chown(&folder, owner, owner).at(at())?;
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).at(at())?;
        Ok(folder)
    }

    /// Has a cell's folder removed, whose processes are gone.
    pub(crate) fn remove(&mut self, folder: &Path) {
        match sys::fork() {
            Ok(ForkResult::Child) => {
                remove(folder);
                std::process::exit(0)
            }
            Ok(ForkResult::Parent { child }) => self.removing.push(child),
            Err(_) => remove(folder),
        }
    }

    /// Whether a process is at work here.
    pub(crate) fn is_removing(&self, pid: Pid) -> bool {
        self.removing.contains(&pid)
    }

    /// Reaps those that are done.
    pub(crate) fn reap(&mut self) {
        self.removing.retain(|pid| matches!(waitpid(*pid, Some(WaitPidFlag::WNOHANG)), Ok(WaitStatus::StillAlive)));
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for pid in &self.removing {
            let _ = waitpid(*pid, None);
        }
        remove(&self.home);
    }
}

/// No link in the folder is followed.
fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        eprintln!("underhood: cannot remove {}: {error}", folder.display());
    }
}

fn sweep() {
    let own = nix::unistd::geteuid().as_raw();
    for entry in fs::read_dir(PARENT).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|rest| rest.split('-').next());
        let is_own = entry.metadata().is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == own);
        if let Some(Ok(pid)) = pid.map(str::parse::<u32>)
            && is_own
            && !is_alive(pid)
        {
            remove(&entry.path());
        }
    }
}
