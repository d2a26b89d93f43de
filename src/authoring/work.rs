//! Jobs done, several at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::output::Output;
use super::plan::Job;
use super::project::Project;
use super::{Complaint, Verdict, judge};
use crate::examples::DESCRIPTION;
use crate::protocol::{Ending, Refusal};
use crate::run::{Client, Reuse, Runner};
use crate::toolchain::{Interrupted, Progress, Unit};

/// Why no verdict can be given.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    #[error("{0}: the run failed, and not for what it runs; see the log")]
    Internal(String),
    #[error("a task died: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// How jobs are done.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// At most so many at a time.
    pub at_once: u16,
    /// What each may take of others.
    pub reuse: Reuse,
    /// What progress calls it: `checking`.
    pub what: &'static str,
}

/// How long a wish to stop may go unseen.
const STOP_IS_SEEN_WITHIN: Duration = Duration::from_millis(200);

/// Does all jobs and judges them, first those that run a program, so that none of them is what all wait for in the end.
/// Verdicts come in the order of the jobs. `hear` gets each output with the index of its job
/// and the verdicts on it.
///
/// # Errors
/// When we fail, or are asked to stop.
pub async fn work(
    project: &Project,
    runner: &Runner,
    jobs: &[Job],
    how: How,
    progress: &mut dyn Progress,
    hear: &mut dyn FnMut(usize, Output, &[Verdict]),
) -> Result<Vec<Verdict>, WorkError> {
    runner.hurry();
    let places = Arc::new(Semaphore::new(usize::from(how.at_once)));
    let mut tasks = JoinSet::new();
    let (first, last): (Vec<_>, Vec<_>) =
        jobs.iter().enumerate().partition(|(_, job)| job.request.mode.runs_program());
    for (index, job) in first.into_iter().chain(last) {
        let (places, runner, request) = (places.clone(), runner.clone(), job.request.clone());
        tasks.spawn(async move {
            let _place = places.acquire_owned().await.expect("it is never closed");
            let told = runner.start(request, Client::Local, how.reuse);
            (
                index,
                match told {
                    Ok(told) => Ok(Output::hear(told).await),
                    Err(refusal) => Err(refusal),
                },
            )
        });
    }
    progress.start(how.what, Unit::Items, Some(jobs.len() as u64));
    let mut verdicts: Vec<Vec<Verdict>> = vec![Vec::new(); jobs.len()];
    let default = runner.toolchains()[0].version.clone();
    let mut done: u64 = 0;
    while done < jobs.len() as u64 {
        let joined = tokio::time::timeout(STOP_IS_SEEN_WITHIN, tasks.join_next()).await;
        let Ok(Some(joined)) = joined else {
            progress.advance(done)?;
            continue;
        };
        let (index, output) = joined?;
        let job = &jobs[index];
        verdicts[index] = match output {
            Ok(output) if output.exit.status == Ending::Internal => {
                return Err(WorkError::Internal(project.examples[job.example].path.clone()));
            }
            Ok(output) => {
                let judged = judge(project, job, &output);
                hear(index, output, &judged);
                judged
            }
            Err(refusal) => {
                let go = job.request.go.as_ref().map_or_else(|| default.clone(), |go| format!("go{go}"));
                vec![refused(project, job, &refusal, go)]
            }
        };
        done += 1;
        progress.advance(done)?;
    }
    progress.finish();
    runner.settled().await;
    Ok(verdicts.into_iter().flatten().collect())
}

/// What the author asks for and the toolchain does not have, such as an unknown GODEBUG setting.
fn refused(project: &Project, job: &Job, refusal: &Refusal, go: String) -> Verdict {
    use super::plan::Use;
    let example = &project.examples[job.example];
    let variant = job.uses.iter().find_map(|used| match used {
        Use::Variant(index) => Some(&example.variants[*index]),
        Use::Wants(_) => None,
    });
    let file = project.shown(&format!("{}/{DESCRIPTION}", example.path));
    let name = variant.map_or_else(|| "wants".to_owned(), |variant| variant.name.clone());
    let complaint = Complaint::new(file, variant.map(|variant| variant.line), format!("variant {name:?}: {refusal}"));
    Verdict {
        example: example.path.clone(),
        variant: name,
        go,
        status: Ending::Internal,
        wall_ms: 0,
        complaints: vec![complaint],
        note: None,
        body: None,
        round: job.round,
    }
}
