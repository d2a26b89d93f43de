//! A folder that holds an export, whole or not at all.
//!
//! All is written into a folder beside it, which then takes its place by one rename. A file [`MARKER`] lists what an
//! export wrote, with the hash of each: what is not listed, or is another by now, is somebody's, and nothing is replaced.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use super::Files;

/// Lists the other files, as `sha256sum` does.
pub const MARKER: &str = ".underhood-export";

/// A folder that may be replaced.
#[derive(Debug)]
pub struct Folder {
    /// The folder in which it lies.
    parent: PathBuf,
    /// Its name there.
    name: OsString,
}

/// Why a folder was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    #[error("{0} is no folder")]
    NoFolder(PathBuf),
    #[error("{0} is not empty and was not made by underhood export; name another folder")]
    NotOurs(PathBuf),
    #[error("{0} holds what underhood export did not write: {1}; move that elsewhere, or name another folder")]
    Others(PathBuf, String),
    #[error("{0} cannot be replaced: {1}; if it is a mount point, name a folder in it")]
    Replace(PathBuf, io::Error),
}

/// Files by name, with their hashes.
type Listed = BTreeMap<String, String>;

/// So many of somebody's files are named.
const NAMED: usize = 3;

impl Folder {
    /// The folder at a path, if it may be replaced; it may be missing.
    ///
    /// # Errors
    /// When it holds what no export wrote, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let absolute = match path.canonicalize() {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::path::absolute(path).map_err(at(path))?.components().collect()
            }
            Err(error) => return Err(at(path)(error)),
        };
        let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Err(FolderError::NotOurs(absolute));
        };
        let folder = Self { parent: parent.to_owned(), name: name.to_owned() };
        folder.check()?;
        Ok(folder)
    }

    /// Puts these files in the place of what is there.
    ///
    /// # Errors
    /// As [`Folder::open`], or when something cannot be written. Then what is there stays as it is.
    pub fn replace(&self, files: &Files) -> Result<(), FolderError> {
        fs::create_dir_all(&self.parent).map_err(at(&self.parent))?;
        self.sweep();
        // As any folder that a person makes; the umask has its say.
        let mut builder = tempfile::Builder::new();
        let prefix = self.unfinished();
        builder.prefix(&prefix).permissions(Permissions::from_mode(0o777));
        let new = builder.tempdir_in(&self.parent).map_err(at(&self.parent))?;
        let held = File::open(new.path()).map_err(at(new.path()))?;
        held.lock().map_err(at(new.path()))?;
        let mut marker = String::new();
        for (name, bytes) in files {
            let file = new.path().join(name);
            let folder = file.parent().unwrap_or(new.path());
            fs::create_dir_all(folder).and_then(|()| fs::write(&file, bytes)).map_err(at(&file))?;
            marker += &format!("{}  {name}\n", hash(bytes));
        }
        fs::write(new.path().join(MARKER), marker).map_err(at(new.path()))?;
        // Somebody may have been at work there meanwhile.
        let old = self.check()?;
        let path = self.path();
        if old.is_none() {
            fs::rename(new.path(), &path).map_err(|error| FolderError::Replace(path, error))?;
            drop(new.keep());
            return Ok(());
        }
        // From here on it holds what was there, and is removed with care.
        let new = new.keep();
        if let Err(error) = exchange(&new, &path) {
            let _ = fs::remove_dir_all(&new);
            return Err(FolderError::Replace(path, error));
        }
        self.remove(&new, &old.unwrap_or_default())
    }

    fn path(&self) -> PathBuf {
        self.parent.join(&self.name)
    }

    /// How the folder is called that is to take its place. Hidden, and known to be ours.
    fn unfinished(&self) -> OsString {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(".underhood-");
        name
    }

    /// What an export wrote into it; nothing where it is missing.
    fn check(&self) -> Result<Option<Listed>, FolderError> {
        let path = self.path();
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&path)(error)),
            Ok(kind) if !kind.is_dir() => return Err(FolderError::NoFolder(path)),
            Ok(_) => {}
        }
        let listed = match fs::read_to_string(path.join(MARKER)) {
            Ok(text) => listed(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Listed::new(),
            Err(error) => return Err(at(&path)(error)),
        };
        let mut others = Vec::new();
        for entry in WalkDir::new(&path).min_depth(1).sort_by_file_name() {
            let entry = entry.map_err(|error| at(&path)(error.into()))?;
            let name = entry.path().strip_prefix(&path).unwrap_or(entry.path()).to_string_lossy().into_owned();
            let is_ours = || match listed.get(&name) {
                Some(known) if entry.file_type().is_file() => {
                    fs::read(entry.path()).is_ok_and(|bytes| hash(&bytes) == *known)
                }
                _ => false,
            };
            if !entry.file_type().is_dir() && name != MARKER && !is_ours() {
                others.push(name);
            }
        }
        match others.len() {
            0 => Ok(Some(listed)),
            _ if listed.is_empty() => Err(FolderError::NotOurs(path)),
            count => {
                let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
                Err(FolderError::Others(path, format!("{}{more}", others[..count.min(NAMED)].join(", "))))
            }
        }
    }

    /// Removes the files that are listed, and then folders that are empty.
    fn remove(&self, old: &Path, listed: &Listed) -> Result<(), FolderError> {
        for name in listed.keys().map(String::as_str).chain([MARKER]) {
            let _ = fs::remove_file(old.join(name));
        }
        for folder in WalkDir::new(old).contents_first(true).into_iter().flatten() {
            let _ = fs::remove_dir(folder.path());
        }
        if !old.exists() {
            return Ok(());
        }
        // What came in the last moment is somebody's.
        let mut kept = self.name.clone();
        kept.push(".others");
        let kept = self.parent.join(kept);
        fs::rename(old, &kept).map_err(at(&kept))?;
        Err(FolderError::Others(self.path(), format!("it was left in {}", kept.display())))
    }

    /// Removes what killed exports left, unless another is at work there.
    fn sweep(&self) {
        let prefix = self.unfinished();
        for entry in fs::read_dir(&self.parent).into_iter().flatten().flatten() {
            let path = entry.path();
            if !entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
                continue;
            }
            if File::open(&path).is_ok_and(|folder| folder.try_lock().is_ok()) {
                match fs::read_to_string(path.join(MARKER)) {
                    Ok(text) => drop(self.remove(&path, &listed(&text))),
                    Err(_) => drop(fs::remove_dir_all(&path)),
                }
            }
        }
    }
}

/// Lets two folders change places. Where the file system cannot do that at once, there is a moment without either.
fn exchange(new: &Path, path: &Path) -> io::Result<()> {
    use rustix::io::Errno;
    match renameat_with(CWD, new, CWD, path, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            let mut aside = new.as_os_str().to_owned();
            aside.push("-old");
            fs::rename(path, &aside)?;
            fs::rename(new, path)?;
            fs::rename(&aside, new)
        }
        done => Ok(done?),
    }
}

fn listed(marker: &str) -> Listed {
    let lines = marker.lines().filter_map(|line| line.split_once("  "));
    lines.map(|(hash, name)| (name.to_owned(), hash.to_owned())).collect()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn at(path: &Path) -> impl Fn(io::Error) -> FolderError {
    let path = path.to_owned();
    move |error| FolderError::Io(path.clone(), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[(&str, &str)]) -> Files {
        texts.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    fn beside(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn export(path: &Path, texts: &[(&str, &str)]) -> Result<(), FolderError> {
        Folder::open(path)?.replace(&files(texts))
    }

    #[test]
    fn an_export_takes_the_place_of_another_and_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        let site = root.path().join("a/site");
        export(&site, &[("index.html", "1"), ("old/x/index.html", "1")]).unwrap();
        export(&site, &[("index.html", "2"), ("new/index.html", "2")]).unwrap();
        assert_eq!(fs::read_to_string(site.join("index.html")).unwrap(), "2");
        assert!(site.join("new/index.html").exists() && !site.join("old").exists());
        assert_eq!(beside(&root.path().join("a")), ["site"]);
        // A folder that others can read, such as a web server.
        assert_eq!(fs::metadata(&site).unwrap().permissions().mode() & 0o755, 0o755);
        let empty = root.path().join("empty");
        fs::create_dir(&empty).unwrap();
        export(&empty, &[("index.html", "1")]).unwrap();
        assert!(empty.join("index.html").exists());
    }

    #[test]
    fn what_no_export_wrote_is_not_lost() {
        let root = tempfile::tempdir().unwrap();
        let site = root.path().join("site");
        fs::create_dir(&site).unwrap();
        fs::write(site.join("thesis.txt"), "mine").unwrap();
        assert!(matches!(export(&site, &[("index.html", "1")]), Err(FolderError::NotOurs(_))));
        fs::remove_file(site.join("thesis.txt")).unwrap();
        export(&site, &[("index.html", "1"), ("a/b", "1")]).unwrap();
        for (name, text) in [("CNAME", "pages.example"), ("index.html", "edited")] {
            let before = fs::read(site.join(name)).ok();
            fs::write(site.join(name), text).unwrap();
            let refused = export(&site, &[("index.html", "2")]).unwrap_err().to_string();
            assert!(refused.contains(name), "{refused}");
            assert_eq!(fs::read_to_string(site.join(name)).unwrap(), text);
            match before {
                Some(bytes) => fs::write(site.join(name), bytes).unwrap(),
                None => fs::remove_file(site.join(name)).unwrap(),
            }
        }
        std::os::unix::fs::symlink("/", site.join("a/link")).unwrap();
        assert!(matches!(export(&site, &[]), Err(FolderError::Others(..))));
        fs::write(root.path().join("file"), "").unwrap();
        assert!(matches!(export(&root.path().join("file"), &[]), Err(FolderError::NoFolder(_))));
        assert!(matches!(export(Path::new("/"), &[]), Err(FolderError::NotOurs(_))));
        assert_eq!(beside(root.path()), ["file", "site"]);
    }

    #[test]
    fn what_a_killed_export_left_is_swept_and_one_at_work_is_not() {
        let root = tempfile::tempdir().unwrap();
        let site = root.path().join("site");
        let (left, at_work) = (root.path().join(".site.underhood-1"), root.path().join(".site.underhood-2"));
        for folder in [&left, &at_work] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("index.html"), "half").unwrap();
        }
        let held = File::open(&at_work).unwrap();
        held.lock().unwrap();
        export(&site, &[("index.html", "1")]).unwrap();
        assert_eq!(beside(root.path()), [".site.underhood-2", "site"]);
    }
}
