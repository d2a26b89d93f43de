//! Where the paths of a cell lie for its programs.
//!
//! With a mount namespace every path is what the spec says. Without one a cell is a folder of the host: what the spec
//! would mount from the host stays where it is, and all else lies below that folder.

use std::path::{Path, PathBuf};

use crate::spec::{CellSpec, Mount, Word};

/// The places of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Target and place, for a cell without mounts; the innermost target is found first, the root last.
    places: Vec<(PathBuf, PathBuf)>,
}

impl Layout {
    /// `folder` is the cell's own, for a cell without mounts.
    #[must_use]
    pub fn of(spec: &CellSpec, folder: Option<&Path>) -> Self {
        let Some(folder) = folder else { return Self { places: Vec::new() } };
        let below = |path: &Path| folder.join(path.strip_prefix("/").unwrap_or(path));
        let mut places: Vec<_> = spec
            .mounts
            .iter()
            .map(|mount| match mount {
                Mount::ReadOnly { source, target, .. } => (target.clone(), source.clone()),
                Mount::Device { path } => (path.clone(), path.clone()),
                Mount::Overlay { target, .. }
                | Mount::Scratch { target }
                | Mount::File { target, .. }
                | Mount::Link { target, .. } => (target.clone(), below(target)),
            })
            .collect();
        // What no mount covers: folders on the way to one, and what is not there.
        places.push((PathBuf::from("/"), folder.to_owned()));
        places.sort_by_key(|(target, _)| std::cmp::Reverse(target.components().count()));
        Self { places }
    }

    /// Where a path of the cell lies.
    #[must_use]
    pub fn place(&self, path: &Path) -> PathBuf {
        let find = |(target, place): &(PathBuf, PathBuf)| {
            let rest = path.strip_prefix(target).ok()?;
            // Joining an empty path would add a slash.
            Some(if rest.as_os_str().is_empty() { place.clone() } else { place.join(rest) })
        };
        self.places.iter().find_map(find).unwrap_or_else(|| path.to_owned())
    }

    /// Whether the cell is a folder of the host, and so has no pid namespace either.
    pub(crate) fn is_folder(&self) -> bool {
        !self.places.is_empty()
    }

    pub(crate) fn word(&self, word: &Word) -> String {
        match word {
            Word::Text(text) => text.clone(),
            Word::Path { before, path } => format!("{before}{}", self.place(path).display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Limits, Network, Processes};

    fn empty() -> CellSpec {
        CellSpec { mounts: Vec::new(), ..spec() }
    }

    fn spec() -> CellSpec {
        let limits = Limits {
            memory_bytes: 0,
            pids: 0,
            data_bytes: 0,
            scratch_bytes: 0,
            scratch_inodes: 0,
            file_bytes: 0,
            open_files: 0,
            cpu_seconds: 0,
        };
        let mounts = vec![
            Mount::ReadOnly { source: "/opt/go".into(), target: "/usr/local/go".into(), exec: true },
            Mount::Scratch { target: "/tmp".into() },
            Mount::Scratch { target: "/tmp/inner".into() },
            Mount::Device { path: "/dev/null".into() },
            Mount::File { target: "/etc/xdg/go/mode".into(), text: String::new() },
        ];
        CellSpec {
            mounts,
            processes: Processes::ThreadsOnly,
            network: Network::Loopback,
            limits,
            ahead: Vec::new(),
            huge: Vec::new(),
        }
    }

    #[test]
    fn with_mounts_a_path_is_itself() {
        let layout = Layout::of(&spec(), None);
        assert!(!layout.is_folder());
        for path in ["/tmp/x", "/etc/xdg", "/"] {
            assert_eq!(layout.place(Path::new(path)), Path::new(path));
        }
    }

    #[test]
    fn without_mounts_a_path_is_on_the_host_where_the_spec_says_so_and_else_below_the_folder() {
        let layout = Layout::of(&spec(), Some(Path::new("/cells/7")));
        assert!(layout.is_folder() && Layout::of(&empty(), Some(Path::new("/cells/7"))).is_folder());
        for (path, place) in [
            ("/usr/local/go/bin/go", "/opt/go/bin/go"),
            ("/usr/local/go", "/opt/go"),
            ("/usr/local/gone", "/cells/7/usr/local/gone"),
            ("/dev/null", "/dev/null"),
            ("/dev/zero", "/cells/7/dev/zero"),
            ("/etc/xdg", "/cells/7/etc/xdg"),
            ("/etc/xdg/go/mode", "/cells/7/etc/xdg/go/mode"),
            ("/", "/cells/7"),
            ("/tmp/x", "/cells/7/tmp/x"),
            ("/tmp/inner/x", "/cells/7/tmp/inner/x"),
        ] {
            assert_eq!(layout.place(Path::new(path)), Path::new(place), "{path}");
        }
        let word = Word::Path { before: "-trimpath=".to_owned(), path: "/tmp".into() };
        assert_eq!(layout.word(&word), "-trimpath=/cells/7/tmp");
        assert_eq!(layout.word(&Word::from("/tmp")), "/tmp", "text is never a path");
    }
}
