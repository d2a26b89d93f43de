//! What `check` and `capture` share.

use std::process::ExitCode;

use super::capacity::Places;
use super::{start, terminal};
use crate::authoring::Verdict;
use crate::authoring::plan::Job;
use crate::authoring::project::Project;
use crate::authoring::work;
use crate::run::kept::KeptLimits;
use crate::run::limits::Limits;
use crate::toolchain::{Libraries, Prepared};

/// How long a program may run, unless said otherwise: a build server is slower than a reader is patient.
pub const RUN_SECONDS: &str = "30";

const COULD_NOT: u8 = 2;

/// How jobs are done.
pub struct How {
    /// One for each processor when absent.
    pub at_once: Option<u16>,
    pub limits: Limits,
    pub caches: KeptLimits,
    pub is_fresh: bool,
}

/// Tells why nothing was tried.
pub fn could_not(error: &anyhow::Error) -> ExitCode {
    eprintln!("underhood: {error:#}");
    ExitCode::from(COULD_NOT)
}

/// Does all jobs, with progress.
pub fn work(
    project: &Project,
    toolchains: Vec<(Prepared, Libraries)>,
    jobs: &[Job],
    how: How,
) -> anyhow::Result<Vec<Verdict>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let at_once = how.at_once.unwrap_or_else(|| u16::try_from(processors()).unwrap_or(1));
    // A place is given back a moment after the run is told to be over; those who come then wait.
    let places = Places {
        max_runs: Some(at_once),
        queue: at_once.saturating_mul(4),
        pool: None,
        total_memory: None,
        targets: 0,
    };
    let mut progress = terminal::progress();
    tokio::runtime::Runtime::new()?.block_on(async {
        let runner = start::runner(toolchains, &places, how.limits, how.caches).await?;
        for job in jobs {
            // What is refused is told with its example.
            if let Ok(Some((target, libraries))) = runner.lacks(&job.request) {
                anyhow::ensure!(start::compile_ahead(libraries, &target)?, "interrupted");
            }
        }
        Ok(work::work(project, &runner, jobs, (usize::from(at_once), how.is_fresh), &mut *progress).await?)
    })
}
