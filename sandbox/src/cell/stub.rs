//! From a fork of the cell's init to the reader's program: one straight line, every step of which must succeed.

use std::convert::Infallible;
use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;

use nix::fcntl::AtFlags;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use nix::unistd::{Pid, execve, execveat};
use rustix::process::{Rlimit, prlimit};

use super::{Ground, Wall, access};
use crate::layout::Layout;
use crate::seccomp;
use crate::spec::{At, CellSpec, Command, Failure, Limits, Output, Program, Word};
use crate::sys;
use crate::wire::{self, FromStub, ToStub};

/// The number of the socket to init.
const SOCKET_FD: i32 = 3;

/// Gives up everything, waits for a command, and becomes it.
pub(super) fn live(spec: &CellSpec, wall: &Wall<'_>, socket: OwnedFd) -> ! {
    let mut socket = socket;
    let failed = arm(spec, wall, &mut socket).and_then(|()| become_program(&socket, &wall.layout));
    if let Err(failure) = failed {
        let _ = wire::send(&socket, &FromStub::Failed(failure), &[]);
    }
    sys::exit(127)
}

/// All that does not depend on the command. The filter comes last, since it forbids what the others need.
fn arm(spec: &CellSpec, wall: &Wall<'_>, socket: &mut OwnedFd) -> Result<(), Failure> {
    nix::unistd::setsid().at("setsid")?;
    keep_only(socket)?;
    limit(&spec.limits, wall)?;
    rustix::thread::set_no_new_privs(true).at("no_new_privs")?;
    access::restrict(spec, wall)?;
    sys::reset_signals().at("reset signals")?;
    match wall.ground {
        Ground::Namespaces => wall.filters.load(spec)?,
        Ground::Folder { .. } => seccomp::load_reduced(spec.processes)?,
    }
    wire::send(&*socket, &FromStub::Armed, &[]).at("report")
}

/// `Ok(())` when there is no command to come.
fn become_program(socket: &OwnedFd, layout: &Layout) -> Result<(), Failure> {
    let received = wire::receive::<ToStub>(socket).at("receive the command")?;
    let Some((ToStub { command }, fds)) = received else { return Ok(()) };
    let image = Image::of(&command, layout)?;
    nix::unistd::chdir(&layout.place(&command.dir)).at(format_args!("chdir {}", command.dir.display()))?;
    let program = place_fds(&command, layout, fds)?;
    image.exec(&command.program, program).map(|never| match never {})
}

/// Moves the socket to its number and closes all that was init's.
fn keep_only(socket: &mut OwnedFd) -> Result<(), Failure> {
    sys::dup_onto(&*socket, SOCKET_FD).at("clear descriptors")?;
    sys::close_from(SOCKET_FD + 1).at("clear descriptors")?;
    // The old number is closed by now.
    std::mem::forget(std::mem::replace(socket, sys::adopt(SOCKET_FD)));
    rustix::io::fcntl_setfd(&*socket, rustix::io::FdFlags::CLOEXEC).at("clear descriptors")
}

/// What exec takes, made before the filter forbids anything.
struct Image {
    argv: Vec<CString>,
    env: Vec<CString>,
    path: CString,
}

impl Image {
    fn of(command: &Command, layout: &Layout) -> Result<Self, Failure> {
        let text = |text: String| CString::new(text).at("a NUL byte in argv or environment");
        let word = |word: &Word| layout.word(word);
        let path = match &command.program {
            Program::Path(path) => CString::new(layout.place(path).as_os_str().as_bytes()),
            Program::Handed => CString::new(""),
        };
        Ok(Self {
            argv: command.argv.iter().map(|argument| text(word(argument))).collect::<Result<_, _>>()?,
            env: command
                .env
                .iter()
                .map(|(key, value)| text(format!("{key}={}", word(value))))
                .collect::<Result<_, _>>()?,
            path: path.at("a NUL byte in the program's path")?,
        })
    }

    fn exec(&self, program: &Program, handed: Option<OwnedFd>) -> Result<Infallible, Failure> {
        let failed = match (program, handed) {
            (Program::Path(_), _) => execve(&self.path, &self.argv, &self.env),
            (Program::Handed, Some(program)) => {
                execveat(&program, &self.path, &self.argv, &self.env, AtFlags::AT_EMPTY_PATH)
            }
            (Program::Handed, None) => return Err(Failure::new("exec", "no program was handed over")),
        };
        failed.at(format_args!("exec {:?}", self.argv.first()))
    }
}

/// Fills 0, 1 and 2, and returns the program if one came. All else is closed by exec.
fn place_fds(command: &Command, layout: &Layout, fds: Vec<OwnedFd>) -> Result<Option<OwnedFd>, Failure> {
    let mut fds = fds.into_iter();
    let mut next = || fds.next().ok_or_else(|| Failure::new("receive the command", "a descriptor is missing"));
    let (stdin, stdout, stderr) = (next()?, next()?, next()?);
    sys::dup_onto(&stdin, 0).at("hand over stdin")?;
    for (number, output) in [(1, &command.stdout), (2, &command.stderr)] {
        let placed = match output {
            Output::Stdout => sys::dup_onto(&stdout, number),
            Output::Stderr => sys::dup_onto(&stderr, number),
            Output::File(path) => {
                let file = File::create_new(layout.place(path)).at(format_args!("create {}", path.display()))?;
                sys::dup_onto(&file, number)
            }
        };
        placed.at("hand over an output")?;
    }
    sys::cloexec_from(SOCKET_FD).at("close all other descriptors")?;
    Ok(fds.next())
}

/// A core limit of 1 byte rather than 0: with 0 the kernel still starts a core handler that the host pipes into.
const CORE_BYTES: u64 = 1;

/// Enough for a profiling timer in every thread.
const PENDING_SIGNALS: u64 = 256;

fn limit(limits: &Limits, wall: &Wall<'_>) -> Result<(), Failure> {
    let data = if wall.soft_memory { limits.data_bytes } else { RLIM_INFINITY };
    let all = [
        (Resource::RLIMIT_DATA, data),
        (Resource::RLIMIT_CORE, CORE_BYTES),
        (Resource::RLIMIT_FSIZE, limits.file_bytes),
        (Resource::RLIMIT_NOFILE, limits.open_files),
        (Resource::RLIMIT_MEMLOCK, 0),
        (Resource::RLIMIT_MSGQUEUE, 0),
        // Timers and queued signals are counted against the zygote's uid too.
        (Resource::RLIMIT_SIGPENDING, PENDING_SIGNALS),
        (Resource::RLIMIT_RTPRIO, 0),
        (Resource::RLIMIT_CPU, limits.cpu_seconds),
    ];
    for (resource, value) in all {
        // The host may allow the service less than that, and nothing raises a hard limit any more.
        let value = value.min(getrlimit(resource).at(format_args!("{resource:?}"))?.1);
        setrlimit(resource, value, value).at(format_args!("{resource:?}"))?;
    }
    Ok(())
}

/// More than the limit of a pids cgroup, so that pids.events tells of it; this is the only limit where there is none.
const MORE_TASKS: u64 = 8;

/// How many cells that are as large may fill up while a command runs, where a user's processes are counted together.
const GROWING_CELLS: u64 = 4;

/// Limits the processes and threads of an armed stub, when its command has come. To be called by the init: a stub sees
/// no /proc any more.
///
/// Without a namespace or a uid of the cell's own the kernel compares the limit with all that the service's user runs,
/// cells and anything else. So what is there now comes on top, and some room for others to grow; one that uses it all
/// up can still leave another without threads.
pub(super) fn limit_tasks(limits: &Limits, wall: &Wall<'_>, stub: Pid) -> Result<(), Failure> {
    let own = limits.pids + MORE_TASKS;
    let is_shared = matches!(wall.ground, Ground::Folder { host_id: None, .. });
    let wanted = if is_shared { own + own_tasks() + GROWING_CELLS * limits.pids } else { own };
    let stub = rustix::process::Pid::from_raw(stub.as_raw());
    let highest = getrlimit(Resource::RLIMIT_NPROC).at("RLIMIT_NPROC")?.1;
    let limit = Some(wanted.min(highest));
    prlimit(stub, rustix::process::Resource::Nproc, Rlimit { current: limit, maximum: limit })
        .at("RLIMIT_NPROC")
        .map(drop)
}

/// Threads of all processes of this user, by proc(5).
fn own_tasks() -> u64 {
    let own = nix::unistd::getuid().as_raw();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = processes.filter(|process| process.metadata().is_ok_and(|metadata| metadata.uid() == own));
    own.filter_map(|process| Some(fs::read_dir(process.path().join("task")).ok()?.count() as u64)).sum()
}
