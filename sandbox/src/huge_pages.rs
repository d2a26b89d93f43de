//! Large programs on huge pages.
//!
//! The compiler has 28 MB and is started for every request; an eighth of its time goes into faults on its own pages, which
//! are of 4 KiB in the host's files. A tmpfs has huge ones (`huge=always`, tmpfs(5)). So the zygote copies such a program
//! into one and mounts the copy over the program, in a mount namespace of its own, from which all cells have their files.
//! The host sees nothing of it, it ends with the zygote, and where it cannot be, cells see the host's file.
//!
//! Copying takes as long as some fifty cells gain by it, so it waits for so many, or for a quiet moment: a process that
//! lives for one run never gets there.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use nix::sched::{CloneFlags, unshare};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount, mount_change, move_mount,
    open_tree, unmount,
};

use crate::sys::{self, attr};

/// What a copy hides while it is made; any folder that every host has would do.
const STAGE: &str = "/tmp";

/// The part of the cells' memory that copies may take, since it is taken as long as the zygote lives.
const PART: u64 = 16;

/// Where nobody said how much memory all cells may have: room for the compilers of some toolchains.
const MOST_BYTES: u64 = 256 << 20;

/// What a tmpfs needs beside its file: the last huge page is whole.
const ROUNDING_BYTES: u64 = 4 << 20;

/// What is copied at once.
const PIECE_BYTES: usize = 1 << 20;

/// How many cells gain as much as the copy costs.
const PAYS: u32 = 50;

/// What was copied and what is to be. The copies go with the mount namespace.
#[derive(Debug)]
pub(crate) struct HugePages {
    left_bytes: u64,
    /// Each program, and how many cells asked for it before it was tried, which it is once.
    programs: BTreeMap<PathBuf, Option<u32>>,
}

impl HugePages {
    /// Gives the zygote a mount namespace of its own. `None` where it may not have one, which is so unless it is root.
    pub(crate) fn set_up(total_memory_bytes: Option<u64>) -> Option<Self> {
        unshare(CloneFlags::CLONE_NEWNS).ok()?;
        // What the host mounts and unmounts still reaches us, and nothing of ours the host.
        mount_change("/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC).ok()?;
        let left_bytes = total_memory_bytes.map_or(MOST_BYTES, |bytes| bytes / PART);
        Some(Self { left_bytes, programs: BTreeMap::new() })
    }

    /// Notes that a cell is to be made that uses these programs, and copies those for which it is time.
    pub(crate) fn want(&mut self, programs: &[PathBuf]) {
        for program in programs {
            match self.programs.get_mut(program) {
                None => drop(self.programs.insert(program.clone(), Some(1))),
                Some(Some(PAYS)) => self.hold(program),
                Some(asked) => *asked = asked.map(|asked| asked + 1),
            }
        }
    }

    /// Whether there is something to be done in a quiet moment.
    pub(crate) fn is_behind(&self) -> bool {
        self.programs.values().any(Option::is_some)
    }

    /// Copies what was asked for and is not copied yet.
    pub(crate) fn catch_up(&mut self) {
        let behind = self.programs.iter().filter(|(_, asked)| asked.is_some());
        let behind: Vec<PathBuf> = behind.map(|(program, _)| program.clone()).collect();
        behind.iter().for_each(|program| self.hold(program));
    }

    /// Puts a program on huge pages, for all cells that are made from now on.
    fn hold(&mut self, program: &Path) {
        self.programs.insert(program.to_owned(), None);
        if let Err(error) = self.copy(program) {
            eprintln!("underhood: {} is not on huge pages: {error}", program.display());
        }
    }

    fn copy(&mut self, program: &Path) -> io::Result<()> {
        let mut file = File::open(program)?;
        let bytes = file.metadata()?.len() + ROUNDING_BYTES;
        let Some(left_bytes) = self.left_bytes.checked_sub(bytes) else {
            return Err(io::Error::other(format!(
                "of the cells' memory {} bytes are left for this",
                self.left_bytes
            )));
        };
        // Before the stage hides what may lie there.
        let place = rustix::fs::open(program, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let options = CString::new(format!("huge=always,size={bytes},mode=0755"))?;
        mount("tmpfs", STAGE, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, options.as_c_str())?;
        let copy = copied(&mut file);
        unmount(STAGE, UnmountFlags::DETACH)?;
        let copy = copy?;
        sys::mount_setattr(&copy, false, attr::RDONLY | attr::NOSUID | attr::NODEV)?;
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
        move_mount(&copy, "", &place, "", flags)?;
        self.left_bytes = left_bytes;
        Ok(())
    }
}

/// A copy on the stage, as a mount that is nowhere yet.
fn copied(program: &mut File) -> io::Result<OwnedFd> {
    let path = Path::new(STAGE).join("program");
    let mut copy = File::create_new(&path)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match program.read(&mut piece)? {
            0 => break,
            length => copy.write_all(&piece[..length])?,
        }
    }
    drop(copy);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o555))?;
    Ok(open_tree(CWD, &path, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC)?)
}
