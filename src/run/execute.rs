//! Does what a plan says, and tells it event by event.

use std::sync::Arc;

use sandbox::spec::CpuWeight;
use sandbox::{Error, Pool};
use tokio::task::JoinSet;
use tracing::{Instrument as _, debug_span};

use super::account::{Account, TRACES};
use super::admission::{Permit, Ticket};
use super::answers::Answer;
use super::build::{Built, told, used};
use super::builds::{Builds, Found, Outcome, Passed, Reuse, Tape};
use super::channel::Budget;
use super::events::Events;
use super::kept::Key;
use super::limits::Limits;
use super::measures::{Measures, Source};
use super::plan::{LINK, Plan, Stage};
use super::stage::{self, Begun, Speaker};
use crate::protocol::{Ending, Event, Exit, Stamped};

/// What all runs share.
#[derive(Clone, Debug)]
pub struct Workshop {
    /// For the programs.
    pub pool: Pool,
    /// For what comes before them.
    pub builds: Builds,
    /// Of each run.
    pub limits: Limits,
    /// Of all runs.
    pub measures: Measures,
}

/// How a run gets its build.
#[derive(Debug)]
pub enum Start {
    /// When its turn comes.
    Queued {
        /// Its place.
        ticket: Ticket,
        /// Of the build.
        key: Key,
        /// What of earlier runs it may have.
        reuse: Reuse,
    },
    /// From another run, which needs no place.
    Found(Found),
}

/// Runs a plan to its end and sends the exit event. The permit is held until the last process is reaped.
// Many more wait for their turn than have it, and all of a future is there from its beginning, its arguments even twice. So
// what comes after is in boxes, and so is what is large.
pub async fn execute(
    mut plan: Box<Plan>,
    start: Start,
    workshop: Arc<Workshop>,
    mut events: Events,
    mut account: Account,
) {
    let build = || debug_span!(target: TRACES, "build");
    let (build, found, permit) = match start {
        Start::Found(found) => {
            account.found(found.source());
            (build(), found, None)
        }
        Start::Queued { ticket, key, reuse } => {
            if ticket.position > 0 {
                events.send(Event::Queued { position: ticket.position }).await;
            }
            let mut lease = events.lease();
            let permit = tokio::select! {
                permit = ticket.admit().instrument(debug_span!(target: TRACES, "queue")) => Arc::new(permit),
                () = lease.ends_in_queue() => return end(Exit::without_process(Ending::Cancelled), events).await,
            };
            account.admitted();
            let build = build();
            let getting = Box::pin(workshop.builds.get(key, &plan, reuse, Arc::clone(&permit)));
            let (found, source) = getting.instrument(build.clone()).await;
            account.found(source);
            if source != Source::Made {
                // Who builds nothing holds back no build.
                permit.built();
            }
            (build, found, Some(permit))
        }
    };
    events.send(started(&plan, found.is_whole_answer(plan.run.is_some()))).await;
    for diagnostic in plan.notes.clone() {
        events.send(Event::Diagnostic(diagnostic)).await;
    }
    // A build has its own hold on the place while it works. Only for a program it is kept.
    let mut cell = permit.zip(plan.run.take()).map(|(permit, stage)| ProgramsCell {
        program: Arc::new((stage, std::mem::take(&mut plan.stdin))),
        pool: workshop.pool.clone(),
        permit,
        begun: JoinSet::new(),
    });
    let has_place = cell.is_some();
    let begin_early = |event: &Event| {
        if let (true, Some(cell)) = (is_last_step(event), &mut cell) {
            cell.begin();
        }
    };
    let passing = Box::pin(found.pass_on(&mut events, has_place, begin_early)).instrument(build);
    let Some(passed) = passing.await else {
        drop(cell);
        return end(Exit::without_process(Ending::Cancelled), events).await;
    };
    let exit = match Box::pin(finish(passed, &workshop, cell, &mut events, &mut account)).await {
        Ok(Some(exit)) => exit,
        Ok(None) => internal(&mut events).await,
        Err(error) => {
            tracing::error!(%error, mode = plan.mode, "a run failed for a reason of our own");
            internal(&mut events).await
        }
    };
    account.ended(exit.status);
    end(exit, events).await;
}

/// The last that is told. Who still listens to a run that was cancelled is told why.
async fn end(exit: Exit, mut events: Events) {
    if exit.status == Ending::Cancelled && events.is_draining() {
        let message = "the service is being stopped or replaced, and has ended this run; try again in a moment";
        events.send(told("stopping", message.to_owned())).await;
    }
    events.send_patiently(Event::Exit(exit)).await;
}

/// What is told of a run that is nothing but a build that was kept.
pub fn retold(plan: &Plan, tape: Tape) -> Option<Answer> {
    let mut events = vec![started(plan, true)];
    events.extend(plan.notes.iter().cloned().map(Event::Diagnostic));
    events.extend(tape.into_events());
    let Some(Event::Exit(exit)) = events.last() else { return None };
    let exit = exit.clone();
    let stamped = |(seq, event)| Stamped { seq, t_ms: 0, event };
    let events = (0..).zip(events).map(stamped).collect();
    Some(Answer { mode: plan.mode, go: plan.go.clone(), events, exit })
}

fn started(plan: &Plan, cached: bool) -> Event {
    Event::Started { go: plan.go.clone(), mode: plan.mode.into(), cached, command: plan.command.clone() }
}

async fn internal(events: &mut Events) -> Exit {
    let message = "Underhood failed here, not your program; the operator's log says why".to_owned();
    events.send(told("internal", message)).await;
    Exit::without_process(Ending::Internal)
}

/// What comes after the build. `None` when that failed for a reason of our own.
async fn finish(
    passed: Passed,
    workshop: &Workshop,
    cell: Option<ProgramsCell>,
    events: &mut Events,
    account: &mut Account,
) -> Result<Option<Exit>, Error> {
    let Outcome::Built(built) = passed.outcome else { return Ok(None) };
    account.built(&built.exit);
    match cell {
        Some(cell) if built.program.is_some() => {
            let mut budget = Budget::new(workshop.limits.output_bytes, passed.text_bytes);
            let ran = run(cell, built, &mut budget, &workshop.measures, events).await?;
            account.ran(&ran);
            Ok(Some(ran))
        }
        _ => Ok(Some(built.exit)),
    }
}

/// Whether a build is about to make its program: what may fail has not, most often.
fn is_last_step(event: &Event) -> bool {
    matches!(event, Event::Step { name, wall_ms: None } if *name == LINK)
}

/// The cell in which a program is going to run. Dropping it ends it.
struct ProgramsCell {
    /// What it is to do, and what the program reads.
    program: Arc<(Stage, String)>,
    pool: Pool,
    permit: Arc<Permit>,
    /// At most one.
    begun: JoinSet<Result<Begun, Error>>,
}

impl ProgramsCell {
    /// Has it take the job, unless it has already. The program may come later.
    fn begin(&mut self) {
        if !self.begun.is_empty() {
            return;
        }
        let (program, pool) = (Arc::clone(&self.program), self.pool.clone());
        let weight = CpuWeight(self.permit.weigh(WEIGHT));
        self.begun.spawn(async move { stage::begin(&program.0, &program.1, weight, &pool).await });
    }

    async fn has_begun(&mut self) -> Result<Begun, Error> {
        self.begin();
        self.begun.join_next().await.expect("it was begun").expect("it does not panic")
    }
}

/// What a program weighs on the processors; a build weighs more.
const WEIGHT: u64 = 1000;

async fn run(
    mut cell: ProgramsCell,
    built: Built,
    budget: &mut Budget,
    measures: &Measures,
    events: &mut Events,
) -> Result<Exit, Error> {
    cell.permit.built();
    let io = stage::Io { program: built.program, only: None, speaker: Speaker::Program, earlier_paths: built.paths };
    let mut lease = events.lease();
    let begun = tokio::select! {
        begun = cell.has_begun() => begun?,
        () = lease.ends() => return Ok(Exit::without_process(Ending::Cancelled)),
    };
    let (stage, _) = &*cell.program;
    let mut ran = stage::run(stage, begun, io, events, budget, measures).await?;
    ran.leave(&cell.permit);
    cell.permit.charge(used(&ran.exit));
    if ran.reached_pids {
        let message = format!("the program was refused a thread; it may have {}", stage.limits.pids);
        events.send(told("threads", message)).await;
    }
    Ok(ran.exit)
}
