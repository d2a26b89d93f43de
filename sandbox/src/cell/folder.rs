//! A cell's file system on a host that grants no mounts: a folder, with Landlock as its one wall.
//!
//! Nothing limits the size of the whole, only that of each file, and names on the host can be seen.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use nix::unistd::{AccessFlags, Gid, Uid, access, setgroups, setresgid, setresuid};

use super::files::create;
use crate::layout::Layout;
use crate::spec::{At, CellSpec, Failure, Mount};

/// Takes on the host id of the cell, where it has one of its own, and fills the folder.
pub(super) fn enter(spec: &CellSpec, layout: &Layout, host_id: Option<u32>) -> Result<(), Failure> {
    if let Some(id) = host_id {
        setgroups(&[]).at("setgroups")?;
        let (uid, gid) = (Uid::from_raw(id), Gid::from_raw(id));
        setresgid(gid, gid, gid).at("setresgid")?;
        setresuid(uid, uid, uid).at("setresuid")?;
    }
    for mount in &spec.mounts {
        match mount {
            Mount::ReadOnly { source, .. } => readable(source)?,
            Mount::Overlay { lower, target } => {
                readable(lower)?;
                mirror(lower, &layout.place(target)).at(format_args!("mirror {}", lower.display()))?;
            }
            Mount::Scratch { target } => {
                fs::create_dir_all(layout.place(target)).at(format_args!("make {}", target.display()))?;
            }
            Mount::File { target, text } => {
                create(&layout.place(target), text, 0o444).at(format_args!("write {}", target.display()))?;
            }
            Mount::Device { .. } => {}
        }
    }
    Ok(())
}

fn readable(path: &Path) -> Result<(), Failure> {
    access(path, AccessFlags::R_OK).map_err(|error| {
        let advice = "without mounts the cells' own users must be able to read it; move it, or open its folders";
        Failure::new(format_args!("read {}", path.display()), format_args!("{error}; {advice}"))
    })
}

/// Folders of its own, with links to the files: new files can be added, those below are Landlock's to protect.
fn mirror(lower: &Path, upper: &Path) -> std::io::Result<()> {
    fs::create_dir_all(upper)?;
    for entry in fs::read_dir(lower)? {
        let entry = entry?;
        let upper = upper.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            mirror(&entry.path(), &upper)?;
        } else {
            symlink(entry.path(), upper)?;
        }
    }
    Ok(())
}
