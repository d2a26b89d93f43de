//! The process that makes cells: small, single-threaded, with an empty environment, so that a clone of it is cheap
//! and knows nothing. One loop over the service's socket and the pidfds of living cells.
//!
//! It alone makes, kills, reaps and cleans up; the service only asks. When the service goes away it kills what is
//! left, cleans up and exits.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;
use rustix::process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid};

use crate::cell::stub::Wall;
use crate::cell::{access, init};
use crate::cgroup::{Cgroups, Leaf};
use crate::identity::{self, Identities};
use crate::report::{Control, Report, State};
use crate::seccomp::Filters;
use crate::spec::{At, CellSpec, Failure};
use crate::sys::{self, Cloned};
use crate::wire::{self, FromZygote, ToZygote};

/// Lives the zygote's life. To be called first thing in `main`, before any thread is started, when argv\[0\] is
/// [`ZYGOTE_NAME`](crate::spec::ZYGOTE_NAME). The service's socket is standard input; argv\[1\], where there is one, caps the memory of all
/// cells together, in bytes.
pub fn main() -> ExitCode {
    let _ = rustix::thread::set_name(c"underhood-zyg");
    let total_memory_bytes = std::env::args().nth(1).and_then(|bytes| bytes.parse().ok());
    match Zygote::start(total_memory_bytes).and_then(Zygote::serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("underhood: the zygote failed: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Zygote {
    service: OwnedFd,
    cells: BTreeMap<u64, Living>,
    cgroups: Cgroups,
    identities: Identities,
    filters: Filters,
}

/// A cell that is not reaped yet.
struct Living {
    pidfd: OwnedFd,
    leaf: Leaf,
    slot: Option<u32>,
    /// Its other end is the cell's, which exits when this one closes: when the zygote dies, however it dies.
    lifeline: OwnedFd,
}

impl Zygote {
    fn start(total_memory_bytes: Option<u64>) -> io::Result<Self> {
        let zygote = Self {
            service: sys::adopt(0),
            cells: BTreeMap::new(),
            cgroups: Cgroups::set_up(total_memory_bytes),
            identities: Identities::discover(),
            filters: Filters::compile(),
        };
        wire::send(&zygote.service, &FromZygote::Hello { report: zygote.report() }, &[])?;
        Ok(zygote)
    }

    fn serve(mut self) -> io::Result<()> {
        loop {
            let ids: Vec<u64> = self.cells.keys().copied().collect();
            let mut waiting = vec![PollFd::new(self.service.as_fd(), PollFlags::POLLIN)];
            waiting.extend(self.cells.values().map(|cell| PollFd::new(cell.pidfd.as_fd(), PollFlags::POLLIN)));
            match poll(&mut waiting, PollTimeout::NONE) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            let ready: Vec<bool> = waiting.iter().map(|fd| fd.any() == Some(true)).collect();
            for (id, _) in ids.into_iter().zip(&ready[1..]).filter(|(_, ready)| **ready) {
                self.reap(id);
            }
            if !ready[0] {
                continue;
            }
            match wire::receive::<ToZygote>(&self.service) {
                Ok(Some((ToZygote::Spawn { id, spec }, _))) => self.spawn(id, &spec),
                Ok(Some((ToZygote::Kill { id }, _))) => self.kill(id),
                Ok(None) | Err(_) => break,
            }
        }
        for id in self.cells.keys().copied().collect::<Vec<_>>() {
            self.kill(id);
            self.reap(id);
        }
        Ok(())
    }

    fn spawn(&mut self, id: u64, spec: &CellSpec) {
        // A service that is gone is noticed by the loop.
        let _ = match self.clone_cell(id, spec) {
            Ok(control) => {
                let fds = [control.as_fd(), self.cells[&id].pidfd.as_fd()];
                wire::send(&self.service, &FromZygote::Spawned { id }, &fds)
            }
            Err(failure) => wire::send(&self.service, &FromZygote::Refused { id, failure }, &[]),
        };
    }

    /// Returns the service's end of the new cell's control socket.
    fn clone_cell(&mut self, id: u64, spec: &CellSpec) -> Result<OwnedFd, Failure> {
        let (ours, theirs) = wire::pair().at("socketpair")?;
        let (line, lifeline) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).at("pipe")?;
        let slot = self.identities.take();
        let leaf = match self.cgroups.leaf(id, &spec.limits) {
            Ok(leaf) => leaf,
            Err(failure) => {
                self.identities.give_back(slot);
                return Err(failure);
            }
        };
        match sys::clone_cell(leaf.v2()) {
            Ok(Cloned::Child) => {
                // The service's end and the lifeline must be the zygote's alone, or their end would never be seen.
                drop((ours, lifeline));
                let wall = Wall { filters: &self.filters, soft_memory: !self.cgroups.limit_memory() };
                init::live(spec, &wall, &theirs, &line)
            }
            Ok(Cloned::Parent { pid, pidfd }) => {
                self.cells.insert(id, Living { pidfd, leaf, slot, lifeline });
                self.admit(id, pid).inspect_err(|_| self.kill(id))?;
                Ok(ours)
            }
            Err(error) => {
                leaf.finish();
                self.identities.give_back(slot);
                Err(Failure::new("clone3", error))
            }
        }
    }

    /// Gives a cloned process its identity and its limits, then lets it go on.
    fn admit(&self, id: u64, pid: Pid) -> Result<(), Failure> {
        let cell = &self.cells[&id];
        identity::write_maps(pid, cell.slot)?;
        cell.leaf.attach(pid)?;
        rustix::io::write(&cell.lifeline, &[1]).at("release the cell")?;
        Ok(())
    }

    fn kill(&self, id: u64) {
        if let Some(cell) = self.cells.get(&id) {
            cell.leaf.kill();
            let _ = pidfd_send_signal(&cell.pidfd, Signal::KILL);
        }
    }

    /// Waits for a cell's init. The kernel lets it be reaped only after every process of its pid namespace.
    fn reap(&mut self, id: u64) {
        let Some(cell) = self.cells.remove(&id) else { return };
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::PidFd(cell.pidfd.as_fd()), WaitIdOptions::EXITED) {}
        let counters = cell.leaf.finish();
        self.identities.give_back(cell.slot);
        let _ = wire::send(&self.service, &FromZygote::Gone { id, counters }, &[]);
    }

    fn report(&self) -> Report {
        let mut controls = vec![namespaces(), landlock_control(), seccomp_control(), self.identities.control()];
        controls.extend(self.cgroups.controls());
        Report::of(controls)
    }
}

/// Tries what every cell will need: a clone into all seven namespaces.
fn namespaces() -> Control {
    match sys::clone_cell(None) {
        Ok(Cloned::Child) => std::process::exit(0),
        Ok(Cloned::Parent { pidfd, .. }) => {
            let _ = waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED);
            let detail = "user, pid, mount, network, IPC, UTS and cgroup, new for every cell";
            Control::new("namespaces", State::Active, detail.to_owned())
        }
        Err(error) => {
            let detail = format!(
                "clone3 with seven new namespaces: {error}; \
                 allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone) or run as root"
            );
            Control::new("namespaces", State::Missing, detail)
        }
    }
}

fn landlock_control() -> Control {
    match access::abi() {
        Some(abi) => Control::new("Landlock", State::Active, format!("ABI {abi}")),
        None => {
            let detail = "the kernel has none, or `lsm=` at boot leaves it out (Linux 5.13 or newer)";
            Control::new("Landlock", State::Missing, detail.to_owned())
        }
    }
}

fn seccomp_control() -> Control {
    let actions = std::fs::read_to_string("/proc/sys/kernel/seccomp/actions_avail").unwrap_or_default();
    if actions.contains("errno") {
        Control::new("seccomp", State::Active, "an allow-list of system calls".to_owned())
    } else {
        let detail = "the kernel was built without seccomp filters".to_owned();
        Control::new("seccomp", State::Missing, detail)
    }
}
