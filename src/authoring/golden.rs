//! `golden/VARIANT.txt`: the output that was captured, in its comparable form, below a line that says which Go made it.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::examples::versions::minor;

/// What a golden's file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Golden {
    /// The toolchain that made it, such as `go1.27.3`.
    pub go: String,
    /// The output.
    pub body: String,
}

/// How a temporary file is called. Hidden, so that it is no part of the example.
const UNFINISHED: &str = ".underhood-";

impl Golden {
    /// Reads a golden's file. `None` when its first line is not as [`Golden::text`] writes it.
    pub fn read(text: &str) -> Option<Self> {
        let (head, body) = text.split_once('\n')?;
        let (go, _) = head.strip_prefix("# ")?.split_once(": ")?;
        minor(go)?;
        Some(Self { go: go.to_owned(), body: body.to_owned() })
    }

    /// The file.
    pub fn text(&self) -> String {
        format!("# {}: written by underhood capture\n{}", self.go, self.body)
    }

    /// Whether it holds for a toolchain: goldens hold for a minor version.
    pub fn is_for(&self, go: &str) -> bool {
        minor(&self.go) == minor(go)
    }
}

/// Writes a file at once or not at all, and makes its folder.
///
/// # Errors
/// Those of the file system.
pub fn replace(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    // As any file that an author writes; the umask has its say.
    builder.prefix(UNFINISHED).permissions(fs::Permissions::from_mode(0o666));
    let mut unfinished = builder.tempfile_in(folder)?;
    unfinished.write_all(text.as_bytes())?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(file)?;
    Ok(())
}

/// Removes what a killed capture left in a folder that it writes to.
pub fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes())) {
        // Another capture may be at work; then it is gone, or it comes back.
        let _ = fs::remove_file(entry.path());
    }
}

/// The difference as `diff -u` writes it; empty when there is none.
pub fn diff((old_name, old): (&str, &str), (new_name, new): (&str, &str)) -> String {
    similar::TextDiff::from_lines(old, new).unified_diff().context_radius(3).header(old_name, new_name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_golden_says_who_made_it_and_holds_for_its_minor_version() {
        let golden = Golden { go: "go1.27.3".into(), body: "a\n".into() };
        assert_eq!(Golden::read(&golden.text()), Some(golden.clone()));
        assert!(golden.is_for("go1.27.0") && !golden.is_for("go1.26.3"));
        for text in ["", "a\n", "# a\nb\n", "# a: b\nc\n"] {
            assert_eq!(Golden::read(text), None, "{text:?}");
        }
    }
}
