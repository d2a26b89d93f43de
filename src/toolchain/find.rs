//! Which toolchain is used: the one that was named, else `go` on PATH, else an installed one.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs, io,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use nix::errno::Errno;
use wait_timeout::ChildExt;

use super::{
    data::DataDir,
    goroot::{GorootError, Toolchain},
    pins,
    version::Wanted,
};

/// How long `go env GOROOT` may take. It takes 10 ms; a wrapper that downloads takes longer.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// A chosen toolchain and how it came to be chosen.
#[derive(Debug)]
pub struct Choice {
    /// The toolchain.
    pub toolchain: Toolchain,
    /// Where it was found.
    pub origin: Origin,
    /// Why others, looked at before, were not taken; one sentence each.
    pub passed_over: Vec<String>,
}

/// Where a toolchain was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Named by `--go` or UNDERHOOD_GO.
    Named,
    /// `go` on PATH.
    Path,
    /// Under the data folder.
    Installed,
}

/// Why there is no toolchain.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// None was named and none found.
    #[error("no Go toolchain: {why}; type: underhood toolchain install {version}", version = pins::default().version)]
    None {
        /// What was looked at.
        why: String,
    },
    /// A version was named that is not there.
    #[error("Go {wanted} is not installed{remedy}")]
    NotInstalled {
        /// The version.
        wanted: Wanted,
        /// What to type, or what there is to choose from.
        remedy: String,
    },
    /// What was named is neither a version nor a file or folder.
    #[error("{0}: no such file or folder; --go takes a GOROOT folder, its bin/go, or a version such as 1.27")]
    NoSuchPath(PathBuf),
    /// The folder that was found is no usable toolchain.
    #[error(transparent)]
    Goroot(#[from] GorootError),
    /// `go env GOROOT` did not answer.
    #[error("{go}: {why}")]
    Probe {
        /// The command that was run.
        go: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// The folder of installed toolchains cannot be read.
    #[error("cannot read {0}: {1}")]
    List(PathBuf, io::Error),
}

/// Chooses a toolchain. `named` is what `--go` or UNDERHOOD_GO says.
pub fn choose(named: Option<&str>, data: &DataDir) -> Result<Choice, FindError> {
    match named.filter(|text| !text.is_empty()) {
        Some(named) => self::named(named, env::var_os("PATH").as_deref(), data),
        None => unnamed(env::var_os("PATH").as_deref(), data),
    }
}

/// The toolchains under the data folder, newest first; broken ones with their error, last.
pub fn installed(data: &DataDir) -> Result<Vec<Result<Toolchain, GorootError>>, FindError> {
    let folder = data.toolchains();
    let entries = match fs::read_dir(&folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|e| FindError::List(folder.clone(), e))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| FindError::List(folder.clone(), e))?;
        if entry.file_name().as_encoded_bytes().starts_with(b"go") {
            found.push(Toolchain::at(&entry.path()));
        }
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.as_ref().ok().map(|t| *t.version())));
    Ok(found)
}

/// The toolchain behind `go` on PATH, if there is a `go`.
pub fn on_path() -> Option<Result<Toolchain, FindError>> {
    on(env::var_os("PATH").as_deref())
}

fn named(named: &str, path: Option<&OsStr>, data: &DataDir) -> Result<Choice, FindError> {
    let (toolchain, origin) = if let Ok(wanted) = named.parse::<Wanted>() {
        let here = installed(data)?.into_iter().flatten().find(|t| wanted.accepts(t.version()));
        match here {
            Some(toolchain) => (toolchain, Origin::Installed),
            None => match on(path) {
                Some(Ok(toolchain)) if wanted.accepts(toolchain.version()) => (toolchain, Origin::Path),
                _ => return Err(not_installed(wanted)),
            },
        }
    } else {
        let place = Path::new(named);
        let toolchain = match fs::metadata(place) {
            Err(_) => return Err(FindError::NoSuchPath(place.to_owned())),
            Ok(meta) if meta.is_dir() => Toolchain::at(place)?,
            Ok(_) => behind(place)?,
        };
        (toolchain, Origin::Named)
    };
    Ok(Choice { toolchain, origin, passed_over: Vec::new() })
}

fn unnamed(path: Option<&OsStr>, data: &DataDir) -> Result<Choice, FindError> {
    let pinned = pins::default().version;
    let mut passed_over = Vec::new();
    match on(path) {
        None => passed_over.push("there is no go on PATH".to_owned()),
        Some(Err(error)) => passed_over.push(format!("go on PATH cannot be used: {error}")),
        Some(Ok(toolchain)) if toolchain.version().reaches_minor_of(&pinned) => {
            return Ok(Choice { toolchain, origin: Origin::Path, passed_over });
        }
        Some(Ok(toolchain)) => {
            passed_over.push(format!("go on PATH is {}, older than {}", toolchain.version(), pinned.language()));
        }
    }
    let mut good = Vec::new();
    for found in installed(data)? {
        match found {
            Ok(toolchain) => good.push(toolchain),
            Err(error) => passed_over.push(error.to_string()),
        }
    }
    // The pinned release itself is what everything is tested with; else the newest.
    let at = good.iter().position(|t| *t.version() == pinned).unwrap_or(0);
    if at < good.len() {
        let toolchain = good.swap_remove(at);
        return Ok(Choice { toolchain, origin: Origin::Installed, passed_over });
    }
    passed_over.push(format!("none is installed in {}", data.toolchains().display()));
    Err(FindError::None { why: passed_over.join("; ") })
}

fn not_installed(wanted: Wanted) -> FindError {
    let remedy = match pins::find(&wanted) {
        Some(pin) => format!("; type: underhood toolchain install {}", pin.version),
        None => {
            let known: Vec<_> = pins::all().iter().map(|pin| pin.version.to_string()).collect();
            format!(", and underhood can install only {}; give a GOROOT folder with --go", known.join(", "))
        }
    };
    FindError::NotInstalled { wanted, remedy }
}

fn on(path: Option<&OsStr>) -> Option<Result<Toolchain, FindError>> {
    // A relative entry of PATH would make the answer depend on the folder we stand in.
    let absolute: Vec<_> = env::split_paths(path?).filter(|entry| entry.is_absolute()).collect();
    let path = env::join_paths(absolute).ok()?;
    let go = which::which_in("go", Some(path), "/").ok()?;
    Some(behind(&go))
}

/// The toolchain that a `go` command belongs to: the command may be a link or a wrapper, so it is asked.
fn behind(go: &Path) -> Result<Toolchain, FindError> {
    let probe = |why: String| FindError::Probe { go: go.to_owned(), why };
    let go = std::path::absolute(go).map_err(|e| probe(e.to_string()))?;
    let out = tempfile::tempfile().map_err(|e| probe(e.to_string()))?;
    let copy = out.try_clone().map_err(|e| probe(e.to_string()))?;
    let mut child = Command::new(&go)
        .args(["env", "GOROOT"])
        // Its own GOROOT, not what someone set, nor a newer one that go.mod asks for.
        .env_remove("GOROOT")
        .envs([("GOTOOLCHAIN", "local"), ("GOENV", "off"), ("GOFLAGS", ""), ("GOWORK", "off")])
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(copy)
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| match e.raw_os_error().map(Errno::from_raw) {
            Some(Errno::ENOEXEC) => probe("is no program for this machine".to_owned()),
            _ => probe(e.to_string()),
        })?;
    let status = child.wait_timeout(PROBE_LIMIT).map_err(|e| probe(e.to_string()))?;
    let Some(status) = status else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(probe(format!("`go env GOROOT` did not answer within {} s", PROBE_LIMIT.as_secs())));
    };
    let text = read_all(out).map_err(|e| probe(e.to_string()))?;
    let goroot = text.strip_suffix(b"\n").unwrap_or(&text);
    if !status.success() || goroot.is_empty() {
        return Err(probe(format!("`go env GOROOT` failed ({status})")));
    }
    Ok(Toolchain::at(Path::new(&OsString::from_vec(goroot.to_vec())))?)
}

/// Everything in a file that a child has written through another handle.
fn read_all(mut file: fs::File) -> io::Result<Vec<u8>> {
    use io::{Read, Seek};
    file.rewind()?;
    let mut text = Vec::new();
    file.take(64 << 10).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
