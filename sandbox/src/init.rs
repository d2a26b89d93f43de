//! Pid 1 of a cell: sets it up, runs one job, and dies with the control socket.
//!
//! It executes nothing of the reader's itself. When it exits, for whatever reason, the kernel kills every process of
//! the pid namespace; and it exits as soon as the control socket closes. So nothing outlives the service, however
//! the service dies.

use std::fs::File;
use std::io::{self, PipeReader, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::resource::{Usage as ResourceUsage, UsageWho, getrusage};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};

use crate::root;
use crate::spec::{At, CellSpec, Failure, Job, Status, Usage};
use crate::stub::{self, JobFds, Wall};
use crate::sys;
use crate::wire::{self, FromCell, ToCell};

/// The number that the control socket gets in every cell.
const CONTROL_FD: i32 = 3;

/// Lives a cell's life. `mapped` becomes readable when the zygote has written the uid map and the cgroups.
pub(crate) fn live(spec: &CellSpec, wall: &Wall<'_>, control: &OwnedFd, mapped: &OwnedFd) -> ! {
    let told = match await_start(control, mapped) {
        Ok(control) => set_up(spec)
            .and_then(|()| serve(spec, wall, &control))
            .or_else(|failure| wire::send(&control, &FromCell::Failed(failure), &[])),
        Err(failure) => wire::send(control, &FromCell::Failed(failure), &[]),
    };
    // A service that cannot be told is gone, and the cell with it.
    std::process::exit(i32::from(told.is_err()))
}

/// Waits for the zygote's word and lets go of everything that was the zygote's but the control socket.
fn await_start(control: &OwnedFd, mapped: &OwnedFd) -> Result<OwnedFd, Failure> {
    let mut go = [0; 1];
    if rustix::io::read(mapped, &mut go).at("wait for the uid map")? != 1 {
        return Err(Failure::new("wait for the uid map", "the zygote is gone"));
    }
    let null = File::options().read(true).write(true).open("/dev/null").at("open /dev/null")?;
    for fd in 0..=2 {
        sys::dup_onto(&null, fd).at("clear descriptors")?;
    }
    sys::dup_onto(control, CONTROL_FD).at("clear descriptors")?;
    sys::close_from(CONTROL_FD + 1).at("clear descriptors")?;
    // Its number is closed or the control socket's by now.
    std::mem::forget(null);
    let control = sys::adopt(CONTROL_FD);
    rustix::io::fcntl_setfd(&control, rustix::io::FdFlags::CLOEXEC).at("clear descriptors")?;
    Ok(control)
}

fn set_up(spec: &CellSpec) -> Result<(), Failure> {
    nix::unistd::sethostname("underhood").at("sethostname")?;
    sys::loopback_up().at("bring loopback up")?;
    root::enter(spec)?;
    drop_capabilities()
}

/// Gives up every capability in the namespace, and the way back to them.
fn drop_capabilities() -> Result<(), Failure> {
    use rustix::thread::{CapabilitySet, CapabilitySets, clear_ambient_capability_set, set_capabilities};
    clear_ambient_capability_set().at("drop capabilities")?;
    for capability in CapabilitySet::all().iter() {
        match rustix::thread::remove_capability_from_bounding_set(capability) {
            // The crate knows capabilities that an older kernel does not have.
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(Failure::new("drop capabilities", error)),
        }
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
        .at("drop capabilities")
}

fn serve(spec: &CellSpec, wall: &Wall<'_>, control: &OwnedFd) -> Result<(), Failure> {
    let tell = |message: &FromCell| wire::send(control, message, &[]).at("report");
    tell(&FromCell::Ready)?;
    let Some((job, fds)) = receive_job(control)? else { return Ok(()) };
    root::write_files(&job.files)?;

    let mut children = SigSet::empty();
    children.add(Signal::SIGCHLD);
    children.thread_block().at("block SIGCHLD")?;
    let children = SignalFd::with_flags(&children, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).at("signalfd")?;

    for (index, command) in job.commands.iter().enumerate() {
        let before = getrusage(UsageWho::RUSAGE_CHILDREN).at("getrusage")?;
        let (pid, failed) = start(|| stub::become_program(spec, wall, command, &fds))?;
        if let Some(failure) = failed {
            return Err(failure);
        }
        tell(&FromCell::Started { command: index })?;
        let Some(status) = wait(pid, &children, control)? else { return Ok(()) };
        let after = getrusage(UsageWho::RUSAGE_CHILDREN).at("getrusage")?;
        tell(&FromCell::Ended { command: index, status, usage: used(&before, &after) })?;
        if status != Status::Exited(0) && !command.may_fail {
            break;
        }
    }
    let artifact = job.artifact.as_deref().and_then(open_artifact);
    let artifact: Vec<BorrowedFd<'_>> = artifact.iter().map(AsFd::as_fd).collect();
    wire::send(control, &FromCell::Finished, &artifact).at("report")
}

fn receive_job(control: &OwnedFd) -> Result<Option<(Job, JobFds)>, Failure> {
    let Some((ToCell { job_bytes }, fds)) = wire::receive(control).at("receive the job")? else { return Ok(None) };
    let mut fds = fds.into_iter();
    let mut next = || fds.next().ok_or_else(|| Failure::new("receive the job", "a descriptor is missing"));
    let mut text = String::new();
    File::from(next()?).take(job_bytes).read_to_string(&mut text).at("receive the job")?;
    let job = serde_json::from_str(&text).at("receive the job")?;
    let (stdin, stdout, stderr) = (next()?, next()?, next()?);
    Ok(Some((job, JobFds { stdin, stdout, stderr, program: fds.next() })))
}

/// Forks `program`. Its failure before exec comes back through a pipe that exec closes.
fn start(
    program: impl FnOnce() -> Result<std::convert::Infallible, Failure>,
) -> Result<(Pid, Option<Failure>), Failure> {
    let (reader, mut writer) = io::pipe().at("start the command")?;
    match sys::fork().at("start the command")? {
        ForkResult::Child => {
            drop(reader);
            let Err(failure) = program();
            let _ = serde_json::to_vec(&failure).map(|bytes| writer.write_all(&bytes));
            std::process::exit(127)
        }
        ForkResult::Parent { child } => {
            drop(writer);
            Ok((child, read_failure(reader).at("start the command")?))
        }
    }
}

fn read_failure(mut reader: PipeReader) -> io::Result<Option<Failure>> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    if bytes.is_empty() { Ok(None) } else { Ok(Some(serde_json::from_slice(&bytes)?)) }
}

/// Waits for `main`, reaping whatever else the program leaves behind; `None` when the service let go of the cell.
fn wait(main: Pid, children: &SignalFd, control: &OwnedFd) -> Result<Option<Status>, Failure> {
    loop {
        let mut ready =
            [PollFd::new(control.as_fd(), PollFlags::POLLIN), PollFd::new(children.as_fd(), PollFlags::POLLIN)];
        match poll(&mut ready, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(Failure::new("poll", error)),
        }
        // The service sends nothing after the job: whatever happens on the socket is its end.
        if ready[0].any() == Some(true) {
            return Ok(None);
        }
        while let Ok(Some(_)) = children.read_signal() {}
        loop {
            let status = match waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) if pid == main => Status::Exited(code),
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == main => Status::Signalled(signal as i32),
                Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => break,
                Ok(_) | Err(Errno::EINTR) => continue,
                Err(error) => return Err(Failure::new("waitpid", error)),
            };
            return Ok(Some(status));
        }
    }
}

fn used(before: &ResourceUsage, after: &ResourceUsage) -> Usage {
    let cpu = |usage: &ResourceUsage| {
        let (user, system) = (usage.user_time(), usage.system_time());
        (user.tv_sec() + system.tv_sec()) * 1_000_000 + user.tv_usec() + system.tv_usec()
    };
    Usage {
        cpu_us: u64::try_from(cpu(after) - cpu(before)).unwrap_or(0),
        max_rss_bytes: u64::try_from(after.max_rss()).unwrap_or(0) * 1024,
    }
}

/// Opens what the commands made, if it is a regular file and no link stands on the way.
fn open_artifact(path: &Path) -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let fd = rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS).ok()?;
    let kind = rustix::fs::fstat(&fd).ok()?;
    rustix::fs::FileType::from_raw_mode(kind.st_mode).is_file().then_some(fd)
}
