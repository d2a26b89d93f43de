//! Plain data: what a cell is made of and what runs in it.
//!
//! Nothing here does any I/O. The service builds these values, the zygote and the cells obey them.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The name that the zygote has in a process list; the program's `main` looks for it in argv\[0\].
pub const ZYGOTE_NAME: &str = "underhood-zygote";

/// The uid and gid that every program has inside its cell.
pub const INSIDE_ID: u32 = 1000;

/// One thing that a cell's file system is made of. All that is writable lies on the cell's one scratch tmpfs, so that
/// one size limit covers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mount {
    /// A host folder or file, shown read-only. `exec` allows programs in it to be started.
    ReadOnly {
        /// Absolute path on the host.
        source: PathBuf,
        /// Absolute path in the cell.
        target: PathBuf,
        /// Whether programs below may be executed.
        exec: bool,
    },
    /// A host folder that the cell may write over, itself and the folders directly in it: the changes go to the scratch
    /// tmpfs and die with the cell.
    Overlay {
        /// Absolute path on the host.
        lower: PathBuf,
        /// Absolute path in the cell.
        target: PathBuf,
    },
    /// A host device node, read and write (`/dev/null`).
    Device {
        /// Absolute path on the host and in the cell.
        path: PathBuf,
    },
    /// A writable folder on the scratch tmpfs. Nothing in it can be executed.
    Scratch {
        /// Absolute path in the cell.
        target: PathBuf,
    },
    /// A small read-only file on the cell's root.
    File {
        /// Absolute path in the cell.
        target: PathBuf,
        /// Its text.
        text: String,
    },
    /// A symbolic link on the cell's root. It gives no right to what it leads to.
    Link {
        /// Absolute path in the cell.
        target: PathBuf,
        /// What it says, such as an absolute path in the cell.
        to: PathBuf,
    },
}

/// Which processes a program may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Processes {
    /// Threads of its own process only; `fork` gives EPERM.
    ThreadsOnly,
    /// Children too, as `go build` needs for the compiler and the linker.
    Children,
}

/// Which network a program finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// None: a socket of any kind gives EACCES.
    None,
    /// A loopback interface of the cell's own.
    Loopback,
}

/// What one cell may use. Enforced by the kernel; the wall clock is the service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory of all processes and of the scratch tmpfs together, in bytes (memory cgroup).
    pub memory_bytes: u64,
    /// The same where there is no memory cgroup: what one process may map to write to for itself, whether it does or not,
    /// in bytes (RLIMIT_DATA).
    pub data_bytes: u64,
    /// Processes and threads, the cell's own init included (pids cgroup).
    pub pids: u64,
    /// Size of the scratch tmpfs in bytes; it counts as memory too.
    pub scratch_bytes: u64,
    /// Files, folders and links on the scratch tmpfs.
    pub scratch_inodes: u64,
    /// The largest file a program may write, in bytes (RLIMIT_FSIZE).
    pub file_bytes: u64,
    /// Open descriptors of one process (RLIMIT_NOFILE).
    pub open_files: u64,
    /// CPU seconds of one process, a backstop behind the deadline (RLIMIT_CPU).
    pub cpu_seconds: u64,
}

/// Everything that is fixed when a cell is prepared, before anyone knows what will run in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellSpec {
    /// Mounts, made in this order.
    pub mounts: Vec<Mount>,
    /// Which processes its programs may make.
    pub processes: Processes,
    /// Which network they find.
    pub network: Network,
    /// What it may use.
    pub limits: Limits,
    /// Programs that are started early: the first at once, the others when a job is there that wants them, while its first
    /// command works.
    pub ahead: Vec<Ahead>,
    /// Programs on the host, below a source of `mounts`, that are large and started often: shown from a copy on huge pages
    /// where the host has them.
    pub huge: Vec<PathBuf>,
}

/// A program that is started before anyone knows with which arguments, and waits for them: a large one needs some
/// milliseconds until it looks at them. It reads them as the tools of Go do, from a file whose name comes after an `@`
/// (cmd/internal/objabi, expandArgs), which here is a named pipe.
///
/// A command of a job that is the same but for its arguments is this very process. Where it cannot be, because it
/// died or does not ask for them, or because they cannot be told in this way, the program is started as any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ahead {
    /// What is started; `argv` is its name alone. It reads nothing, whatever the job's standard input is.
    pub command: Command,
    /// Where the pipe lies: absolute path below a [`Mount::Scratch`] of the cell.
    pub arguments: PathBuf,
}

/// A file that the cell writes before its first command starts, readable by the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Absolute path below a [`Mount::Scratch`] or [`Mount::Overlay`] of the cell. Missing folders are made.
    pub path: PathBuf,
    /// Its text, in pieces.
    pub text: Vec<Word>,
}

/// What is executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Program {
    /// A path in the cell.
    Path(PathBuf),
    /// The descriptor that is handed over after the job, which may come before there is a program.
    Handed,
}

/// A word of a command line, the value of a variable or a piece of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    /// What it says, whatever it looks like.
    Text(String),
    /// Text, then a path of the cell, which is written as its programs see it (see [`crate::Layout`]).
    Path {
        /// Such as `-trimpath=`.
        before: String,
        /// Absolute path in the cell.
        path: PathBuf,
    },
}

impl Word {
    /// A path of the cell after some text, which may be empty.
    #[must_use]
    pub fn path(before: &str, path: impl Into<PathBuf>) -> Self {
        Self::Path { before: before.to_owned(), path: path.into() }
    }
}

/// As it is in a cell with mounts.
impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Path { before, path } => write!(f, "{before}{}", path.display()),
        }
    }
}

impl<T: Into<String>> From<T> for Word {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// Where a command's standard output or standard error goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// The job's standard output.
    Stdout,
    /// The job's standard error.
    Stderr,
    /// A new file in the cell, for a later command to read.
    File(PathBuf),
}

/// One program to start, with all that it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// What is executed.
    pub program: Program,
    /// Its arguments; the first is its own name.
    pub argv: Vec<Word>,
    /// Its whole environment; nothing is inherited.
    pub env: Vec<(String, Word)>,
    /// Its working folder, an absolute path in the cell.
    pub dir: PathBuf,
    /// Where its standard output goes.
    pub stdout: Output,
    /// Where its standard error goes.
    pub stderr: Output,
    /// Whether the job goes on when this command fails.
    pub may_fail: bool,
}

/// What a cell is asked to do: commands one after the other, up to the first that fails and may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Files written first.
    pub files: Vec<InputFile>,
    /// Commands, in order.
    pub commands: Vec<Command>,
    /// A regular file to hand back when all commands have succeeded.
    pub artifact: Option<PathBuf>,
}

/// A cell's share of the processors when they are short, in the terms of cgroup v2's cpu.weight: 1 to 10000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuWeight(pub u64);

impl Default for CpuWeight {
    /// What the kernel gives when nothing is said.
    fn default() -> Self {
        Self(100)
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It returned this code, 0 to 255.
    Exited(i32),
    /// This signal killed it.
    Signalled(i32),
}

/// What a command used, as the kernel counted it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// User and system time of the command and of all its children, in microseconds.
    pub cpu_us: u64,
    /// The largest resident set of one process, in bytes.
    pub max_rss_bytes: u64,
}

/// What the kernel counted for a cell, read after its last process was reaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Processes killed because the cell was over its memory.
    pub oom_kills: u64,
    /// Times that a fork or a thread was refused because of the pids limit.
    pub pids_refused: u64,
    /// The most memory that the cell used, tmpfs included, in bytes; 0 when there is no memory cgroup.
    pub peak_bytes: u64,
    /// User and system time of all its processes, in microseconds; 0 when there is no cgroup v2.
    pub cpu_us: u64,
}

/// A step of our own that failed: the machine's fault or ours, never the program's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{step}: {reason}")]
pub struct Failure {
    /// What was being done, such as `mount /usr/local/go`.
    pub step: String,
    /// The kernel's words for why it did not work.
    pub reason: String,
}

impl Failure {
    pub(crate) fn new(step: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self { step: step.to_string(), reason: reason.to_string() }
    }
}

/// Adds the name of the step to an error.
pub(crate) trait At<T> {
    /// `step` is formatted only when there is an error.
    fn at(self, step: impl fmt::Display) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> At<T> for Result<T, E> {
    fn at(self, step: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(step, error))
    }
}
