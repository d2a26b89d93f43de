//! The connection to one zygote, from its start to its end.

use std::collections::HashMap;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::oneshot;

use super::Error;
use crate::layout::Layout;
use crate::report::Report;
use crate::spec::{CellSpec, Counters, CpuWeight, Failure, ZYGOTE_NAME};
use crate::sys;
use crate::wire::{self, FromZygote, ToZygote};

/// A zygote that was started. When the last user lets go of it, it kills every cell and exits.
#[derive(Debug)]
pub(super) struct Link {
    socket: AsyncFd<OwnedFd>,
    waiting: Mutex<Waiting>,
    next_id: AtomicU64,
}

/// A cell's process, just cloned.
#[derive(Debug)]
pub(super) struct Spawned {
    pub(super) id: u64,
    pub(super) control: AsyncFd<OwnedFd>,
    pub(super) pidfd: OwnedFd,
    /// Comes when its last process is reaped; is dropped when the zygote dies first.
    pub(super) gone: oneshot::Receiver<Counters>,
    pub(super) layout: Layout,
}

/// Control socket and pidfd of a new cell, and its folder where it has one.
type Born = ([OwnedFd; 2], Option<PathBuf>);

/// Who waits for which message of the zygote.
#[derive(Debug, Default)]
struct Waiting {
    closed: bool,
    spawned: HashMap<u64, oneshot::Sender<Result<Born, Failure>>>,
    gone: HashMap<u64, oneshot::Sender<Counters>>,
}

impl Link {
    /// Starts a zygote: this very program once more, under another name.
    pub(super) async fn start(total_memory_bytes: Option<u64>) -> Result<(Self, Report), Error> {
        let (ours, theirs) = wire::pair().map_err(Error::Start)?;
        let mut command = Command::new("/proc/self/exe");
        command.arg0(ZYGOTE_NAME).env_clear().current_dir("/");
        command.args(total_memory_bytes.map(|bytes| bytes.to_string()));
        command.stdin(Stdio::from(theirs)).stdout(Stdio::null()).stderr(Stdio::inherit()).process_group(0);
        let mut child = command.spawn().map_err(Error::Start)?;
        drop(command);
        // It lives as long as the service and ends by itself; this thread only reaps it.
        let reaper = std::thread::Builder::new().name("zygote's parent".to_owned());
        reaper.spawn(move || child.wait()).map_err(Error::Start)?;

        let socket = connect(ours)?;
        let Some((FromZygote::Hello { report }, _)) = receive(&socket).await? else { return Err(Error::ZygoteGone) };
        Ok((Self { socket, waiting: Mutex::default(), next_id: AtomicU64::new(1) }, report))
    }

    /// Hands out the zygote's messages until it is gone, then lets everyone who waits know.
    pub(super) async fn listen(&self) {
        while let Ok(Some((message, fds))) = receive(&self.socket).await {
            self.waiting().dispatch(message, fds);
        }
        *self.waiting() = Waiting { closed: true, ..Waiting::default() };
    }

    /// Whether its zygote is known to be dead.
    pub(super) fn is_closed(&self) -> bool {
        self.waiting().closed
    }

    /// Has a cell cloned. The zygote always answers, or dies.
    pub(super) async fn spawn(&self, spec: &CellSpec) -> Result<Spawned, Error> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (spawned, on_spawned) = oneshot::channel();
        let (gone, on_gone) = oneshot::channel();
        {
            let mut waiting = self.waiting();
            if waiting.closed {
                return Err(Error::ZygoteGone);
            }
            waiting.spawned.insert(id, spawned);
            waiting.gone.insert(id, gone);
        }
        self.send(&ToZygote::Spawn { id, spec: spec.clone() }).await?;
        let ([control, pidfd], folder) = on_spawned.await.map_err(|_| Error::ZygoteGone)??;
        let layout = Layout::of(spec, folder.as_deref());
        Ok(Spawned { id, control: connect(control)?, pidfd, gone: on_gone, layout })
    }

    /// Has a cell's share of the processors set.
    pub(super) async fn weigh(&self, id: u64, weight: CpuWeight) -> Result<(), Error> {
        self.send(&ToZygote::Weigh { id, weight }).await
    }

    /// Has a cell killed, with all that is in it.
    pub(super) async fn kill(&self, id: u64) -> Result<(), Error> {
        self.send(&ToZygote::Kill { id }).await
    }

    async fn send(&self, message: &ToZygote) -> Result<(), Error> {
        match send(&self.socket, message, &[]).await {
            Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => {
                // Known from here on, so that nobody who asks again gets this one.
                self.waiting().closed = true;
                Err(Error::ZygoteGone)
            }
            sent => Ok(sent?),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn dispatch(&mut self, message: FromZygote, fds: Vec<OwnedFd>) {
        match message {
            FromZygote::Hello { .. } => {}
            FromZygote::Spawned { id, folder } => {
                let Some(waiter) = self.spawned.remove(&id) else { return };
                let lost = |_| Failure::new("receive the cell", "this process has no descriptors left");
                // Where the waiter gave up, or descriptors are lost, the cell's socket closes, and the cell ends.
                let _ = waiter.send(fds.try_into().map(|fds| (fds, folder)).map_err(lost));
            }
            FromZygote::Refused { id, failure } => {
                self.gone.remove(&id);
                if let Some(waiter) = self.spawned.remove(&id) {
                    let _ = waiter.send(Err(failure));
                }
            }
            FromZygote::Gone { id, counters } => {
                self.spawned.remove(&id);
                if let Some(waiter) = self.gone.remove(&id) {
                    let _ = waiter.send(counters);
                }
            }
        }
    }
}

/// Makes a socket known to the runtime.
fn connect(socket: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    rustix::io::ioctl_fionbio(&socket, true)?;
    sys::register(socket)
}

pub(super) async fn receive<T: DeserializeOwned>(socket: &AsyncFd<OwnedFd>) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    socket.async_io(Interest::READABLE, |fd| wire::receive(fd)).await
}

pub(super) async fn send(
    socket: &AsyncFd<OwnedFd>,
    message: &impl Serialize,
    fds: &[BorrowedFd<'_>],
) -> io::Result<()> {
    socket.async_io(Interest::WRITABLE, |fd| wire::send(fd, message, fds)).await
}
