//! The service's side: asks the zygote for cells, hands them jobs, hears how they end.

mod cell;
mod link;
mod lives;
mod memfd;
mod pool;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::report::{Level, Report};
use crate::spec::{CellSpec, Failure};
use link::Link;
use lives::{Life, Lives};

pub use cell::{Cell, Outputs, Progress, Running};
pub use lives::SandboxCounts;
pub use memfd::{sealed_copy, sealed_memfd, sealed_program};
pub use pool::{Pool, PoolCounts};

/// Why the sandbox cannot be used, or a job could not be run: our own failure, never the program's.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The zygote could not be started.
    #[error("cannot start the sandbox: {0}")]
    Start(#[source] io::Error),
    /// The host lacks what a sandbox needs.
    #[error("this host cannot run strangers' programs safely: {0}")]
    Host(String),
    /// The zygote died. Another is started; what ran under this one is dead.
    #[error("the sandbox's zygote is gone")]
    ZygoteGone,
    /// The cell ended before it had said how its job went.
    #[error("the cell ended early")]
    CellGone,
    /// The cell was not ready in time.
    #[error("the cell was not ready after {0:?}")]
    Slow(Duration),
    /// A step inside the zygote or the cell failed.
    #[error("sandbox: {0}")]
    Step(#[from] Failure),
    /// Talking to them failed.
    #[error("sandbox: {0}")]
    Io(#[from] io::Error),
}

/// A zygote, and another one if it dies. Cheap to clone; the last clone's end kills every cell.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// `None` between two zygotes.
    link: watch::Receiver<Option<Arc<Link>>>,
    report: Arc<Report>,
    lives: Arc<Lives>,
}

impl Sandbox {
    /// Starts the zygote: this very program once more, with [`ZYGOTE_NAME`](crate::spec::ZYGOTE_NAME) as its
    /// argv\[0\], whose `main` must then call [`crate::zygote::main`]. `total_memory_bytes` caps all cells together
    /// where there is a memory cgroup.
    ///
    /// # Errors
    /// When the process cannot be started or says nothing.
    pub async fn start(total_memory_bytes: Option<u64>) -> Result<Self, Error> {
        let (link, report) = Link::start(total_memory_bytes).await?;
        let link = Arc::new(link);
        let (links, receiver) = watch::channel(Some(Arc::clone(&link)));
        let lives = Arc::<Lives>::default();
        tokio::spawn(supervise(link, links, total_memory_bytes, Arc::clone(&lives)));
        Ok(Self { link: receiver, report: Arc::new(report), lives })
    }

    /// What the sandbox can do on this host.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Cells and zygotes since the start.
    #[must_use]
    pub fn counts(&self) -> SandboxCounts {
        self.lives.counts()
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

    /// Prepares a cell and waits until it is ready for its job. When it fails, nothing of the cell is left.
    ///
    /// # Errors
    /// When the host lacks what a sandbox needs, or a step of the set-up fails or takes longer than `within`.
    pub async fn cell(&self, spec: &CellSpec, within: Duration) -> Result<Cell, Error> {
        self.usable()?;
        let deadline = Instant::now() + within;
        // One that is spawned after all finds nobody waiting, and ends.
        let spawned = timeout_at(deadline, self.spawn(spec)).await;
        let mut cell = spawned.map_err(|_| Error::Slow(within))??;
        let ready = timeout_at(deadline, cell.ready()).await;
        match ready.unwrap_or(Err(Error::Slow(within))) {
            Ok(()) => Ok(cell),
            Err(error) => {
                // The caller may take another cell in its place, so this one must be gone first.
                let _ = cell.kill().await;
                let _ = cell.gone().await;
                Err(error)
            }
        }
    }

    async fn spawn(&self, spec: &CellSpec) -> Result<Cell, Error> {
        let mut link = self.link().await?;
        let spawned = match link.spawn(spec).await {
            // It died, and nobody had noticed: the next one will do.
            Err(Error::ZygoteGone) => {
                link = self.link().await?;
                link.spawn(spec).await
            }
            spawned => spawned,
        };
        Ok(Cell::new(spawned?, link, Life::begin(&self.lives)))
    }

    /// The living zygote, or the next one.
    async fn link(&self) -> Result<Arc<Link>, Error> {
        let mut links = self.link.clone();
        let is_alive = |link: &Option<Arc<Link>>| link.as_ref().is_some_and(|link| !link.is_closed());
        let link = links.wait_for(is_alive).await.map_err(|_| Error::ZygoteGone)?;
        link.clone().ok_or(Error::ZygoteGone)
    }
}

/// How long after a zygote that could not be started the next one is tried.
const RETRY: Duration = Duration::from_secs(1);

/// Starts another zygote whenever one dies, until nobody uses the sandbox any more.
async fn supervise(
    first: Arc<Link>,
    links: watch::Sender<Option<Arc<Link>>>,
    total_memory_bytes: Option<u64>,
    lives: Arc<Lives>,
) {
    let mut link = first;
    loop {
        tokio::select! {
            () = link.listen() => {}
            () = links.closed() => return,
        }
        links.send_replace(None);
        tracing::error!("the sandbox's zygote died, and the runs under it; starting another");
        link = loop {
            tokio::select! {
                started = Link::start(total_memory_bytes) => match started {
                    Ok((link, _)) => break Arc::new(link),
                    Err(error) => tracing::error!(%error, "trying again"),
                },
                () = links.closed() => return,
            }
            tokio::time::sleep(RETRY).await;
        };
        lives.replaced();
        links.send_replace(Some(Arc::clone(&link)));
    }
}

fn unexpected(message: &impl fmt::Debug) -> Error {
    Error::Io(io::Error::new(io::ErrorKind::InvalidData, format!("unexpected message {message:?}")))
}
