//! Removing what a hostile program left: folders in folders, deeper than there are descriptors, that may not be read.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, chmodat, openat, unlinkat};
use rustix::path::Arg;

/// Removes all that is in a folder. No link is followed, and no more than three descriptors are open at a time: it goes
/// down and up again, one folder after the other.
///
/// No process may be at work in it.
pub(super) fn empty(folder: &Path) -> io::Result<()> {
    let mut way: Vec<CString> = Vec::new();
    let mut here = open(CWD, folder)?;
    loop {
        if let Some(name) = thin_out(&here)? {
            here = open(&here, &name)?;
            way.push(name);
        } else if let Some(name) = way.pop() {
            here = open(&here, c"..")?;
            unlinkat(&here, name, AtFlags::REMOVEDIR)?;
        } else {
            return Ok(());
        }
    }
}

/// Removes what can be removed of a folder at once, until it finds a folder that is not empty, which it names.
fn thin_out(folder: &OwnedFd) -> io::Result<Option<CString>> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." || unlinkat(folder, name, AtFlags::empty()).is_ok() {
            continue;
        }
        if unlinkat(folder, name, AtFlags::REMOVEDIR).is_err() {
            // Its owner may have no right to it. Root, who may lack the right to change that, needs none.
            let _ = chmodat(folder, name, Mode::RWXU, AtFlags::empty());
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

fn open(at: impl AsFd, name: impl Arg) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(at, name, flags, Mode::empty())?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{DirBuilderExt as _, symlink};

    use super::*;

    fn folder() -> std::path::PathBuf {
        nix::unistd::mkdtemp("/tmp/underhood-test-XXXXXX").expect("a folder")
    }

    #[test]
    fn a_tree_deeper_than_descriptors_and_paths_go() {
        let folder = folder();
        let mut at = open(CWD, &folder).expect("open");
        for _ in 0..3000 {
            rustix::fs::mkdirat(&at, "d", Mode::RWXU).expect("made");
            at = open(&at, "d").expect("open");
        }
        empty(&folder).expect("emptied");
        fs::remove_dir(&folder).expect("removed");
        assert!(!folder.exists());
    }

    #[test]
    fn folders_that_may_not_be_read_and_links_to_elsewhere() {
        let (folder, elsewhere) = (folder(), folder());
        fs::write(elsewhere.join("kept"), "x").expect("written");
        symlink(&elsewhere, folder.join("link")).expect("linked");
        for mode in [0o000, 0o300, 0o500] {
            let locked = folder.join(mode.to_string());
            fs::DirBuilder::new().mode(0o700).create(&locked).expect("made");
            fs::create_dir_all(locked.join("inner/most")).expect("made");
            fs::write(locked.join("inner/file"), "x").expect("written");
            fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("set");
        }
        empty(&folder).expect("emptied");
        fs::remove_dir(&folder).expect("removed");
        assert!(!folder.exists() && elsewhere.join("kept").exists());
        fs::remove_dir_all(&elsewhere).expect("removed");
    }
}
