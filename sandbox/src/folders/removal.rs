//! Removing what a hostile program left: folders in folders, deeper than there are descriptors, that may not be read.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, chmodat, mkdirat, openat, renameat, unlinkat};

/// Removes a folder and all below. No link is followed, and no more than three descriptors are open at a time: folders
/// that are not empty are moved side by side into one of our own, and emptied there one after the other.
///
/// No process may be at work in it.
pub(super) fn remove_all(folder: &Path) -> io::Result<()> {
    let mut name = folder.as_os_str().to_owned();
    name.push(".gone");
    match mkdirat(CWD, &name, Mode::RWXU) {
        // By a removal that was killed.
        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    let aside = open(CWD, Path::new(&name))?;
    let mut moved = Moved { aside, count: 0 };
    moved.take(CWD, folder)?;
    let mut emptied = 0;
    while emptied < moved.count {
        let name = emptied.to_string();
        moved.empty(&open(&moved.aside, Path::new(&name))?)?;
        unlinkat(&moved.aside, name, AtFlags::REMOVEDIR)?;
        emptied += 1;
    }
    unlinkat(CWD, &name, AtFlags::REMOVEDIR)?;
    Ok(())
}

/// Folders side by side, named by numbers.
struct Moved {
    aside: OwnedFd,
    count: u64,
}

impl Moved {
    fn take(&mut self, from: impl AsFd, name: impl rustix::path::Arg) -> io::Result<()> {
        renameat(from, name, &self.aside, self.count.to_string())?;
        self.count += 1;
        Ok(())
    }

    fn empty(&mut self, folder: &OwnedFd) -> io::Result<()> {
        for entry in Dir::read_from(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." || unlinkat(folder, name, AtFlags::empty()).is_ok() {
                continue;
            }
            // A folder. One that its owner may not write to cannot be moved; root may lack the right to change others'.
            let _ = chmodat(folder, name, Mode::RWXU, AtFlags::empty());
            if unlinkat(folder, name, AtFlags::REMOVEDIR).is_err() {
                self.take(folder, name)?;
            }
        }
        Ok(())
    }
}

fn open(at: impl AsFd, name: &Path) -> io::Result<OwnedFd> {
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
            mkdirat(&at, "d", Mode::RWXU).expect("made");
            at = open(&at, Path::new("d")).expect("open");
        }
        remove_all(&folder).expect("removed");
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
        remove_all(&folder).expect("removed");
        assert!(!folder.exists() && elsewhere.join("kept").exists());
        remove_all(&elsewhere).expect("removed");
    }
}
