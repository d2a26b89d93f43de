//! Removing what a hostile program left: folders in folders, deeper than there are descriptors, that may not be read.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, chmodat, fstat, openat, unlinkat};
use rustix::io::Errno;

/// Removes all that is in a folder. No link is followed, and no more than three descriptors are open at a time: it goes
/// down and up again, one folder after the other.
///
/// A process may still be at work in it: a folder that was moved meanwhile ends it, so that it never leaves the one
/// that it was given. What appears behind it stays.
pub(super) fn empty(folder: &Path) -> io::Result<()> {
    // Of the folders above, not their names: a program chooses how long those are, and may change them.
    let mut way: Vec<Id> = Vec::new();
    let mut here = openat(CWD, folder, FOLDER, Mode::empty())?;
    let mut left = None;
    loop {
        if let Some((name, error)) = thin_out(&here)? {
            let Some(inner) = enter(&here, &name)? else { continue };
            let id = Id::of(&inner)?;
            if left == Some(id) {
                // Empty, and still it cannot be removed.
                return Err(error.into());
            }
            way.push(Id::of(&here)?);
            here = inner;
            left = None;
        } else if let Some(above) = way.pop() {
            left = Some(Id::of(&here)?);
            here = up(&here, above)?;
        } else {
            return Ok(());
        }
    }
}

/// What tells a folder from all others, as long as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Id {
    device: u64,
    inode: u64,
}

impl Id {
    fn of(folder: &OwnedFd) -> io::Result<Self> {
        let stat = fstat(folder)?;
        Ok(Self { device: stat.st_dev, inode: stat.st_ino })
    }
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Removes what can be removed of a folder at once, until it finds a folder that cannot, which it names, with the
/// reason.
fn thin_out(folder: &OwnedFd) -> io::Result<Option<(CString, Errno)>> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." || unlinkat(folder, name, AtFlags::empty()).is_ok() {
            continue;
        }
        match unlinkat(folder, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Ok(Some((name.to_owned(), error))),
        }
    }
    Ok(None)
}

/// Opens a folder in a folder; `None` if it is gone.
fn enter(folder: &OwnedFd, name: &CStr) -> io::Result<Option<OwnedFd>> {
    let held = match openat(folder, name, FOLDER | OFlags::PATH, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        held => held?,
    };
    // Its owner may have no right to it. Root, who may lack the right to change that, needs none. Not by its name, which
    // may be a link's by now, to anything.
    let _ = chmodat(CWD, format!("/proc/self/fd/{}", held.as_raw_fd()), Mode::RWXU, AtFlags::empty());
    Ok(Some(openat(&held, c".", FOLDER, Mode::empty())?))
}

fn up(folder: &OwnedFd, above: Id) -> io::Result<OwnedFd> {
    let found = openat(folder, c"..", FOLDER, Mode::empty())?;
    if Id::of(&found)? == above { Ok(found) } else { Err(io::Error::other("a folder in it was moved meanwhile")) }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn folder() -> std::path::PathBuf {
        nix::unistd::mkdtemp("/tmp/underhood-test-XXXXXX").expect("a folder")
    }

    #[test]
    fn a_tree_deeper_than_descriptors_and_paths_go() {
        let folder = folder();
        let mut at = openat(CWD, &folder, FOLDER, Mode::empty()).expect("open");
        for _ in 0..3000 {
            rustix::fs::mkdirat(&at, "d", Mode::RWXU).expect("made");
            at = openat(&at, "d", FOLDER, Mode::empty()).expect("open");
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
            fs::set_permissions(&locked, Permissions::from_mode(mode)).expect("set");
        }
        empty(&folder).expect("emptied");
        fs::remove_dir(&folder).expect("removed");
        assert!(!folder.exists() && elsewhere.join("kept").exists());
        fs::remove_dir_all(&elsewhere).expect("removed");
    }

    #[test]
    fn a_folder_that_was_moved_is_not_left_upwards() {
        let (folder, elsewhere) = (folder(), folder());
        fs::create_dir(folder.join("inner")).expect("made");
        let open = |path: &Path| openat(CWD, path, FOLDER, Mode::empty()).expect("open");
        let (here, inner) = (open(&folder), open(&folder.join("inner")));
        let above = Id::of(&here).expect("an id");
        assert_eq!(Id::of(&up(&inner, above).expect("it is where it was")).expect("an id"), above);
        fs::rename(folder.join("inner"), elsewhere.join("inner")).expect("moved");
        assert!(up(&inner, above).is_err());
        for folder in [folder, elsewhere] {
            fs::remove_dir_all(folder).expect("removed");
        }
    }

    #[test]
    fn what_became_a_link_is_neither_entered_nor_changed() {
        let (folder, elsewhere) = (folder(), folder());
        fs::set_permissions(&elsewhere, Permissions::from_mode(0o711)).expect("set");
        symlink(&elsewhere, folder.join("link")).expect("linked");
        let here = openat(CWD, &folder, FOLDER, Mode::empty()).expect("open");
        assert!(enter(&here, c"link").is_err());
        assert!(enter(&here, c"gone").is_ok_and(|gone| gone.is_none()));
        assert_eq!(fs::metadata(&elsewhere).expect("there").permissions().mode() & 0o777, 0o711);
        for folder in [folder, elsewhere] {
            fs::remove_dir_all(folder).expect("removed");
        }
    }
}
