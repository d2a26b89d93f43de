//! The settings that a toolchain understands, read from its own source.
//!
//! Go ignores a GODEBUG key that it does not know, and kills a program that sets a removed one to
//! an old value; an unknown GOEXPERIMENT fails the build. So both are checked beforehand, and
//! against the toolchain at hand, since the lists change with every release.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::goroot::{Toolchain, goarch};

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum KnobsError {
    /// A source file is missing.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A source file does not look as it did in the releases that were looked at.
    #[error("{path}: no {what} found; underhood does not know this release of Go yet")]
    Empty {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
}

/// Every GODEBUG key that a program of this toolchain may be given:
/// the documented settings (internal/godebugs, All), the runtime's (runtime, dbgvars), `memprofilerate`,
/// and `cpu.NAME` for each feature that can be switched off on this machine, with `cpu.all`.
/// Undocumented settings (those that Go's source registers with a `#`) are not among them.
pub fn godebug_keys(toolchain: &Toolchain) -> Result<BTreeSet<String>, KnobsError> {
    let source = |file: &str| Source::read(toolchain.goroot(), file);
    let table = source("internal/godebugs/table.go")?;
    let runtime = source("runtime/runtime1.go")?;
    let features = source(&format!("internal/cpu/cpu_{}.go", cpu_file()))?;

    let mut keys = table.some("settings", names(&table.after("var All ="), "Name:"))?;
    keys.extend(runtime.some("debug variables", names(&runtime.after("var dbgvars ="), "name:"))?);
    // Compared by name in parsegodebug, since it is no int32 like the others.
    if runtime.text.contains("\"memprofilerate\"") {
        keys.insert("memprofilerate".to_owned());
    }
    keys.insert("cpu.all".to_owned());
    let options = features.some("CPU features", names(&features.text, "Name:"))?;
    keys.extend(options.into_iter().map(|name| format!("cpu.{name}")));
    for removed in godebug_removed(toolchain)? {
        keys.remove(&removed);
    }
    Ok(keys)
}

/// The GODEBUG keys that this release has removed; empty before Go 1.26.
pub fn godebug_removed(toolchain: &Toolchain) -> Result<BTreeSet<String>, KnobsError> {
    let table = Source::read(toolchain.goroot(), "internal/godebugs/table.go")?;
    Ok(names(&table.after("var Removed ="), "Name:"))
}

/// Every word that GOEXPERIMENT may hold, in lower case: each experiment, the same with `no` before it,
/// and the two that internal/buildcfg knows besides, `none` and the alias `regabi`.
pub fn goexperiments(toolchain: &Toolchain) -> Result<BTreeSet<String>, KnobsError> {
    let flags = Source::read(toolchain.goroot(), "internal/goexperiment/flags.go")?;
    let fields = flags.some("experiments", bool_fields(&flags.after("type Flags struct")))?;
    let config = Source::read(toolchain.goroot(), "internal/buildcfg/exp.go")?;
    let mut words: BTreeSet<String> = fields.iter().map(|field| field.to_lowercase()).collect();
    if config.text.contains("\"regabi\"") {
        words.insert("regabi".to_owned());
    }
    let negated: Vec<_> = words.iter().map(|word| format!("no{word}")).collect();
    words.extend(negated);
    if config.text.contains("\"none\"") {
        words.insert("none".to_owned());
    }
    Ok(words)
}

fn cpu_file() -> &'static str {
    match goarch() {
        "amd64" => "x86",
        other => other,
    }
}

/// A Go source file without its comments.
pub(super) struct Source {
    path: PathBuf,
    pub(super) text: String,
}

impl Source {
    /// Reads a file of the standard library or the tools, named from `src` on.
    pub(super) fn read(goroot: &Path, file: &str) -> Result<Self, KnobsError> {
        let path = goroot.join("src").join(file);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self { path, text: without_comments(&text) }),
            Err(cause) => Err(KnobsError::Read { path, cause }),
        }
    }

    /// The declaration that begins with `start`: up to the brace that closes its first one.
    pub(super) fn after(&self, start: &str) -> String {
        let Some(at) = self.text.find(start) else { return String::new() };
        let rest = &self.text[at..];
        // The type before the value may hold braces of its own only as an empty pair ("struct{}").
        let mut depth = 0;
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' if depth == 1 => return rest[..at].to_owned(),
                b'}' => depth -= 1,
                _ => {}
            }
        }
        String::new()
    }

    /// What was found, which must not be nothing.
    pub(super) fn some(&self, what: &'static str, found: BTreeSet<String>) -> Result<BTreeSet<String>, KnobsError> {
        if found.is_empty() { Err(self.without(what)) } else { Ok(found) }
    }

    /// It has none of what was looked for.
    pub(super) fn without(&self, what: &'static str) -> KnobsError {
        KnobsError::Empty { path: self.path.clone(), what }
    }
}

/// Go source with line and block comments blanked, string literals left whole.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skip = match first {
            '/' if rest.starts_with("//") => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            '/' if rest.starts_with("/*") => {
                rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
                out.push(' ');
                continue;
            }
            '"' | '\'' | '`' => literal(rest, first),
            other => other.len_utf8(),
        };
        out.push_str(&rest[..skip]);
        rest = &rest[skip..];
    }
    out
}

/// The length of the literal that `text` begins with.
fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote != '`' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}

/// Every string that stands behind `field` and blanks.
pub(super) fn names(text: &str, field: &str) -> BTreeSet<String> {
    text.match_indices(field)
        .filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        .filter_map(|(at, _)| text[at + field.len()..].trim_start().strip_prefix('"')?.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// The names of a struct's fields that are bool; `A, B bool` counts as two.
fn bool_fields(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| line.trim().strip_suffix("bool"));
    lines
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty() && name.chars().all(char::is_alphanumeric))
        .collect()
}

#[cfg(test)]
#[path = "knobs_tests.rs"]
mod tests;
