//! Does what a plan says, and tells it event by event.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use bytesize::ByteSize;
use sandbox::spec::CpuWeight;
use sandbox::{Pool, sealed_copy, sealed_memfd};

use super::admission::{Permit, Ticket};
use super::channel::{Budget, ShownPaths};
use super::events::Events;
use super::limits::Limits;
use super::listing::OneFunction;
use super::plan::Plan;
use super::stage::{self, Speaker};
use crate::protocol::event::Diagnostic;
use crate::protocol::{Ending, Event, Exit};

/// Runs a plan to its end and sends the exit event. The permit is held until the last process is reaped.
pub async fn execute(plan: Plan, limits: Limits, pool: Pool, ticket: Ticket, mut events: Events) {
    if ticket.position > 0 {
        events.send(Event::Queued { position: ticket.position }).await;
    }
    let out = events.out();
    let permit = tokio::select! {
        permit = ticket.admit() => permit,
        () = out.closed() => return,
    };
    let started =
        Event::Started { go: plan.go.clone(), mode: plan.mode, cached: false, command: plan.command.clone() };
    events.send(started).await;
    let exit = match stages(&plan, &limits, &pool, &permit, &mut events).await {
        Ok(exit) => exit,
        Err(error) => {
            tracing::error!(%error, mode = plan.mode, "a run failed for a reason of our own");
            let message = "Underhood failed here, not your program; the operator's log says why".to_owned();
            events.send(told("internal", message)).await;
            Exit::without_process(Ending::Internal)
        }
    };
    drop(permit);
    events.send(Event::Exit(exit)).await;
}

async fn stages(
    plan: &Plan,
    limits: &Limits,
    pool: &Pool,
    permit: &Permit,
    events: &mut Events,
) -> Result<Exit, sandbox::Error> {
    let mut budget = Budget::new(limits.output_bytes);
    let tools = stage::Io {
        stdin: sealed_memfd("stdin", b"")?,
        program: None,
        only: plan.only.clone().map(OneFunction::new),
        speaker: Speaker::Tools,
        weight: CpuWeight(permit.weigh(BUILD_WEIGHT)),
        earlier_paths: ShownPaths::default(),
    };
    let built = stage::run(&plan.build, tools, pool, events, &mut budget).await?;
    permit.charge(used(&built.exit));
    if built.exit.status == Ending::OutOfMemory {
        let limit = ByteSize::b(limits.build.memory_bytes);
        events.send(told("memory", format!("building this takes more memory than a build may have, {limit}"))).await;
    }
    let (Some(stage), Ending::Ok) = (&plan.run, built.exit.status) else {
        return Ok(of_build(built.exit));
    };
    let binary = match executable(built.artifact, limits.binary_bytes)? {
        Linked::Program(binary) => binary,
        not_run => {
            events.send(not_run.explained(limits)).await;
            return Ok(Exit { status: Ending::BuildFailed, code: Some(1), ..built.exit });
        }
    };
    let io = stage::Io {
        stdin: sealed_memfd("stdin", plan.stdin.as_bytes())?,
        program: Some(binary),
        only: None,
        speaker: Speaker::Program,
        weight: CpuWeight(permit.weigh(RUN_WEIGHT)),
        earlier_paths: built.paths,
    };
    let ran = stage::run(stage, io, pool, events, &mut budget).await?;
    permit.charge(used(&ran.exit));
    if ran.reached_pids {
        let message = format!("the program was refused a thread; it may have {}", limits.run.pids);
        events.send(told("threads", message)).await;
    }
    Ok(ran.exit)
}

/// A build is short and somebody waits for it; a program may spin until its deadline.
const BUILD_WEIGHT: u64 = 4000;
const RUN_WEIGHT: u64 = 1000;

/// CPU time, or what it may have been of a cell whose time the kernel does not tell.
fn used(exit: &Exit) -> Duration {
    Duration::from_millis(if exit.cpu_ms > 0 { exit.cpu_ms } else { exit.wall_ms })
}

/// A tool that says no has found something in the reader's files; only a program can fail by itself.
fn of_build(exit: Exit) -> Exit {
    match exit.status {
        Ending::Failed | Ending::Signalled => Exit { status: Ending::BuildFailed, ..exit },
        _ => exit,
    }
}

/// What the linker made.
enum Linked {
    Program(OwnedFd),
    /// A library is an archive, or nothing.
    NoProgram,
    TooLarge,
}

impl Linked {
    /// Why it is not run.
    fn explained(&self, limits: &Limits) -> Event {
        match self {
            // The words of `go run`.
            Self::Program(_) | Self::NoProgram => {
                Event::Stderr { text: "package command-line-arguments is not a main package\n".to_owned() }
            }
            Self::TooLarge => {
                let limit = ByteSize::b(limits.binary_bytes);
                told("binary", format!("the program is too large to be run here; it may have {limit}"))
            }
        }
    }
}

fn executable(artifact: Option<OwnedFd>, limit: u64) -> io::Result<Linked> {
    let Some(artifact) = artifact else { return Ok(Linked::NoProgram) };
    let Some(copy) = sealed_copy("main", artifact, limit)? else { return Ok(Linked::TooLarge) };
    let mut magic = [0; 4];
    let read = nix::sys::uio::pread(&copy, &mut magic, 0)?;
    Ok(if read == 4 && magic == *b"\x7fELF" { Linked::Program(copy) } else { Linked::NoProgram })
}

/// A message of our own about the run.
fn told(code: &'static str, message: String) -> Event {
    Event::Diagnostic(Diagnostic { severity: "error", code, message, ..Diagnostic::default() })
}
