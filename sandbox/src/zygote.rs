//! The process that makes cells: small, single-threaded, with an empty environment, so that a clone of it is cheap
//! and knows nothing. One loop over the service's socket and the pidfds of living cells.
//!
//! It alone makes, kills, reaps and cleans up; the service only asks. When the service goes away it kills what is
//! left, cleans up and exits.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::ExitCode;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::Pid;
use rustix::process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid};

use crate::cell::{Ground, Wall, access, init};
use crate::cgroup::{Cgroups, Leaf};
use crate::folders::{self, Folders, Remover};
use crate::huge_pages::HugePages;
use crate::identity::{self, Identities};
use crate::layout::Layout;
use crate::orphans::{self, end_children};
use crate::report::{Control, Level, Report, State};
use crate::seccomp::Filters;
use crate::spec::{At, CellSpec, Counters, Failure, Network};
use crate::sys::{self, Cloned};
use crate::wire::{self, FromZygote, ToZygote};

/// A moment without anything to do that is long enough for something that could wait, in milliseconds.
const QUIET_MS: u16 = 500;

/// Lives the zygote's life. To be called first thing in `main`, before any thread is started, when argv\[0\] is
/// [`crate::spec::ZYGOTE_NAME`]. The service's socket is standard input; argv\[1\], where there is one, caps the memory of
/// all cells together, in bytes.
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
    /// Whether the zygote has a network without any interface that is up. Cells whose programs have no sockets share it.
    is_cut_off: bool,
    huge_pages: Option<HugePages>,
    filters: Filters,
    /// For cells without namespaces; `None` where they have their own.
    folders: Option<Folders>,
    /// Folders that are being removed, with the cells whose they were: their processes are gone. What an earlier zygote
    /// left is no cell's.
    leaving: Vec<(Remover, Option<Gone>)>,
}

/// What is still to be told and given back of a cell.
struct Gone {
    id: u64,
    counters: Counters,
    slot: Option<u32>,
}

/// A cell that is not reaped yet.
struct Living {
    pid: Pid,
    folder: Option<PathBuf>,
    pidfd: OwnedFd,
    leaf: Leaf,
    slot: Option<u32>,
    /// Its other end is the cell's, which exits when this one closes: when the zygote dies, however it dies.
    lifeline: OwnedFd,
}

impl Zygote {
    fn start(total_memory_bytes: Option<u64>) -> io::Result<Self> {
        let service = sys::adopt(0);
        let cgroups = Cgroups::set_up(total_memory_bytes);
        let identities = Identities::discover();
        let mut controls = vec![namespaces(), landlock_control(), seccomp_control()];
        let on_namespaces = Level::of(&controls);
        controls.push(identities.control(on_namespaces));
        controls.push(files_control(on_namespaces));
        if on_namespaces == Level::Reduced {
            controls.push(orphans::control());
        }
        controls.extend(cgroups.controls());
        let report = Report::of(Level::of(&controls), controls);
        let mut leaving = Vec::new();
        let folders = if report.level == Level::Reduced {
            // What a dead init leaves behind comes to us.
            nix::sys::prctl::set_child_subreaper(true)?;
            leaving.extend(folders::sweep().map(|remover| (remover, None)));
            Some(Folders::make().map_err(io::Error::other)?)
        } else {
            None
        };
        wire::send(&service, &FromZygote::Hello { report }, &[])?;
        // As root only; else each cell has one of its own, whatever it needs.
        let is_cut_off = folders.is_none() && unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWIPC).is_ok();
        let huge_pages = if folders.is_none() { HugePages::set_up(total_memory_bytes) } else { None };
        let filters = Filters::compile();
        let cells = BTreeMap::new();
        Ok(Self { service, cells, cgroups, identities, is_cut_off, huge_pages, filters, folders, leaving })
    }

    fn serve(mut self) -> io::Result<()> {
        loop {
            let ids: Vec<u64> = self.cells.keys().copied().collect();
            let mut waiting = vec![PollFd::new(self.service.as_fd(), PollFlags::POLLIN)];
            let pidfds = self.cells.values().map(|cell| &cell.pidfd);
            let pidfds = pidfds.chain(self.leaving.iter().map(|(remover, _)| &remover.pidfd));
            waiting.extend(pidfds.map(|pidfd| PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)));
            let is_behind = self.huge_pages.as_ref().is_some_and(HugePages::is_behind);
            let patience = if is_behind { QUIET_MS.into() } else { PollTimeout::NONE };
            match poll(&mut waiting, patience) {
                Ok(0) => {
                    self.huge_pages.iter_mut().for_each(HugePages::catch_up);
                    continue;
                }
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            let mut ready = waiting.iter().map(|fd| fd.any() == Some(true)).collect::<Vec<_>>().into_iter();
            let service_is_ready = ready.next() == Some(true);
            let ended: Vec<u64> = ids.into_iter().filter(|_| ready.next() == Some(true)).collect();
            let removed = self.leaving.extract_if(.., |_| ready.next() == Some(true)).collect::<Vec<_>>();
            ended.into_iter().for_each(|id| self.reap(id));
            for (remover, gone) in removed {
                remover.reap();
                if let Some(gone) = gone {
                    self.let_go(&gone);
                }
            }
            if !service_is_ready {
                continue;
            }
            match wire::receive::<ToZygote>(&self.service) {
                Ok(Some((ToZygote::Spawn { id, spec }, _))) => self.spawn(id, &spec),
                Ok(Some((ToZygote::Weigh { id, weight }, _))) => {
                    if let Some(cell) = self.cells.get(&id) {
                        cell.leaf.weigh(weight);
                    }
                }
                Ok(Some((ToZygote::Kill { id }, _))) => self.kill(id),
                Ok(None) | Err(_) => break,
            }
        }
        for id in self.cells.keys().copied().collect::<Vec<_>>() {
            self.kill(id);
            self.reap(id);
        }
        self.leaving.iter().for_each(|(remover, _)| remover.reap());
        Ok(())
    }

    fn spawn(&mut self, id: u64, spec: &CellSpec) {
        // A service that is gone is noticed by the loop.
        let _ = match self.clone_cell(id, spec) {
            Ok(control) => {
                let cell = &self.cells[&id];
                let fds = [control.as_fd(), cell.pidfd.as_fd()];
                wire::send(&self.service, &FromZygote::Spawned { id, folder: cell.folder.clone() }, &fds)
            }
            Err(failure) => wire::send(&self.service, &FromZygote::Refused { id, failure }, &[]),
        };
    }

    /// Returns the service's end of the new cell's control socket.
    fn clone_cell(&mut self, id: u64, spec: &CellSpec) -> Result<OwnedFd, Failure> {
        let (ours, theirs) = wire::pair().at("socketpair")?;
        let (line, lifeline) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).at("pipe")?;
        let slot = self.identities.take()?;
        let host_id = slot.map(identity::host_id);
        let belongings = self.cgroups.leaf(id, &spec.limits).and_then(|leaf| {
            let folder = self.folders.as_mut().map(|folders| folders.create(id, spec, host_id)).transpose();
            folder.map(|folder| (leaf, folder))
        });
        let (leaf, folder) = belongings.inspect_err(|_| self.identities.give_back(slot))?;
        if let Some(huge_pages) = &mut self.huge_pages {
            huge_pages.want(&spec.huge);
        }
        let own_network = spec.network != Network::None || !self.is_cut_off;
        let cloned = if folder.is_some() { sys::fork_cell() } else { sys::clone_cell(own_network, leaf.v2()) };
        match cloned {
            Ok(Cloned::Child) => {
                // The service's end and the lifeline must be the zygote's alone, or their end would never be seen.
                drop((ours, lifeline));
                let wall = Wall {
                    filters: &self.filters,
                    soft_memory: !self.cgroups.limit_memory(),
                    ground: self
                        .folders
                        .as_ref()
                        .map_or(Ground::Namespaces, |folders| Ground::Folder { host_id, links: folders.links() }),
                    layout: Layout::of(spec, folder.as_deref()),
                };
                init::live(spec, &wall, &theirs, &line)
            }
            Ok(Cloned::Parent { pid, pidfd }) => {
                self.cells.insert(id, Living { pid, folder, pidfd, leaf, slot, lifeline });
                self.admit(id).inspect_err(|_| self.kill(id))?;
                Ok(ours)
            }
            Err(error) => {
                leaf.finish();
                if let Some(remover) = folder.and_then(|folder| folders::remove(&folder)) {
                    remover.reap();
                }
                self.identities.give_back(slot);
                Err(Failure::new("make a process", error))
            }
        }
    }

    /// Gives a new process its identity and its limits, then lets it go on.
    fn admit(&self, id: u64) -> Result<(), Failure> {
        let Living { pid, folder, leaf, slot, lifeline, .. } = &self.cells[&id];
        if folder.is_none() {
            identity::write_maps(*pid, *slot)?;
        }
        leaf.attach(*pid, folder.is_none())?;
        rustix::io::write(lifeline, &[1]).at("release the cell")?;
        Ok(())
    }

    fn kill(&self, id: u64) {
        if let Some(cell) = self.cells.get(&id) {
            cell.leaf.kill();
            let _ = pidfd_send_signal(&cell.pidfd, Signal::KILL);
        }
    }

    /// Waits for a cell's init. The kernel lets it be reaped only after every process of its pid namespace; where there
    /// is none, what is left comes to us and is ended here.
    fn reap(&mut self, id: u64) {
        let Some(cell) = self.cells.remove(&id) else { return };
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::PidFd(cell.pidfd.as_fd()), WaitIdOptions::EXITED) {}
        if cell.folder.is_some() {
            let is_known = |child| {
                let is_cell = self.cells.values().any(|cell| cell.pid == child);
                is_cell || self.leaving.iter().any(|(remover, _)| remover.pid == child)
            };
            if let Err(error) = end_children(is_known) {
                // They are tried again with the next cell.
                eprintln!("underhood: cannot tell what a cell has left running: {error}");
            }
        }
        let gone = Gone { id, counters: cell.leaf.finish(), slot: cell.slot };
        match cell.folder.and_then(|folder| folders::remove(&folder)) {
            // Until then the disk and the uid are taken, and so must be the run's place.
            Some(remover) => self.leaving.push((remover, Some(gone))),
            None => self.let_go(&gone),
        }
    }

    fn let_go(&mut self, gone: &Gone) {
        self.identities.give_back(gone.slot);
        let _ = wire::send(&self.service, &FromZygote::Gone { id: gone.id, counters: gone.counters }, &[]);
    }
}

/// Tries what every cell will need: a clone into all seven namespaces.
fn namespaces() -> Control {
    match sys::clone_cell(true, None) {
        Ok(Cloned::Child) => sys::exit(0),
        Ok(Cloned::Parent { pidfd, .. }) => {
            let _ = waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED);
            let detail =
                "user, pid, mount, UTS and cgroup, new for every cell; network and IPC too, but for the compiler's";
            Control::new(Report::NAMESPACES, State::Active, detail.to_owned())
        }
        Err(error) => {
            let detail = format!(
                "clone3 with seven new namespaces: {error}; \
                 allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone) or run as root"
            );
            Control::new(Report::NAMESPACES, State::Missing, detail)
        }
    }
}

fn files_control(level: Level) -> Control {
    if level == Level::Full {
        let detail = "a root and a tmpfs of its own for every cell, limited as a whole";
        return Control::new("files", State::Active, detail.to_owned());
    }
    let detail = "a folder on the host's disk for every cell; each file is limited, their sum is not";
    Control::new("files", State::Degraded, detail.to_owned())
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
