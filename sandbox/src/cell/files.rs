//! Files that a cell is given.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::layout::Layout;
use crate::spec::{At, Failure, InputFile};

/// Writes a job's files. Every folder below a writable mount is new with the cell and no program has run in it yet,
/// so no link can lead elsewhere.
pub(super) fn write(files: &[InputFile], layout: &Layout) -> Result<(), Failure> {
    for file in files {
        let text: String = file.text.iter().map(|piece| layout.word(piece)).collect();
        create(&layout.place(&file.path), &text, 0o644).at(format_args!("write {}", file.path.display()))?;
    }
    Ok(())
}

/// A new file with this mode, whatever the umask, in folders that are made where they are missing.
pub(super) fn create(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    make_parents(path)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(Permissions::from_mode(mode))
}

/// A new symbolic link, in folders that are made where they are missing.
pub(super) fn link(path: &Path, to: &Path) -> io::Result<()> {
    make_parents(path)?;
    symlink(to, path)
}

fn make_parents(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}
