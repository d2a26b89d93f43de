//! The service's side: asks the zygote for cells, hands them jobs, hears how they end.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{MemfdFlags, SealFlags};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::unix::pipe;
use tokio::sync::oneshot;

use crate::report::{Level, Report};
use crate::spec::{CellSpec, Counters, Failure, Job, Status, Usage, ZYGOTE_NAME};
use crate::sys;
use crate::wire::{self, FromCell, FromZygote, ToCell, ToZygote};

/// Why the sandbox cannot be used, or a job could not be run: our own failure, never the program's.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The zygote could not be started.
    #[error("cannot start the sandbox: {0}")]
    Start(#[source] io::Error),
    /// The host lacks what a sandbox needs.
    #[error("this host cannot run strangers' programs safely: {0}")]
    Host(String),
    /// The zygote is gone.
    #[error("the sandbox's zygote is gone")]
    ZygoteGone,
    /// The cell ended before it had said how its job went.
    #[error("the cell ended early")]
    CellGone,
    /// A step inside the zygote or the cell failed.
    #[error("sandbox: {0}")]
    Step(#[from] Failure),
    /// Talking to them failed.
    #[error("sandbox: {0}")]
    Io(#[from] io::Error),
}

/// A running zygote. Cheap to clone; the last clone's end kills every cell.
#[derive(Clone, Debug)]
pub struct Sandbox {
    zygote: Arc<ZygoteLink>,
    report: Arc<Report>,
}

#[derive(Debug)]
struct ZygoteLink {
    socket: Arc<AsyncFd<OwnedFd>>,
    waiting: Arc<Mutex<Waiting>>,
    next_id: AtomicU64,
}

/// Who waits for which message of the zygote.
#[derive(Debug, Default)]
struct Waiting {
    closed: bool,
    spawned: HashMap<u64, oneshot::Sender<Result<OwnedFd, Failure>>>,
    gone: HashMap<u64, oneshot::Sender<Counters>>,
}

impl Sandbox {
    /// Starts the zygote: this very program once more, with [`ZYGOTE_NAME`] as its argv\[0\], whose `main`
    /// must then call [`crate::zygote::main`]. `total_memory_bytes` caps all cells together where there is a memory cgroup.
    ///
    /// # Errors
    /// When the process cannot be started or says nothing.
    pub async fn start(total_memory_bytes: Option<u64>) -> Result<Self, Error> {
        let (ours, theirs) = wire::pair().map_err(Error::Start)?;
        let mut command = std::process::Command::new("/proc/self/exe");
        command.arg0(ZYGOTE_NAME).env_clear().current_dir("/");
        command.args(total_memory_bytes.map(|bytes| bytes.to_string()));
        command.stdin(Stdio::from(theirs)).stdout(Stdio::null()).stderr(Stdio::inherit()).process_group(0);
        let mut child = command.spawn().map_err(Error::Start)?;
        drop(command);
        // It lives as long as the service and ends by itself; this thread only reaps it.
        std::thread::spawn(move || child.wait());

        let socket = Arc::new(connect(ours)?);
        let Some((FromZygote::Hello { report }, _)) = receive(&socket).await? else { return Err(Error::ZygoteGone) };
        let waiting = Arc::new(Mutex::default());
        tokio::spawn(listen(Arc::clone(&socket), Arc::clone(&waiting)));
        let zygote = Arc::new(ZygoteLink { socket, waiting, next_id: AtomicU64::new(1) });
        Ok(Self { zygote, report: Arc::new(report) })
    }

    /// What the sandbox can do on this host.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Whether programs are run here at all.
    ///
    /// # Errors
    /// [`Error::Host`] with what the host lacks.
    pub fn usable(&self) -> Result<(), Error> {
        if self.report.level != Level::None {
            return Ok(());
        }
        let lacking: Vec<String> = self.report.lacking().map(|c| format!("{}: {}", c.name, c.detail)).collect();
        Err(Error::Host(lacking.join("; ")))
    }

    /// Prepares a cell and waits until it is ready for its job.
    ///
    /// # Errors
    /// When the host lacks what a sandbox needs, or a step of the set-up fails.
    pub async fn cell(&self, spec: CellSpec) -> Result<Cell, Error> {
        self.usable()?;
        let id = self.zygote.next_id.fetch_add(1, Ordering::Relaxed);
        let (spawned, on_spawned) = oneshot::channel();
        let (gone, on_gone) = oneshot::channel();
        self.zygote.expect(id, spawned, gone)?;
        self.zygote.send(&ToZygote::Spawn { id, spec }).await?;
        let control = on_spawned.await.map_err(|_| Error::ZygoteGone)??;
        let cell = Cell { id, control: connect(control)?, zygote: self.zygote.clone(), gone: on_gone };
        let error = match cell.receive().await {
            Ok((FromCell::Ready, _)) => return Ok(cell),
            Ok((FromCell::Failed(failure), _)) => failure.into(),
            Ok((other, _)) => unexpected(&other),
            Err(error) => error,
        };
        // The caller may take another cell in its place, so this one must be gone first.
        let _ = cell.gone().await;
        Err(error)
    }
}

/// A prepared cell, good for one job. Dropping it kills it.
#[derive(Debug)]
pub struct Cell {
    id: u64,
    control: AsyncFd<OwnedFd>,
    zygote: Arc<ZygoteLink>,
    gone: oneshot::Receiver<Counters>,
}

/// A job at work. Dropping it kills its cell.
#[derive(Debug)]
pub struct Running {
    cell: Cell,
}

/// The reading ends of a job's pipes. They close when the last process of the cell that holds them is gone.
#[derive(Debug)]
pub struct Outputs {
    /// What the commands write to standard output.
    pub stdout: pipe::Receiver,
    /// What the commands write to standard error.
    pub stderr: pipe::Receiver,
}

/// What is heard of a running job, in order. After [`Progress::Finished`] nothing follows.
#[derive(Debug)]
pub enum Progress {
    /// The command with this index is running.
    Started(usize),
    /// It has ended.
    Ended {
        /// The command's index.
        command: usize,
        /// How it ended.
        status: Status,
        /// What it used.
        usage: Usage,
    },
    /// No command is left; the artifact, if all succeeded and it is there.
    Finished(Option<OwnedFd>),
}

impl Cell {
    /// Hands the job over. `stdin` is what the commands read; `program` is for [`crate::spec::Program::Handed`].
    ///
    /// # Errors
    /// When the cell is gone or descriptors run out.
    pub async fn run(
        self,
        job: &Job,
        stdin: BorrowedFd<'_>,
        program: Option<BorrowedFd<'_>>,
    ) -> Result<(Running, Outputs), Error> {
        let text = serde_json::to_vec(job).map_err(io::Error::from)?;
        let handed = sealed_memfd("job", &text)?;
        let (stdout, stdout_writer) = output_pipe()?;
        let (stderr, stderr_writer) = output_pipe()?;
        let mut fds = vec![handed.as_fd(), stdin, stdout_writer.as_fd(), stderr_writer.as_fd()];
        fds.extend(program);
        let message = ToCell { job_bytes: text.len() as u64 };
        send(&self.control, &message, &fds).await.map_err(|_| Error::CellGone)?;
        Ok((Running { cell: self }, Outputs { stdout, stderr }))
    }

    /// Lets go of the cell, which ends it, and waits until its last process is reaped.
    async fn gone(self) -> Result<Counters, Error> {
        let Self { control, gone, .. } = self;
        drop(control);
        gone.await.map_err(|_| Error::ZygoteGone)
    }

    async fn receive(&self) -> Result<(FromCell, Vec<OwnedFd>), Error> {
        receive(&self.control).await?.ok_or(Error::CellGone)
    }
}

impl Running {
    /// Waits for the next thing to be told. Cancel-safe.
    ///
    /// # Errors
    /// [`Error::CellGone`] when the cell was killed, by [`Running::kill`] or by the kernel.
    pub async fn next(&mut self) -> Result<Progress, Error> {
        match self.cell.receive().await? {
            (FromCell::Started { command }, _) => Ok(Progress::Started(command)),
            (FromCell::Ended { command, status, usage }, _) => Ok(Progress::Ended { command, status, usage }),
            (FromCell::Finished, fds) => Ok(Progress::Finished(fds.into_iter().next())),
            (FromCell::Failed(failure), _) => Err(failure.into()),
            (other @ FromCell::Ready, _) => Err(unexpected(&other)),
        }
    }

    /// Kills everything in the cell. Its pipes close; [`Running::gone`] tells when the last process is reaped.
    ///
    /// # Errors
    /// When the zygote is gone, and every cell with it.
    pub async fn kill(&self) -> Result<(), Error> {
        self.cell.zygote.send(&ToZygote::Kill { id: self.cell.id }).await
    }

    /// Waits until the last process of the cell is reaped and its cgroups are removed.
    ///
    /// # Errors
    /// When the zygote is gone.
    pub async fn gone(self) -> Result<Counters, Error> {
        self.cell.gone().await
    }
}

/// An anonymous file with this content, opened read-only, which no one can change any more.
///
/// # Errors
/// When memory or descriptors run out.
pub fn sealed_memfd(name: &str, content: &[u8]) -> io::Result<OwnedFd> {
    let memfd = executable_memfd(name)?;
    let mut file = std::fs::File::from(memfd);
    file.write_all(content)?;
    seal(OwnedFd::from(file))
}

/// Copies a regular file of at most `limit` bytes into a sealed memfd, so that it no longer depends on the cell that
/// made it. `Ok(None)` when it is larger.
///
/// # Errors
/// When it cannot be read, or memory or descriptors run out.
pub fn sealed_copy(name: &str, source: OwnedFd, limit: u64) -> io::Result<Option<OwnedFd>> {
    let mut source = std::fs::File::from(source);
    let metadata = source.metadata()?;
    if !metadata.is_file() || metadata.len() > limit {
        return Ok(None);
    }
    let mut copy = std::fs::File::from(executable_memfd(name)?);
    io::copy(&mut io::Read::take(&mut source, limit), &mut copy)?;
    seal(OwnedFd::from(copy)).map(Some)
}

fn executable_memfd(name: &str) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Linux 6.3 wants to be told whether a memfd may be executed; older kernels do not know the flag.
    match rustix::fs::memfd_create(name, flags | MemfdFlags::EXEC) {
        Err(rustix::io::Errno::INVAL) => Ok(rustix::fs::memfd_create(name, flags)?),
        other => Ok(other?),
    }
}

/// Seals, then opens anew for reading: a descriptor that may write would make exec fail with ETXTBSY.
fn seal(memfd: OwnedFd) -> io::Result<OwnedFd> {
    rustix::fs::fcntl_add_seals(&memfd, SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&memfd));
    Ok(OwnedFd::from(std::fs::File::open(path)?))
}

fn output_pipe() -> io::Result<(pipe::Receiver, OwnedFd)> {
    let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&reader, true)?;
    Ok((pipe::Receiver::from_owned_fd(reader)?, writer))
}

fn unexpected(message: &FromCell) -> Error {
    Error::Io(io::Error::new(io::ErrorKind::InvalidData, format!("unexpected message {message:?}")))
}

/// Makes a socket known to the runtime.
fn connect(socket: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    rustix::io::ioctl_fionbio(&socket, true)?;
    sys::register(socket)
}

async fn receive<T: serde::de::DeserializeOwned>(socket: &AsyncFd<OwnedFd>) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    socket.async_io(Interest::READABLE, |fd| wire::receive(fd)).await
}

async fn send(socket: &AsyncFd<OwnedFd>, message: &impl serde::Serialize, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    socket.async_io(Interest::WRITABLE, |fd| wire::send(fd, message, fds)).await
}

impl ZygoteLink {
    fn expect(
        &self,
        id: u64,
        spawned: oneshot::Sender<Result<OwnedFd, Failure>>,
        gone: oneshot::Sender<Counters>,
    ) -> Result<(), Error> {
        let mut waiting = self.waiting();
        if waiting.closed {
            return Err(Error::ZygoteGone);
        }
        waiting.spawned.insert(id, spawned);
        waiting.gone.insert(id, gone);
        Ok(())
    }

    async fn send(&self, message: &ToZygote) -> Result<(), Error> {
        send(&self.socket, message, &[]).await.map_err(|_| Error::ZygoteGone)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ZygoteLink {
    /// The listener still holds the socket, so it is shut rather than closed; the zygote then ends every cell.
    fn drop(&mut self) {
        let _ = rustix::net::shutdown(self.socket.get_ref(), rustix::net::Shutdown::Both);
    }
}

impl Waiting {
    fn dispatch(&mut self, message: FromZygote, fds: Vec<OwnedFd>) {
        match message {
            FromZygote::Hello { .. } => {}
            FromZygote::Spawned { id } => {
                if let (Some(waiter), Some(control)) = (self.spawned.remove(&id), fds.into_iter().next()) {
                    // A waiter that gave up drops the socket here, and the cell with it.
                    let _ = waiter.send(Ok(control));
                }
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

/// Hands out the zygote's messages until it is gone, then lets everyone who waits know.
async fn listen(socket: Arc<AsyncFd<OwnedFd>>, waiting: Arc<Mutex<Waiting>>) {
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    while let Ok(Some((message, fds))) = receive(&socket).await {
        lock().dispatch(message, fds);
    }
    *lock() = Waiting { closed: true, ..Waiting::default() };
}
