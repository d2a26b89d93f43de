//! Pid 1 of a cell: sets it up, runs one job, and dies with the control socket.
//!
//! It executes nothing of the reader's itself. When it exits, for whatever reason, the kernel kills every process of
//! the pid namespace; and it exits as soon as the control socket closes. So nothing outlives the service, however
//! the service dies.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::resource::{Usage as ResourceUsage, UsageWho, getrusage};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{ForkResult, Pid};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::process::WaitOptions;
use rustix::thread::{CapabilitySet, CapabilitySets, clear_ambient_capability_set, set_capabilities};

use super::held::{Held, is_same, make_pipe};
use super::{Ground, Wall, files, folder, root, stub};
use crate::orphans::end_children;
use crate::spec::{Ahead, At, CellSpec, Command, Failure, Job, Network, Program, Status, Usage};
use crate::sys;
use crate::wire::{self, FromCell, FromStub, ToCell, ToStub};

/// The number that the control socket gets in every cell.
const CONTROL_FD: i32 = 3;

/// The number that the lifeline gets in every cell.
const LIFELINE_FD: i32 = 4;

/// Above every number that a cell gives out.
const OUT_OF_THE_WAY: i32 = 16;

/// Lives a cell's life. `lifeline` becomes readable when the zygote has written the uid map and the cgroups, and
/// reaches its end when the zygote dies.
pub(crate) fn live(spec: &CellSpec, wall: &Wall<'_>, control: &OwnedFd, lifeline: &OwnedFd) -> ! {
    let told = match Init::start(control, lifeline) {
        Ok(init) => init
            .set_up(spec, wall)
            .and_then(|()| init.serve(spec, wall))
            .or_else(|failure| wire::send(&init.control, &FromCell::Failed(failure), &[])),
        Err(failure) => wire::send(control, &FromCell::Failed(failure), &[]),
    };
    if wall.ground != Ground::Namespaces {
        // What this leaves comes to the zygote, which tries again.
        let _ = end_children(|_| false);
    }
    // A service that cannot be told is gone, and the cell with it.
    sys::exit(i32::from(told.is_err()))
}

struct Init {
    control: OwnedFd,
    lifeline: OwnedFd,
    children: SignalFd,
}

/// A stub that waits for its command.
struct Armed {
    pid: Pid,
    socket: OwnedFd,
}

/// What a command is given: stdin, stdout, stderr and perhaps the program, in this order.
struct JobFds(Vec<OwnedFd>);

impl Init {
    /// Waits for the zygote's word and lets go of everything that was the zygote's but the two lines to the outside.
    fn start(control: &OwnedFd, lifeline: &OwnedFd) -> Result<Self, Failure> {
        let mut go = [0; 1];
        if rustix::io::read(lifeline, &mut go).at("wait for the uid map")? != 1 {
            return Err(Failure::new("wait for the uid map", "the zygote is gone"));
        }
        let null = File::options().read(true).write(true).open("/dev/null").at("open /dev/null")?;
        let aside = |fd: &OwnedFd| rustix::io::fcntl_dupfd_cloexec(fd, OUT_OF_THE_WAY).at("clear descriptors");
        let lines = [(aside(control)?, CONTROL_FD), (aside(lifeline)?, LIFELINE_FD)];
        for fd in 0..=2 {
            sys::dup_onto(&null, fd).at("clear descriptors")?;
        }
        for (line, number) in &lines {
            sys::dup_onto(line, *number).at("clear descriptors")?;
        }
        sys::close_from(LIFELINE_FD + 1).at("clear descriptors")?;
        // Their numbers are closed, or given to another, by now.
        std::mem::forget((null, lines));
        let adopt = |number| {
            let fd = sys::adopt(number);
            rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC).at("clear descriptors").map(|()| fd)
        };
        let mut children = SigSet::empty();
        children.add(Signal::SIGCHLD);
        children.thread_block().at("block SIGCHLD")?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let (control, lifeline) = (adopt(CONTROL_FD)?, adopt(LIFELINE_FD)?);
        Ok(Self { control, lifeline, children: SignalFd::with_flags(&children, flags).at("signalfd")? })
    }

    fn set_up(&self, spec: &CellSpec, wall: &Wall<'_>) -> Result<(), Failure> {
        match wall.ground {
            Ground::Namespaces => {
                nix::unistd::sethostname("underhood").at("sethostname")?;
                if spec.network == Network::Loopback {
                    sys::loopback_up().at("bring loopback up")?;
                }
                root::enter(spec)?;
                empty_bounding_set()?;
            }
            Ground::Folder { host_id, links } => {
                // What a program leaves behind comes to us, to be ended with the cell.
                nix::sys::prctl::set_child_subreaper(true).at("become a subreaper")?;
                folder::enter(spec, &wall.layout, links, host_id)?;
            }
        }
        drop_capabilities()
    }

    fn serve(&self, spec: &CellSpec, wall: &Wall<'_>) -> Result<(), Failure> {
        let Some(outputs) = receive_outputs(&self.control)? else { return Ok(()) };
        // One that does not start now is started when it is wanted, or says then why it cannot be.
        let hold = |ahead: &Ahead, outputs: &[OwnedFd]| hold(ahead, spec, wall, outputs).ok();
        let mut held: Vec<Held> = spec.ahead.first().and_then(|ahead| hold(ahead, &outputs)).into_iter().collect();
        // Ready with a program or a command's stub, so that a job finds nothing left to be prepared.
        let mut armed = if held.is_empty() { Some(arm(spec, wall)?) } else { None };
        self.tell(&FromCell::Ready, &[])?;
        if !self.awaits_word()? {
            return Ok(());
        }
        let Some((job, mut fds)) = receive_job(&self.control, outputs)? else { return Ok(()) };
        // What holds an output keeps it open.
        let is_wanted = |held: &mut Held| job.commands.iter().any(|command| held.is_for(command));
        held.extract_if(.., |held| !is_wanted(held)).for_each(|held| held.dismiss(&wall.layout));
        files::write(&job.files, &wall.layout)?;
        let last = job.commands.len().saturating_sub(1);
        for (index, command) in job.commands.iter().enumerate() {
            let before = getrusage(UsageWho::RUSAGE_CHILDREN).at("getrusage")?;
            let own = held.iter().position(|held| held.is_for(command)).map(|at| held.remove(at));
            let pid = match own.as_ref().and_then(|own| own.release(command, &wall.layout)) {
                Some(pid) => pid,
                None => {
                    own.into_iter().for_each(|own| own.dismiss(&wall.layout));
                    let stub = armed.take().map_or_else(|| arm(spec, wall), Ok)?;
                    stub::limit_tasks(&spec.limits, wall, stub.pid)?;
                    if command.program == Program::Handed {
                        let Some(program) = self.receive_program()? else { return Ok(()) };
                        fds.0.push(program);
                    }
                    stub.become_program(command, &fds.0.iter().map(AsFd::as_fd).collect::<Vec<_>>())?
                }
            };
            if index == last {
                // Its output ends with it, and not with us.
                fds.0.clear();
            }
            self.tell(&FromCell::Started { command: index }, &[])?;
            if index == 0 {
                // Earlier they would be in vain for jobs that do not want them.
                let later = spec
                    .ahead
                    .iter()
                    .skip(1)
                    .filter(|ahead| job.commands[1..].iter().any(|it| is_same(&ahead.command, it)));
                held.extend(later.filter_map(|ahead| hold(ahead, &fds.0[1..3])));
            }
            let next = job.commands.get(index + 1);
            if armed.is_none() && next.is_some_and(|next| !held.iter().any(|held| held.is_for(next))) {
                // While this one works, so that the next does not wait for it. What fails now is tried again then.
                armed = arm(spec, wall).ok();
            }
            let Some(status) = self.wait(pid)? else { return Ok(()) };
            let after = getrusage(UsageWho::RUSAGE_CHILDREN).at("getrusage")?;
            self.tell(&FromCell::Ended { command: index, status, usage: used(&before, &after) }, &[])?;
            if status != Status::Exited(0) && !command.may_fail {
                break;
            }
        }
        let artifact = job.artifact.map(|path| open_artifact(&wall.layout.place(&path))).transpose()?.flatten();
        let artifact: Vec<BorrowedFd<'_>> = artifact.iter().map(AsFd::as_fd).collect();
        self.tell(&FromCell::Finished, &artifact)
    }

    fn tell(&self, message: &FromCell, fds: &[BorrowedFd<'_>]) -> Result<(), Failure> {
        wire::send(&self.control, message, fds).at("report")
    }

    /// The program of a command; `None` when the service or the zygote let go of the cell.
    fn receive_program(&self) -> Result<Option<OwnedFd>, Failure> {
        if !self.awaits_word()? {
            return Ok(None);
        }
        match wire::receive(&self.control).at("receive the program")? {
            None => Ok(None),
            Some((ToCell::Program, mut fds)) if fds.len() == 1 => Ok(fds.pop()),
            Some((other, _)) => Err(Failure::new("receive the program", format!("the service said {other:?}"))),
        }
    }

    /// Whether the service has said something, or let go; false when the zygote died first.
    fn awaits_word(&self) -> Result<bool, Failure> {
        let mut ready = [
            PollFd::new(self.control.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.lifeline.as_fd(), PollFlags::POLLIN),
        ];
        retry_poll(&mut ready)?;
        Ok(ready[1].any() != Some(true))
    }

    /// Waits for `main`, reaping whatever else the program leaves behind; `None` when the service or the zygote let
    /// go of the cell.
    fn wait(&self, main: Pid) -> Result<Option<Status>, Failure> {
        loop {
            let mut ready = [
                PollFd::new(self.control.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.lifeline.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.children.as_fd(), PollFlags::POLLIN),
            ];
            retry_poll(&mut ready)?;
            // Nothing is sent while a command works: whatever happens on the two lines is their end.
            if ready[..2].iter().any(|line| line.any() == Some(true)) {
                return Ok(None);
            }
            while let Ok(Some(_)) = self.children.read_signal() {}
            while let Some((pid, status)) = rustix::process::wait(WaitOptions::NOHANG).or_else(nobody).at("wait")? {
                if pid.as_raw_pid() == main.as_raw() {
                    // The number as it is: nix knows no real-time signals.
                    let ended = status.exit_status().map(Status::Exited);
                    let ended = ended.or_else(|| status.terminating_signal().map(Status::Signalled));
                    return ended
                        .map(Some)
                        .ok_or_else(|| Failure::new("wait", format!("it neither ended nor died: {status:?}")));
                }
            }
        }
    }
}

/// No child is left, which the next event on the lines will explain.
fn nobody<T>(error: rustix::io::Errno) -> rustix::io::Result<Option<T>> {
    if error == rustix::io::Errno::CHILD { Ok(None) } else { Err(error) }
}

fn retry_poll(ready: &mut [PollFd<'_>]) -> Result<(), Failure> {
    loop {
        match poll(ready, PollTimeout::NONE) {
            Ok(_) => return Ok(()),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(Failure::new("poll", error)),
        }
    }
}

/// Takes the way back to capabilities. Without a user namespace no_new_privs alone does that.
fn empty_bounding_set() -> Result<(), Failure> {
    for capability in CapabilitySet::all().iter() {
        match rustix::thread::remove_capability_from_bounding_set(capability) {
            // The crate knows capabilities that an older kernel does not have.
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(Failure::new("drop capabilities", error)),
        }
    }
    Ok(())
}

/// Gives up every capability in the namespace.
fn drop_capabilities() -> Result<(), Failure> {
    clear_ambient_capability_set().at("drop capabilities")?;
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
        .at("drop capabilities")
}

/// Standard output and standard error of all commands; `None` when the service has let go of the cell.
fn receive_outputs(control: &OwnedFd) -> Result<Option<[OwnedFd; 2]>, Failure> {
    match wire::receive(control).at("receive the outputs")? {
        None => Ok(None),
        Some((ToCell::Outputs, fds)) => {
            let missing = |_| Failure::new("receive the outputs", "a descriptor is missing");
            fds.try_into().map(Some).map_err(missing)
        }
        Some((other, _)) => Err(Failure::new("receive the outputs", format!("the service said {other:?}"))),
    }
}

fn receive_job(control: &OwnedFd, outputs: [OwnedFd; 2]) -> Result<Option<(Job, JobFds)>, Failure> {
    let (bytes, fds) = match wire::receive(control).at("receive the job")? {
        None => return Ok(None),
        Some((ToCell::Job { bytes }, fds)) => (bytes, fds),
        Some((other, _)) => return Err(Failure::new("receive the job", format!("the service said {other:?}"))),
    };
    let mut fds = fds.into_iter();
    let (Some(job), Some(stdin)) = (fds.next(), fds.next()) else {
        return Err(Failure::new("receive the job", "a descriptor is missing"));
    };
    let mut text = String::new();
    File::from(job).take(bytes).read_to_string(&mut text).at("receive the job")?;
    let job = serde_json::from_str(&text).at("receive the job")?;
    Ok(Some((job, JobFds([stdin].into_iter().chain(outputs).chain(fds).collect()))))
}

/// Starts a program that waits for its arguments.
fn hold(ahead: &Ahead, spec: &CellSpec, wall: &Wall<'_>, outputs: &[OwnedFd]) -> Result<Held, Failure> {
    let command = make_pipe(ahead, &wall.layout).at("make a pipe for arguments")?;
    let nothing = File::open("/dev/null").at("open /dev/null")?;
    let stub = arm(spec, wall)?;
    stub::limit_tasks(&spec.limits, wall, stub.pid)?;
    let pid = stub.become_program(&command, &[nothing.as_fd(), outputs[0].as_fd(), outputs[1].as_fd()])?;
    Ok(Held::new(pid, ahead, &wall.layout))
}

/// Forks a stub and waits until it is ready for its command.
fn arm(spec: &CellSpec, wall: &Wall<'_>) -> Result<Armed, Failure> {
    let (socket, theirs) = wire::pair().at("start a stub")?;
    match sys::fork().at("start a stub")? {
        ForkResult::Child => stub::live(spec, wall, theirs),
        ForkResult::Parent { child } => {
            drop(theirs);
            match wire::receive(&socket).at("start a stub")? {
                Some((FromStub::Armed, _)) => Ok(Armed { pid: child, socket }),
                Some((FromStub::Failed(failure), _)) => Err(failure),
                None => Err(Failure::new("start a stub", "it died")),
            }
        }
    }
}

impl Armed {
    /// Returns when the program has taken the stub's place.
    fn become_program(self, command: &Command, fds: &[BorrowedFd<'_>]) -> Result<Pid, Failure> {
        wire::send(&self.socket, &ToStub { command: command.clone() }, fds).at("start the command")?;
        match wire::receive(&self.socket).at("start the command")? {
            // Exec closed it; or the stub was killed, as its status will tell.
            None => Ok(self.pid),
            Some((FromStub::Failed(failure), _)) => Err(failure),
            Some((other @ FromStub::Armed, _)) => {
                Err(Failure::new("start the command", format!("it said {other:?}")))
            }
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
fn open_artifact(path: &Path) -> Result<Option<OwnedFd>, Failure> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let fd = match rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
        Ok(fd) => fd,
        // It is not there, or what is there is the reader's doing; all else is ours.
        Err(
            rustix::io::Errno::NOENT | rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR | rustix::io::Errno::NXIO,
        ) => {
            return Ok(None);
        }
        Err(error) => return Err(Failure::new(format_args!("open {}", path.display()), error)),
    };
    let kind = rustix::fs::fstat(&fd).at("look at what was made")?;
    Ok(rustix::fs::FileType::from_raw_mode(kind.st_mode).is_file().then_some(fd))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_regular_file_is_taken_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let is_taken = |name: &str| open_artifact(&path(name)).expect("no failure of ours").is_some();
        std::fs::create_dir(path("folder")).expect("made");
        std::fs::write(path("file"), "x").expect("made");
        std::fs::write(path("folder/file"), "x").expect("made");
        std::os::unix::fs::symlink(path("file"), path("link")).expect("made");
        std::os::unix::fs::symlink(path("folder"), path("linked-folder")).expect("made");
        nix::unistd::mkfifo(&path("fifo"), nix::sys::stat::Mode::S_IRWXU).expect("made");
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).expect("made");
        assert!(is_taken("file") && is_taken("folder/file"));
        for other in ["link", "linked-folder/file", "folder", "fifo", "socket", "missing", "file/below"] {
            assert!(!is_taken(other), "{other}");
        }
    }
}
