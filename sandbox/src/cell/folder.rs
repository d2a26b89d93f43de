//! A cell's file system on a host that grants no mounts: a folder, with Landlock as its one wall.
//!
//! Nothing limits the size of the whole, only that of each file, and names on the host can be seen.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

use nix::unistd::{AccessFlags, Gid, Uid, access, setgroups, setresgid, setresuid};

use super::files::{create, link};
use crate::folders::Links;
use crate::layout::Layout;
use crate::spec::{At, CellSpec, Failure, Mount};

/// Takes on the host id of the cell, where it has one of its own, and fills the folder.
pub(super) fn enter(spec: &CellSpec, layout: &Layout, links: &Links, host_id: Option<u32>) -> Result<(), Failure> {
    // Only their owner may give links another name.
    for mount in &spec.mounts {
        if let Mount::Overlay { lower, target } = mount {
            let links = links.get(lower).ok_or_else(|| Failure::new("mirror", "the zygote has made no links"))?;
            mirror(links, &layout.place(target), host_id).at(format_args!("mirror {}", lower.display()))?;
        }
    }
    if let Some(id) = host_id {
        setgroups(&[]).at("setgroups")?;
        let (uid, gid) = (Uid::from_raw(id), Gid::from_raw(id));
        setresgid(gid, gid, gid).at("setresgid")?;
        setresuid(uid, uid, uid).at("setresuid")?;
    }
    for mount in &spec.mounts {
        match mount {
            Mount::ReadOnly { source: path, .. } | Mount::Overlay { lower: path, .. } => readable(path)?,
            Mount::Scratch { target } => {
                fs::create_dir_all(layout.place(target)).at(format_args!("make {}", target.display()))?;
            }
            Mount::File { target, text } => {
                create(&layout.place(target), text, 0o444).at(format_args!("write {}", target.display()))?;
            }
            Mount::Link { target, to } => {
                link(&layout.place(target), to).at(format_args!("link {}", target.display()))?;
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

/// Folders of the cell's own, with the links under further names: new files can be added, those that the links lead to
/// are Landlock's to protect. A link itself cannot be changed, only removed.
fn mirror(links: &Path, target: &Path, owner: Option<u32>) -> std::io::Result<()> {
    fs::create_dir_all(target)?;
    chown(target, owner, owner)?;
    for entry in fs::read_dir(links)? {
        let entry = entry?;
        let target = target.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            mirror(&entry.path(), &target, owner)?;
        } else {
            fs::hard_link(entry.path(), target)?;
        }
    }
    Ok(())
}
