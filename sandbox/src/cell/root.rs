//! A cell's file system: a tmpfs of its own with read-only mounts, and nothing of the host's.
//!
//! The steps stand in the order that user namespaces force. Sources are cloned while the process still has the
//! zygote's host uid, so that a data folder only its owner may enter can be shown; every file is then made as the
//! cell's own uid, since an uid without a mapping cannot own files.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};
use rustix::fs::CWD;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount, mount_change, move_mount,
    open_tree, unmount,
};
use rustix::process::{chdir, pivot_root};

use super::files::{create, link};
use crate::spec::{At, CellSpec, Failure, INSIDE_ID, Mount};
use crate::sys::{self, attr};

/// Where the new root is put together; any folder that every host has would do.
const STAGE: &str = "/tmp";

/// Size of the root tmpfs, which holds mount points and a few small files.
const ROOT_OPTIONS: &str = "size=1m,nr_inodes=1k,mode=0755";

/// Builds the root, moves into it and lets go of the host's.
pub(super) fn enter(spec: &CellSpec) -> Result<(), Failure> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).at("make mounts private")?;
    let sources = clone_sources(&spec.mounts)?;
    become_reader()?;
    tmpfs(Path::new(STAGE), ROOT_OPTIONS)?;
    let scratch = Scratch::mount(spec)?;
    for (mount, source) in spec.mounts.iter().zip(sources) {
        attach(mount, source, &scratch)?;
    }
    scratch.detach()?;
    seal_root()?;
    chdir(STAGE).at("enter the new root")?;
    pivot_root(".", ".").at("pivot_root")?;
    unmount(".", UnmountFlags::DETACH).at("unmount the old root")?;
    chdir("/").at("chdir /")
}

/// Detached copies of what the spec shows of the host, in the spec's order.
fn clone_sources(mounts: &[Mount]) -> Result<Vec<Option<OwnedFd>>, Failure> {
    mounts
        .iter()
        .map(|mount| {
            let (path, attributes) = match mount {
                Mount::ReadOnly { source, exec: true, .. } => (source, attr::RDONLY | attr::NOSUID | attr::NODEV),
                Mount::ReadOnly { source, exec: false, .. } | Mount::Overlay { lower: source, .. } => {
                    (source, attr::RDONLY | attr::NOSUID | attr::NODEV | attr::NOEXEC)
                }
                // Read-only for the node's attributes; a device is written to all the same.
                Mount::Device { path } => (path, attr::RDONLY | attr::NOSUID | attr::NOEXEC),
                Mount::Scratch { .. } | Mount::File { .. } | Mount::Link { .. } => return Ok(None),
            };
            let flags =
                OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
            let tree = open_tree(CWD, path, flags).at(format_args!("mount {}", path.display()))?;
            sys::mount_setattr(&tree, true, attributes).at(format_args!("mount {}", path.display()))?;
            Ok(Some(tree))
        })
        .collect()
}

/// Takes on the one uid and gid that the cell has. Capabilities stay until the set-up is done, since neither the
/// old uid nor the new is the namespace's root.
fn become_reader() -> Result<(), Failure> {
    let denied = fs::read_to_string("/proc/self/setgroups").is_ok_and(|text| text.trim() == "deny");
    if !denied {
        setgroups(&[]).at("setgroups")?;
    }
    let (uid, gid) = (Uid::from_raw(INSIDE_ID), Gid::from_raw(INSIDE_ID));
    setresgid(gid, gid, gid).at("setresgid")?;
    setresuid(uid, uid, uid).at("setresuid")
}

/// The one writable tmpfs, cut into the folders that the spec asks for.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn mount(spec: &CellSpec) -> Result<Self, Failure> {
        let folder = staged(Path::new("/.scratch"));
        fs::create_dir(&folder).at("make the scratch folder")?;
        let (size, inodes) = (spec.limits.scratch_bytes, spec.limits.scratch_inodes);
        tmpfs(&folder, &format!("size={size},nr_inodes={inodes},mode=0755"))?;
        Ok(Self { folder })
    }

    /// A new folder of it for `target`.
    fn part(&self, target: &Path, suffix: &str) -> Result<PathBuf, Failure> {
        let name = target.to_string_lossy().replace('/', "_");
        let part = self.folder.join(name + suffix);
        fs::create_dir(&part).at(format_args!("make {}", part.display()))?;
        Ok(part)
    }

    /// Takes the whole out of sight; its parts stay where they were bound.
    fn detach(self) -> Result<(), Failure> {
        unmount(&self.folder, UnmountFlags::DETACH).at("detach the scratch folder")?;
        fs::remove_dir(&self.folder).at("remove the scratch folder")
    }
}

fn attach(mount_point: &Mount, source: Option<OwnedFd>, scratch: &Scratch) -> Result<(), Failure> {
    match (mount_point, source) {
        (Mount::ReadOnly { target, .. } | Mount::Device { path: target }, Some(tree)) => place(tree, target),
        (Mount::Overlay { target, .. }, Some(tree)) => overlay(tree, target, scratch),
        (Mount::Scratch { target }, None) => {
            let part = scratch.part(target, "")?;
            let tree = open_tree(CWD, &part, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC)
                .at(format_args!("bind {}", target.display()))?;
            place(tree, target)
        }
        (Mount::File { target, text }, None) => {
            create(&staged(target), text, 0o444).at(format_args!("write {}", target.display()))
        }
        (Mount::Link { target, to }, None) => link(&staged(target), to).at(format_args!("link {}", target.display())),
        (other, _) => unreachable!("clone_sources and attach disagree on {other:?}"),
    }
}

/// The overlay's lower folder is put where the cell's own uid can reach it, wherever it lies on the host.
fn overlay(lower: OwnedFd, target: &Path, scratch: &Scratch) -> Result<(), Failure> {
    let lower_path = scratch.part(target, ".lower")?;
    let upper = scratch.part(target, ".upper")?;
    let work = scratch.part(target, ".work")?;
    move_mount(&lower, "", CWD, &lower_path, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
        .at(format_args!("overlay {}", target.display()))?;
    // A folder of the lower layer belongs to someone else; one of the same name above it is the cell's own.
    for entry in fs::read_dir(&lower_path).at(format_args!("overlay {}", target.display()))?.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            fs::create_dir(upper.join(entry.file_name())).at(format_args!("overlay {}", target.display()))?;
        }
    }
    let point = staged(target);
    fs::create_dir_all(&point).at(format_args!("overlay {}", target.display()))?;
    let path = |path: &Path| path.display().to_string();
    let options =
        format!("lowerdir={},upperdir={},workdir={},userxattr", path(&lower_path), path(&upper), path(&work));
    let options = std::ffi::CString::new(options).at(format_args!("overlay {}", target.display()))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("overlay", &point, "overlay", flags, options.as_c_str()).at(format_args!("overlay {}", target.display()))
}

/// Puts a detached mount at `target`, making the mount point in the kind of the mount.
fn place(tree: OwnedFd, target: &Path) -> Result<(), Failure> {
    let point = staged(target);
    let kind = rustix::fs::fstat(&tree).at(format_args!("mount at {}", target.display()))?;
    if rustix::fs::FileType::from_raw_mode(kind.st_mode).is_dir() {
        fs::create_dir_all(&point).at(format_args!("mount at {}", target.display()))?;
    } else {
        create(&point, "", 0o444).at(format_args!("mount at {}", target.display()))?;
    }
    move_mount(&tree, "", CWD, &point, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
        .at(format_args!("mount at {}", target.display()))
}

/// Makes the root itself read-only; the mounts in it have their own attributes.
fn seal_root() -> Result<(), Failure> {
    let root = open_tree(CWD, STAGE, OpenTreeFlags::OPEN_TREE_CLOEXEC).at("open the new root")?;
    sys::mount_setattr(&root, false, attr::RDONLY | attr::NOSUID | attr::NODEV | attr::NOEXEC)
        .at("make the root read-only")
}

fn tmpfs(point: &Path, options: &str) -> Result<(), Failure> {
    let options = std::ffi::CString::new(options).at(format_args!("tmpfs at {}", point.display()))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("tmpfs", point, "tmpfs", flags, options.as_c_str()).at(format_args!("tmpfs at {}", point.display()))
}

fn staged(target: &Path) -> PathBuf {
    Path::new(STAGE).join(target.strip_prefix("/").unwrap_or(target))
}
