//! The reader's files: names that are safe anywhere, and the txtar format for several in one text.

use std::collections::BTreeMap;
use std::path::Path;

use super::refusal::Refusal;

/// The most files in one request.
pub const MAX_FILES: usize = 20;

/// The longest file name in bytes, folders included.
pub const MAX_NAME_BYTES: usize = 200;

/// The most parts of a file name, the file's own included.
pub const MAX_DEPTH: usize = 10;

/// The most bytes of all files together.
pub const MAX_BYTES: usize = 256 * 1024;

/// What a lone source is called.
pub const MAIN: &str = "main.go";

/// Files by name, checked. Names are relative, without `.` or `..`, of letters, digits and `_ - . + @` only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

impl Files {
    /// Checks names, count and size.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> Result<Self, Refusal> {
        let mut checked = BTreeMap::new();
        let mut bytes = 0;
        for (name, text) in files {
            check_name(&name)?;
            bytes += text.len();
            if checked.insert(name.clone(), text).is_some() {
                return Err(refuse(&name, "is there twice"));
            }
        }
        if checked.is_empty() {
            return Err(Refusal::not_allowed("there is no file to run; send `source` or `files`", NONE));
        }
        if checked.len() > MAX_FILES {
            let detail = format!("{} files are too many; at most {MAX_FILES} are taken", checked.len());
            return Err(Refusal::not_allowed(detail, NONE));
        }
        if bytes > MAX_BYTES {
            return Err(Refusal::TooLarge { limit_bytes: MAX_BYTES });
        }
        for name in checked.keys() {
            let folder = format!("{name}/");
            if checked.keys().any(|other| other.starts_with(&folder)) {
                return Err(refuse(name, "is both a file and a folder"));
            }
        }
        Ok(Self(checked))
    }

    /// One text: a lone Go file, or several in txtar, where what stands before the first marker is `main.go`.
    ///
    /// # Errors
    /// As [`Files::new`].
    pub fn from_source(source: &str) -> Result<Self, Refusal> {
        Self::from_source_as(MAIN, source)
    }

    /// The same, with another name for the file that has none.
    ///
    /// # Errors
    /// As [`Files::new`].
    pub fn from_source_as(nameless: &str, source: &str) -> Result<Self, Refusal> {
        Self::new(parts(nameless, source).into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())))
    }

    /// One text that [`Files::from_source`] reads as these files; `None` when a line of one is a marker, or there are
    /// several and one has no newline at its end.
    pub fn to_source(&self) -> Option<String> {
        let source = match self.0.get(MAIN) {
            Some(main) if self.0.len() == 1 => main.clone(),
            _ => self.iter().map(|(name, text)| format!("-- {name} --\n{text}")).collect(),
        };
        (Self::from_source(&source).as_ref() == Ok(self)).then_some(source)
    }

    /// All files, by name in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Whether there is a file of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The Go files of the top folder that are no tests, in order: what `go build *.go` would name.
    pub fn go_files(&self) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| !name.contains('/') && name.ends_with(".go") && !name.ends_with("_test.go"))
    }
}

const NONE: [String; 0] = [];

fn check_name(name: &str) -> Result<(), Refusal> {
    let refuse = |why| Err(refuse(name, why));
    if name.is_empty() {
        return refuse("is empty");
    }
    if name.len() > MAX_NAME_BYTES {
        return refuse("is longer than 200 bytes");
    }
    if name.contains(['\0', '\\']) || name.chars().any(char::is_control) {
        return refuse("holds a backslash, a NUL or another control character");
    }
    if name.starts_with('/') {
        return refuse("starts with a slash; names are relative");
    }
    let parts: Vec<&str> = name.split('/').collect();
    if parts.len() > MAX_DEPTH {
        return refuse("is more than 10 folders deep");
    }
    for part in parts {
        match part {
            "" => return refuse("has an empty part"),
            "." | ".." => return refuse("holds `.` or `..`"),
            _ => {}
        }
        // `-x` is a flag to Go's tools, and `@x` a file of flags.
        if part.starts_with(['-', '.', '@']) {
            return refuse("has a part that starts with `-`, `.` or `@`");
        }
        if !part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.+@".contains(&byte)) {
            return refuse("may hold letters, digits and _ - . + @ only");
        }
    }
    Ok(())
}

fn refuse(name: &str, why: &str) -> Refusal {
    Refusal::not_allowed(format!("the file name {name:?} {why}"), NONE)
}

/// The files of one text, in the order in which they stand there, unchecked: a lone one, or several in txtar. `nameless`
/// is the name of what stands before the first marker.
pub fn parts<'a>(nameless: &'a str, source: &'a str) -> Vec<(&'a str, &'a str)> {
    let (comment, files) = split_txtar(source);
    if files.is_empty() {
        return vec![(nameless, source)];
    }
    let first = Some((nameless, comment)).filter(|_| !comment.trim().is_empty());
    first.into_iter().chain(files).collect()
}

/// The text before the first `-- name --` line, and the files after it (golang.org/x/tools/txtar).
fn split_txtar(text: &str) -> (&str, Vec<(&str, &str)>) {
    let mut markers = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(name) = marker(line) {
            markers.push((at, at + line.len(), name));
        }
        at += line.len();
    }
    let comment = &text[..markers.first().map_or(text.len(), |marker| marker.0)];
    let ends = markers.iter().skip(1).map(|marker| marker.0).chain([text.len()]);
    let files = markers.iter().zip(ends).map(|((_, start, name), end)| (*name, &text[*start..end])).collect();
    (comment, files)
}

fn marker(line: &str) -> Option<&str> {
    let name = line.trim_end_matches(['\n', '\r']).strip_prefix("-- ")?.strip_suffix(" --")?.trim();
    (!name.is_empty()).then_some(name)
}

/// The name under which a file on disk is sent: its last part.
///
/// # Errors
/// When it has none, or one that is not UTF-8.
pub fn name_of(path: &Path) -> Result<String, Refusal> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(|| refuse(&path.to_string_lossy(), "is no file name in UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str) -> Result<Files, Refusal> {
        Files::new([(name.to_owned(), String::new())])
    }

    #[test]
    fn unsafe_names_are_refused() {
        let long = "a".repeat(201);
        let deep = "a/".repeat(10) + "x.go";
        for name in [
            "",
            "../x.go",
            "a/../x.go",
            "/x.go",
            "a\\x.go",
            "a\0.go",
            "./x.go",
            "a//x.go",
            "-x.go",
            "a/-o",
            ".git",
            "a b",
            "x\n.go",
            "é.go",
            &long,
            &deep,
        ] {
            assert!(one(name).is_err(), "{name:?} was taken");
        }
        for name in ["main.go", "a/b/c.go", "go.mod", "x_test.go", "v1.2+meta@x.txt"] {
            assert!(one(name).is_ok(), "{name:?} was refused");
        }
    }

    #[test]
    fn a_file_is_no_folder() {
        let both = [("a".to_owned(), String::new()), ("a/b".to_owned(), String::new())];
        assert!(Files::new(both).is_err());
    }

    #[test]
    fn txtar_is_taken_apart_byte_for_byte() {
        let files = Files::from_source("package main\n-- b/x.go --\npackage b\n\n-- go.mod --\nmodule m\n").unwrap();
        let all: Vec<_> = files.iter().collect();
        assert_eq!(all, [("b/x.go", "package b\n\n"), ("go.mod", "module m\n"), ("main.go", "package main\n")]);
        assert!(Files::from_source("-- a.go --\n-- a.go --\n").is_err(), "a duplicate was taken");
        let lone = Files::from_source("package main // -- not a marker --\n").unwrap();
        assert_eq!(lone.iter().count(), 1);
    }

    #[test]
    fn files_as_one_text_are_the_same_files() {
        let files = |all: &[(&str, &str)]| {
            Files::new(all.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))).unwrap()
        };
        for (all, source) in [
            (&[("main.go", "package main")][..], Some("package main")),
            (&[("a.go", "a\n")], Some("-- a.go --\na\n")),
            (&[("b/x.go", "b\n"), ("main.go", "")], Some("-- b/x.go --\nb\n-- main.go --\n")),
            (&[("a.go", "a"), ("b.go", "")], None),
            (&[("main.go", "-- a.go --\n")], None),
            (&[("main.go", "// x\n-- ../a --\n")], None),
        ] {
            assert_eq!(files(all).to_source().as_deref(), source, "{all:?}");
        }
    }

    #[test]
    fn limits_on_count_and_size() {
        let many = |count| (0..count).map(|index| (format!("f{index}.go"), String::new()));
        assert!(Files::new(many(20)).is_ok());
        assert!(Files::new(many(21)).is_err());
        let big = Files::new([("main.go".to_owned(), "x".repeat(MAX_BYTES + 1))]);
        assert_eq!(big, Err(Refusal::TooLarge { limit_bytes: MAX_BYTES }));
    }
}
