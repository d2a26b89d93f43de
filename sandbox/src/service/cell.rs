//! A cell as the service sees it: prepared, at work, gone.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Signal, pidfd_send_signal};
use tokio::io::unix::AsyncFd;
use tokio::net::unix::pipe;
use tokio::sync::oneshot;

use super::link::{Link, Spawned, receive, send};
use super::lives::Life;
use super::memfd::sealed_memfd;
use super::pool::Place;
use super::{Error, unexpected};
use crate::layout::Layout;
use crate::spec::{Counters, CpuWeight, Job, Status, Usage};
use crate::sys;
use crate::wire::{self, FromCell, ToCell};

/// A prepared cell, good for one job. Dropping it kills it.
#[derive(Debug)]
pub struct Cell {
    id: u64,
    control: AsyncFd<OwnedFd>,
    pidfd: OwnedFd,
    link: Arc<Link>,
    gone: oneshot::Receiver<Counters>,
    layout: Layout,
    /// Once it is ready.
    outputs: Option<Outputs>,
    /// Where another is to be prepared when this one is gone.
    place: Option<Place>,
    life: Life,
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
    pub(super) fn new(spawned: Spawned, link: Arc<Link>, life: Life) -> Self {
        let Spawned { id, control, pidfd, gone, layout } = spawned;
        Self { id, control, pidfd, link, gone, layout, outputs: None, place: None, life }
    }

    /// Gives it its outputs and waits until it is set up.
    pub(super) async fn ready(&mut self) -> Result<(), Error> {
        let (stdout, stdout_writer) = output_pipe()?;
        let (stderr, stderr_writer) = output_pipe()?;
        match send(&self.control, &ToCell::Outputs, &[stdout_writer.as_fd(), stderr_writer.as_fd()]).await {
            // It has ended, and said why.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            sent => sent?,
        }
        match self.receive().await? {
            (FromCell::Ready, _) => {
                self.outputs = Some(Outputs { stdout, stderr });
                Ok(())
            }
            (FromCell::Failed(failure), _) => Err(failure.into()),
            (other, _) => Err(unexpected(&other)),
        }
    }

    /// Whether it still waits for a job: one that is ready says nothing until it is given one.
    pub(super) fn is_waiting(&self) -> bool {
        let heard = wire::receive::<FromCell>(self.control.get_ref());
        heard.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    pub(super) fn with_place(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }

    /// Where the paths of this cell lie for its programs.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Hands the job over. `weight` is its share of the processors, where there is a cpu cgroup; `stdin` is what the
    /// commands read. One that is [`crate::spec::Program::Handed`] waits for [`Running::hand`].
    ///
    /// # Errors
    /// When the cell or the zygote is gone or descriptors run out. Nothing of the cell is left then.
    pub async fn run(
        mut self,
        job: &Job,
        weight: CpuWeight,
        stdin: BorrowedFd<'_>,
    ) -> Result<(Running, Outputs), Error> {
        let handed = self.hand_over(job, weight, stdin).await;
        match handed.and_then(|()| self.outputs.take().ok_or(Error::CellGone)) {
            Ok(outputs) => Ok((Running { cell: self }, outputs)),
            Err(error) => {
                let _ = self.gone().await;
                Err(error)
            }
        }
    }

    async fn hand_over(&self, job: &Job, weight: CpuWeight, stdin: BorrowedFd<'_>) -> Result<(), Error> {
        if weight != CpuWeight::default() {
            self.link.weigh(self.id, weight).await?;
        }
        let text = serde_json::to_vec(job).map_err(io::Error::from)?;
        let handed = sealed_memfd("job", &text)?;
        let message = ToCell::Job { bytes: text.len() as u64 };
        send(&self.control, &message, &[handed.as_fd(), stdin]).await.map_err(|_| Error::CellGone)
    }

    /// Has it killed, wherever it is.
    pub(super) async fn kill(&self) -> Result<(), Error> {
        self.link.kill(self.id).await
    }

    /// Lets go of the cell, which ends it, and waits until its last process is reaped.
    ///
    /// # Errors
    /// When the zygote is gone. The cell is, too.
    pub async fn gone(self) -> Result<Counters, Error> {
        let Self { control, pidfd, gone, place, layout, life, .. } = self;
        drop(control);
        let counters = match gone.await {
            Ok(counters) => Ok(counters),
            Err(_) => ended(pidfd, &layout).await.and(Err(Error::ZygoteGone)),
        };
        drop((life, place));
        counters
    }

    async fn receive(&self) -> Result<(FromCell, Vec<OwnedFd>), Error> {
        receive(&self.control).await?.ok_or(Error::CellGone)
    }
}

impl Running {
    /// Hands over the program that the job is about.
    ///
    /// # Errors
    /// When the cell is gone.
    pub async fn hand(&self, program: BorrowedFd<'_>) -> Result<(), Error> {
        send(&self.cell.control, &ToCell::Program, &[program]).await.map_err(|_| Error::CellGone)
    }

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
        self.cell.kill().await
    }

    /// Waits until the last process of the cell is reaped and its cgroups are removed.
    ///
    /// # Errors
    /// When the zygote is gone. The cell is, too.
    pub async fn gone(self) -> Result<Counters, Error> {
        self.cell.gone().await
    }
}

/// Longest time that an init without a pid namespace may take to end its children.
const LEAVING: Duration = Duration::from_secs(1);

/// Ends a cell whose zygote is gone and waits for its init. The kernel ends that one last of its pid namespace. Where
/// there is none, the init must end its children itself, as it does when its lines close, and is killed only if it does
/// not: nobody is left to end them for it.
async fn ended(pidfd: OwnedFd, layout: &Layout) -> Result<(), Error> {
    let init = sys::register(pidfd)?;
    if layout.is_folder()
        && let Ok(left) = tokio::time::timeout(LEAVING, init.readable()).await
    {
        let _ = left?;
        return Ok(());
    }
    let _ = pidfd_send_signal(&init, Signal::KILL);
    let _ = init.readable().await?;
    Ok(())
}

fn output_pipe() -> io::Result<(pipe::Receiver, OwnedFd)> {
    let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&reader, true)?;
    Ok((pipe::Receiver::from_owned_fd(reader)?, writer))
}
