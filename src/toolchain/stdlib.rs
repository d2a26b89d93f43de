//! The standard library, compiled ahead into a build cache that every sandbox reads.
//!
//! The cache is filled at one path and read at another, as the read-only lower layer of an overlay.
//! That holds because the go command's keys of compiled packages name neither GOROOT nor GOCACHE where
//! the package is of the standard library. (The keys of its package index do name GOROOT, so cells do without.)
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
    c,
    data::{DataError, write_error},
    fetch::end,
    goroot::{Toolchain, tool_folder},
    library::{CACHE, Library, TOOLS},
    progress::{Interrupted, Progress, Unit},
    target::Target,
    tools,
};

/// The constant environment of every build, here and in the sandbox, beside that of the target
/// ([`Target::settings`]). PATH, HOME, GOCACHE and the like come on top, and are not part of the cache's keys.
pub const BUILD_ENV: &[(&str, &str)] =
    &[("GOENV", "off"), ("GOPROXY", "off"), ("GOSUMDB", "off"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off")];

/// 2100-01-01. A file system that ends earlier (2038) takes its own last second instead.
const FAR: Duration = Duration::from_secs(4_102_444_800);

/// Why the standard library is not prepared.
#[derive(Debug, thiserror::Error)]
pub enum StdlibError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// One that was compiled is damaged, or closed to this user.
    #[error(
        "the compiled standard library in {folder} cannot be read: {cause}; to have it compiled anew, type: {remedy}"
    )]
    Unread {
        /// Its folder.
        folder: PathBuf,
        /// What is wrong with it.
        cause: io::Error,
        /// What to type.
        remedy: String,
    },
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
    /// A C compiler is needed.
    #[error("the race detector needs a C compiler, and there is no gcc in {searched}; {remedy}", searched = c::SEARCHED, remedy = c::REMEDY)]
    NoCompiler,
    /// Something of C failed.
    #[error("what the race detector needs of C cannot be made: {0}; {remedy}", remedy = c::REMEDY)]
    C(io::Error),
    /// Asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// One filling of a cache. Everything that the go command writes goes below one folder.
pub(super) struct Build<'a> {
    toolchain: &'a Toolchain,
    target: &'a Target,
    folder: &'a Path,
    /// The cache that is kept, relative to the folder. Named so that no other filling has the same name: cells that are
    /// prepared, and what is kept of builds, stay with the one that they know.
    cache: String,
    is_gentle: bool,
}

/// One that is not.
const COPY: &str = "copy";

/// How much a gentle build leaves the processors to others (nice(2)).
const NICE: i32 = 10;

impl<'a> Build<'a> {
    /// Everything goes below `folder`, which is empty. A gentle one lets others have the processors first.
    pub(super) fn new(
        toolchain: &'a Toolchain,
        target: &'a Target,
        folder: &'a Path,
        is_gentle: bool,
    ) -> io::Result<Self> {
        let tools = format!("whole/{TOOLS}");
        let unique = folder.file_name().unwrap_or_default().to_string_lossy();
        let cache = format!("whole/{CACHE}{}", unique.trim_start_matches('.'));
        for part in [&cache, &tools, "tmp", "program", "vetted", "home/.config/go/telemetry"] {
            fs::create_dir_all(folder.join(part))?;
        }
        // There is no variable for this: the go command reads it from a file.
        fs::write(folder.join("home/.config/go/telemetry/mode"), "off")?;
        fs::write(
            folder.join("program/main.go"),
            "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"warm\") }\n",
        )?;
        Ok(Self { toolchain, target, folder, cache, is_gentle })
    }

    /// Fills the folder and returns what is to be kept of it.
    pub(super) fn all(&self, progress: &mut dyn Progress) -> Result<PathBuf, StdlibError> {
        obstacle(self.target)?;
        let listed = self.go(&["list", "std"], is_package, |_| progress.advance(0))?.count;
        // unsafe is listed and never compiled; the program below takes its place.
        let (version, target) = (self.toolchain.version(), self.target.words());
        let what = format!("Compiling the standard library of Go {version} for {target}");
        progress.start(&what, Unit::Items, Some(listed));
        let done = self.compile(listed, progress);
        progress.finish();
        done.map_err(|error| match error {
            StdlibError::Go { .. } if self.target.has_race_detector() => StdlibError::C(io::Error::other(error)),
            other => other,
        })?;
        let whole = self.folder.join("whole");
        settle(&whole).map_err(|e| write_error(&whole, e))?;
        Ok(whole)
    }

    fn compile(&self, listed: u64, progress: &mut dyn Progress) -> Result<(), StdlibError> {
        let mut done = 0;
        self.go(&["build", "-v", "std"], is_package, |count| {
            done = count;
            progress.advance(count)
        })?;
        // A whole program as well, so that nothing that only linking needs is missing; and to hear how it is built.
        let log =
            self.go(&["build", "-x", "-o", "/dev/null", "main.go"], |_| false, |_| progress.advance(done))?.said;
        let export = "-f={{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}";
        let exports = self.go(&["list", "-export", export, "std"], |_| false, |_| progress.advance(done))?.said;
        let exports: Vec<String> = exports.into_iter().filter(|line| !line.is_empty()).collect();
        let is_linked_with_c = self.target.has_race_detector();
        let shared = if is_linked_with_c { self.take_c(&exports, |_| progress.advance(done))? } else { Vec::new() };
        let cache = self.folder.join(&self.cache);
        Library::write(&cache, &exports, &log, shared).map_err(|e| write_error(&cache, e))?;
        if *self.target == Target::host() {
            if self.toolchain.goroot().join(tool_folder()).join("vet").exists() {
                self.learn_for_vet(&exports, |_| progress.advance(done))?;
            }
            self.compile_tools(|_| progress.advance(done))?;
        }
        // A few are listed and have nothing to compile on this machine.
        Ok(progress.advance(listed)?)
    }

    /// What `go vet` of a program wants to know of each package that it imports goes into the cache too.
    fn learn_for_vet(
        &self,
        exports: &[String],
        mut step: impl FnMut(u64) -> Result<(), Interrupted>,
    ) -> Result<(), StdlibError> {
        self.write_importing(exports, |_| true)?;
        self.go(&["vet", "../vetted/main.go"], |_| false, &mut step).map(drop)
    }

    /// What programs and the go command need of C, and where programs look for files of the host's C library.
    fn take_c(
        &self,
        exports: &[String],
        mut step: impl FnMut(u64) -> Result<(), Interrupted>,
    ) -> Result<Vec<PathBuf>, StdlibError> {
        let (whole, program) = (self.folder.join("whole"), self.folder.join("tmp/all"));
        // What imports plugin is linked by the C compiler, and so not in a cell.
        self.write_importing(exports, |name| name != "plugin")?;
        self.go(&["build", "-o", "../tmp/all", "../vetted/main.go"], |_| false, &mut step)?;
        let compiler = c::compiler().ok_or(StdlibError::NoCompiler)?;
        c::write_stand_in(&compiler, &whole, &self.folder.join("tmp")).map_err(StdlibError::C)?;
        c::copy_shared(&program, &whole).map_err(StdlibError::C)
    }

    /// Writes a program that imports all that any program may import, and that is wanted.
    fn write_importing(&self, exports: &[String], is_wanted: fn(&str) -> bool) -> Result<(), StdlibError> {
        let names = exports.iter().filter_map(|line| line.strip_prefix("packagefile ")?.split('=').next());
        let is_own = |name: &&str| name.split('/').any(|part| part == "internal" || part == "vendor");
        let names = names.filter(|name| !is_own(name) && is_wanted(name));
        let imports: String = names.map(|name| format!("import _ {name:?}\n")).collect();
        let file = self.folder.join("vetted/main.go");
        fs::write(&file, format!("package main\n\n{imports}\nfunc main() {{}}\n"))
            .map_err(|e| write_error(&file, e).into())
    }

    /// The tools, with a copy of the cache, since what they are made of is nothing to a reader's program.
    fn compile_tools(&self, mut step: impl FnMut(u64) -> Result<(), Interrupted>) -> Result<(), StdlibError> {
        let (cache, copy) = (self.folder.join(&self.cache), self.folder.join(COPY));
        link_all(&cache, &copy).map_err(|e| write_error(&copy, e))?;
        for tool in tools::ALL.iter().filter(|tool| tool.can_be_had(self.toolchain)) {
            let program = self.folder.join("program");
            let what = tool.arguments(self.toolchain, &program).map_err(|e| write_error(&program, e))?;
            if what.is_empty() {
                continue;
            }
            let to = format!("../whole/{TOOLS}/{}", tool.name);
            match self.go_with(COPY, &[&["build", "-o", &to][..], &what].concat(), |_| false, &mut step) {
                Err(StdlibError::Go { said, .. }) if tool.can_be_missing() => {
                    tracing::warn!(tool = tool.name, %said, "not compiled ahead; the toolchain's own is used");
                }
                done => drop(done?),
            }
        }
        Ok(())
    }

    /// Runs the go command with the cache that is kept.
    fn go(
        &self,
        args: &[&str],
        counts: fn(&str) -> bool,
        step: impl FnMut(u64) -> Result<(), Interrupted>,
    ) -> Result<Heard, StdlibError> {
        self.go_with(&self.cache, args, counts, step)
    }

    /// Runs the go command and tells `step` how many lines `counts` holds true for, as they come.
    fn go_with(
        &self,
        cache: &str,
        args: &[&str],
        counts: fn(&str) -> bool,
        mut step: impl FnMut(u64) -> Result<(), Interrupted>,
    ) -> Result<Heard, StdlibError> {
        let go = self.toolchain.go();
        let at = |part: &str| self.folder.join(part).into_os_string();
        let mut path = self.toolchain.goroot().join("bin").into_os_string();
        path.push(":");
        path.push(c::SEARCHED);
        let (reader, writer) = io::pipe().map_err(|cause| StdlibError::Start { go: go.clone(), cause })?;
        let errors = writer.try_clone().map_err(|cause| StdlibError::Start { go: go.clone(), cause })?;
        let mut command = Command::new(&go);
        command
            .args(args)
            .current_dir(self.folder.join("program"))
            .env_clear()
            .envs(BUILD_ENV.iter().copied())
            .envs(self.target.settings())
            .envs(self.target.env())
            .envs::<_, &str, OsString>([
                ("PATH", path),
                ("HOME", at("home")),
                ("XDG_CONFIG_HOME", at("home/.config")),
                ("GOPATH", at("home/go")),
                ("GOCACHE", at(cache)),
                ("GOTMPDIR", at("tmp")),
                ("TMPDIR", at("tmp")),
            ])
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(errors)
            .process_group(0);
        let mut child = command.spawn().map_err(|cause| StdlibError::Start { go: go.clone(), cause })?;
        if self.is_gentle {
            let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
            // Before it has children of its own; at worst it is not so gentle.
            let _ = rustix::process::setpriority_process(id, NICE);
        }
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
        Ok(Heard { count, said })
    }
}

/// What stands in the way of a standard library for `target` on this machine, as far as can be told without trying.
pub(super) fn obstacle(target: &Target) -> Result<(), StdlibError> {
    if target.has_race_detector() && c::compiler().is_none() { Err(StdlibError::NoCompiler) } else { Ok(()) }
}

/// What the go command wrote.
struct Heard {
    /// Lines that count.
    count: u64,
    /// All other lines.
    said: Vec<String>,
}

/// Whether a line of `go build -v` or `go list` names a package rather than says what went wrong.
fn is_package(line: &str) -> bool {
    !line.is_empty() && !line.contains([' ', ':', '\t', '#'])
}

/// A folder once more, its files being the same ones. The go command never writes into a file of its cache.
fn link_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let (entry, place) = (entry?.path(), to.to_owned());
        let place = place.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() { link_all(&entry, &place)? } else { fs::hard_link(&entry, &place)? }
    }
    Ok(())
}

/// Makes everything readable by all and, for files, far from old.
fn settle(path: &Path) -> io::Result<()> {
    let meta = fs::symlink_metadata(path)?;
    let (folder, is_program) = (meta.is_dir(), meta.permissions().mode() & 0o100 != 0);
    let file = File::open(path)?;
    file.set_permissions(Permissions::from_mode(if folder || is_program { 0o755 } else { 0o644 }))?;
    if !folder {
        return file.set_modified(SystemTime::UNIX_EPOCH + FAR);
    }
    for entry in fs::read_dir(path)? {
        settle(&entry?.path())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

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
}
