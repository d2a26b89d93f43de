//! What `check` and `capture` share.

use std::path::PathBuf;
use std::process::ExitCode;

use super::capacity::{Places, Runs};
use super::start::Named;
use super::{start, terminal};
use crate::authoring::knob_table::{self, Stale};
use crate::authoring::plan::Job;
use crate::authoring::project::Project;
use crate::authoring::work::{How, work};
use crate::authoring::{Complaint, Verdict};
use crate::run::limits::processors;
use crate::run::{Reuse, Runner};

/// Which examples, and how they are run. A build server is slower than a reader is patient, so a program may take longer.
#[derive(Debug, clap::Args)]
#[command(mut_arg("run_seconds", |arg| arg.default_value("30")))]
pub struct Examples {
    /// A repository, its folder of examples, a topic, or an example
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    runs: Runs,
}

/// So many for each processor: some of what runs sleeps or waits. No more builds than processors begin at a time all the same.
const AT_ONCE: usize = 2;

/// Nothing could be tried.
const COULD_NOT: u8 = 2;

/// What is on an author's desk: a project, and the toolchains that were asked for.
pub struct Desk<'a> {
    pub project: Project,
    pub go: Named,
    runs: &'a Runs,
}

/// Opens what `examples` names for the toolchains that `go` names, and says by the exit code whether all is as it should
/// be there.
pub fn at_desk(examples: &Examples, go: &[String], act: impl FnOnce(Desk<'_>) -> anyhow::Result<bool>) -> ExitCode {
    start::logs("warn");
    let open = || {
        terminal::listen_for_signals()?;
        let project = Project::open(&examples.paths)?;
        act(Desk { project, go: start::named_toolchains(go)?, runs: &examples.runs })
    };
    match open() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => could_not(&error),
    }
}

/// Tells why nothing was tried.
pub fn could_not(error: &anyhow::Error) -> ExitCode {
    eprintln!("underhood: {error:#}");
    ExitCode::from(COULD_NOT)
}

impl Desk<'_> {
    /// Tables of knobs that are not what the toolchains say, and what is wrong with tables.
    pub fn stale_tables(&self, anew: bool) -> anyhow::Result<(Vec<Stale>, Vec<Complaint>)> {
        let named = self.go.toolchains.iter().map(|(go, _)| (go.version.clone(), go.goroot.clone()));
        Ok(knob_table::stale(&self.project, &named.collect::<Vec<_>>(), anew)?)
    }

    /// Does all jobs with progress, `at_once` at a time or [`AT_ONCE`], and clears the desk of all but the
    /// project. With `anew` each is built by itself.
    pub fn work(self, jobs: &[Job], at_once: Option<u16>, anew: bool) -> anyhow::Result<(Project, Vec<Verdict>)> {
        let Self { project, go, runs } = self;
        if jobs.is_empty() {
            return Ok((project, Vec::new()));
        }
        let reuse = if anew { Reuse::Anew } else { Reuse::Full };
        let verdicts = with_runner(go, runs, at_once, jobs, async |runner, at_once| {
            let how = How { at_once, reuse, what: "checking" };
            Ok(work(&project, &runner, jobs, how, &mut *terminal::progress(), &mut |_, _, _| {}).await?)
        })?;
        Ok((project, verdicts))
    }
}

/// Hands `act` a runner with room for `at_once` runs, or [`AT_ONCE`], when all is compiled ahead that the jobs need; and how
/// many that are.
pub fn with_runner<T>(
    go: Named,
    runs: &Runs,
    at_once: Option<u16>,
    jobs: &[Job],
    act: impl AsyncFnOnce(Runner, u16) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let at_once = at_once.unwrap_or_else(|| u16::try_from(AT_ONCE * processors()).unwrap_or(u16::MAX));
    // A place is given back a moment after the run is told to be over; those who come then wait.
    let queue = at_once.saturating_mul(4);
    let places = Places { max_runs: Some(at_once), queue, pool: None, total_memory: None, targets: 0 };
    tokio::runtime::Runtime::new()?.block_on(async {
        let runner = start::runner(go.toolchains, &places, runs.each.limits(), &runs.caches()).await?;
        for job in jobs {
            // What is refused is told with its example.
            if let Ok(Some((target, libraries))) = runner.lacks(&job.request) {
                anyhow::ensure!(start::compile_ahead(libraries, &target)?, "interrupted");
            }
        }
        act(runner, at_once).await
    })
}
