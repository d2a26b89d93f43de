//! The standard library, compiled ahead into a build cache that every sandbox reads.
//!
//! The cache is filled at one path and read at another, as the read-only lower layer of an overlay.
//! That holds because the go command's keys of compiled packages name neither GOROOT nor GOCACHE where
//! the package is of the standard library. (The keys of its package index, which saves some parsing,
//! do name GOROOT: read at another path, a build adds about a hundred small entries of its own.)
//! It needs two things. The environment must be [`BUILD_ENV`] on both
//! sides, since it is part of the keys. And no entry may look old: the go command touches an entry
//! that it uses when its mtime is more than an hour past (cmd/go/internal/cache, markUsed), which on
//! an overlay would copy the whole archive up; so every mtime is set to the year 2100. That is
//! harmless: markUsed and trimSubdir only ask whether an mtime lies too far in the past.

use std::{
    ffi::OsString,
    fs::{self, File, Permissions},
    io::{self, BufRead, BufReader},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, SystemTime},
};

use super::{
    data::{Claim, DataDir, DataError, write_error},
    fetch::end,
    goroot::Toolchain,
    progress::{Interrupted, Progress, Unit},
};

/// The constant environment of every build, here and in the sandbox. PATH, HOME, GOCACHE and the
/// like come on top, and are not part of the cache's keys.
pub const BUILD_ENV: &[(&str, &str)] = &[
    ("CGO_ENABLED", "0"),
    ("GOENV", "off"),
    ("GOFLAGS", ""),
    ("GOPROXY", "off"),
    ("GOSUMDB", "off"),
    ("GOTOOLCHAIN", "local"),
    ("GOWORK", "off"),
];

/// Changes whenever what is compiled ahead changes, so that older caches are not taken for whole.
const RECIPE: u32 = 1;

/// 2100-01-01. A file system that ends earlier (2038) takes its own last second instead.
const FAR: Duration = Duration::from_secs(4_102_444_800);

/// A prepared standard library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stdlib {
    cache: PathBuf,
}

/// Why the standard library is not prepared.
#[derive(Debug, thiserror::Error)]
pub enum StdlibError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The go command could not be started.
    #[error("{go} could not be run: {cause}")]
    Start {
        /// The command.
        go: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The go command failed.
    #[error("`go {args}` failed: {said}")]
    Go {
        /// Its arguments.
        args: String,
        /// The end of what it wrote.
        said: String,
    },
    /// Asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl Stdlib {
    /// The folder to use as GOCACHE, or under an overlay of it. Everyone can read it.
    pub fn cache(&self) -> &Path {
        &self.cache
    }
}

/// The standard library of `toolchain`, if it is there.
pub fn prepared(toolchain: &Toolchain, data: &DataDir) -> Result<Option<Stdlib>, StdlibError> {
    let cache = data.std().join(name(toolchain)).join("cache");
    match fs::metadata(&cache) {
        Ok(meta) => Ok(meta.is_dir().then_some(Stdlib { cache })),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(write_error(&cache, e).into()),
    }
}

/// Compiles the standard library of `toolchain`, unless it is there. Takes a minute or two.
/// Safe to call from two processes at once.
pub fn prepare(toolchain: &Toolchain, data: &DataDir, progress: &mut dyn Progress) -> Result<Stdlib, StdlibError> {
    if let Some(stdlib) = prepared(toolchain, data)? {
        return Ok(stdlib);
    }
    let claim = Claim::take(&data.std(), progress).map_err(interruption)?;
    if let Some(stdlib) = prepared(toolchain, data)? {
        return Ok(stdlib);
    }
    let unfinished = claim.unfinished()?;
    let build = Build::new(toolchain, unfinished.path()).map_err(|e| write_error(unfinished.path(), e))?;
    build.all(progress)?;
    let whole = unfinished.path().join("whole");
    settle(&whole).map_err(|e| write_error(&whole, e))?;
    claim.put(&whole, &name(toolchain), &unfinished)?;
    Ok(Stdlib { cache: data.std().join(name(toolchain)).join("cache") })
}

fn name(toolchain: &Toolchain) -> String {
    format!("{}-{RECIPE}", toolchain.id())
}

/// One filling of a cache. Everything that the go command writes goes below one folder.
struct Build<'a> {
    toolchain: &'a Toolchain,
    folder: &'a Path,
}

impl<'a> Build<'a> {
    fn new(toolchain: &'a Toolchain, folder: &'a Path) -> io::Result<Self> {
        for part in ["whole/cache", "tmp", "program", "home/.config/go/telemetry"] {
            fs::create_dir_all(folder.join(part))?;
        }
        // There is no variable for this: the go command reads it from a file.
        fs::write(folder.join("home/.config/go/telemetry/mode"), "off")?;
        fs::write(folder.join("program/go.mod"), format!("module warm\n\ngo {}\n", toolchain.version().language()))?;
        fs::write(
            folder.join("program/main.go"),
            "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"warm\") }\n",
        )?;
        Ok(Self { toolchain, folder })
    }

    fn all(&self, progress: &mut dyn Progress) -> Result<(), StdlibError> {
        let listed = self.go(&["list", "std"], |line| !line.is_empty(), |_| progress.advance(0))?;
        // unsafe is listed and never compiled; the program below takes its place.
        let version = self.toolchain.version();
        progress.start(&format!("Compiling the standard library of Go {version}"), Unit::Items, Some(listed));
        let mut done = 0;
        let compiled = self.go(&["build", "-v", "std"], is_package, |count| {
            done = count;
            progress.advance(count)
        });
        // A whole program as well, so that nothing that only linking needs is missing.
        let linked = compiled.and_then(|_| {
            let build = ["build", "-v", "-o", "/dev/null", "."];
            self.go(&build, is_package, |count| progress.advance(done + count))
        });
        // A few are listed and have nothing to compile on this machine.
        let whole = linked.and_then(|_| Ok(progress.advance(listed)?));
        progress.finish();
        whole
    }

    /// Runs the go command; returns how many lines of its output `counts` holds true for,
    /// and tells `step` as they come.
    fn go(
        &self,
        args: &[&str],
        counts: fn(&str) -> bool,
        mut step: impl FnMut(u64) -> Result<(), Interrupted>,
    ) -> Result<u64, StdlibError> {
        let go = self.toolchain.go();
        let at = |part: &str| self.folder.join(part).into_os_string();
        let mut path = self.toolchain.goroot().join("bin").into_os_string();
        path.push(":/usr/bin:/bin");
        let (reader, writer) = io::pipe().map_err(|cause| StdlibError::Start { go: go.clone(), cause })?;
        let errors = writer.try_clone().map_err(|cause| StdlibError::Start { go: go.clone(), cause })?;
        let mut command = Command::new(&go);
        command
            .args(args)
            .current_dir(self.folder.join("program"))
            .env_clear()
            .envs(BUILD_ENV.iter().copied())
            .envs::<_, &str, OsString>([
                ("PATH", path),
                ("HOME", at("home")),
                ("XDG_CONFIG_HOME", at("home/.config")),
                ("GOPATH", at("home/go")),
                ("GOCACHE", at("whole/cache")),
                ("GOTMPDIR", at("tmp")),
                ("TMPDIR", at("tmp")),
            ])
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(errors)
            .process_group(0);
        let mut child = command.spawn().map_err(|cause| StdlibError::Start { go: go.clone(), cause })?;
        // The command holds the writing ends; while it does, the reader never sees the end.
        drop(command);

        let (send, lines) = mpsc::channel();
        let reading = thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let mut count = 0;
        let mut said = Vec::new();
        let stopped = loop {
            match lines.recv_timeout(Duration::from_millis(100)) {
                Ok(line) if counts(&line) => count += 1,
                Ok(line) => said.push(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break None,
            }
            if let Err(stop) = step(count) {
                break Some(stop);
            }
        };
        if let Some(stop) = stopped {
            end(&mut child);
            let _ = reading.join();
            return Err(stop.into());
        }
        let _ = reading.join();
        let status = child.wait().map_err(|cause| StdlibError::Start { go, cause })?;
        if !status.success() {
            let last = said.len().saturating_sub(3);
            let said = if said.is_empty() { status.to_string() } else { said[last..].join("\n") };
            return Err(StdlibError::Go { args: args.join(" "), said });
        }
        Ok(count)
    }
}

/// Whether a line of `go build -v` names a package rather than says what went wrong.
fn is_package(line: &str) -> bool {
    !line.is_empty() && !line.contains([' ', ':', '\t', '#'])
}

/// Makes everything readable by all and, for files, far from old.
fn settle(path: &Path) -> io::Result<()> {
    let folder = fs::symlink_metadata(path)?.is_dir();
    let file = File::open(path)?;
    file.set_permissions(Permissions::from_mode(if folder { 0o755 } else { 0o644 }))?;
    if !folder {
        return file.set_modified(SystemTime::UNIX_EPOCH + FAR);
    }
    for entry in fs::read_dir(path)? {
        settle(&entry?.path())?;
    }
    Ok(())
}

fn interruption(error: DataError) -> StdlibError {
    match error {
        DataError::Interrupted(stop) => stop.into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::{super::goroot::tests::write, *};

    #[test]
    fn settled_files_are_readable_and_never_old() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("whole");
        fs::create_dir_all(root.join("ab")).unwrap();
        fs::write(root.join("ab/entry-d"), "x").unwrap();
        fs::set_permissions(root.join("ab/entry-d"), Permissions::from_mode(0o600)).unwrap();
        settle(&root).unwrap();
        let meta = fs::metadata(root.join("ab/entry-d")).unwrap();
        assert_eq!(meta.mode() & 0o777, 0o644);
        // 2038-01-01: a file system without later times still passes.
        assert!(meta.mtime() > 2_145_916_800, "{}", meta.mtime());
        assert_eq!(fs::metadata(root.join("ab")).unwrap().mode() & 0o777, 0o755);
    }

    #[test]
    fn packages_are_told_from_complaints() {
        assert!(is_package("internal/cpu") && is_package("vendor/golang.org/x/net/idna"));
        for line in ["", "# runtime", "go: no space left on device", "a.go:1:2: undefined: x"] {
            assert!(!is_package(line), "{line}");
        }
    }

    #[test]
    fn a_failed_preparation_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let goroot = dir.path().join("go");
        write(&goroot, "1.27.3", "not a program");
        let toolchain = Toolchain::at(&goroot).unwrap();
        let data = DataDir::at(dir.path().join("data"));
        let result = prepare(&toolchain, &data, &mut super::super::progress::Silent);
        assert!(matches!(result, Err(StdlibError::Start { .. } | StdlibError::Go { .. })), "{result:?}");
        assert_eq!(prepared(&toolchain, &data).unwrap(), None);
        let left: Vec<_> = fs::read_dir(data.std()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, [".lock"]);
    }
}
