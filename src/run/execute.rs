//! Does what a plan says, and tells it event by event.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use sandbox::spec::CpuWeight;
use sandbox::{Pool, sealed_copy, sealed_memfd};

use super::admission::{Permit, Ticket};
use super::channel::{Budget, ShownPaths};
use super::events::Events;
use super::limits::Limits;
use super::listing::OneFunction;
use super::plan::Plan;
use super::stage;
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
            let diagnostic = Diagnostic { severity: "error", code: "internal", message, ..Diagnostic::default() };
            events.send(Event::Diagnostic(diagnostic)).await;
            Exit::without_process(Ending::Internal)
        }
    };
    drop(permit);
    // A client that does not read is not waited for; its connection is the server's to close.
    let _ = tokio::time::timeout(stage::DRAIN, events.send(Event::Exit(exit))).await;
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
        paths_in_stdout: true,
        weight: CpuWeight(permit.weigh(BUILD_WEIGHT)),
        earlier_paths: ShownPaths::default(),
    };
    let built = stage::run(&plan.build, tools, pool, events, &mut budget).await?;
    permit.charge(used(&built.exit));
    let (Some(stage), Ending::Ok) = (&plan.run, built.exit.status) else {
        return Ok(of_build(built.exit));
    };
    let Some(binary) = executable(built.artifact, limits.binary_bytes)? else {
        // The words of `go run`.
        let text = "package command-line-arguments is not a main package\n".to_owned();
        events.send(Event::Stderr { text }).await;
        return Ok(Exit { status: Ending::BuildFailed, code: Some(1), ..built.exit });
    };
    let io = stage::Io {
        stdin: sealed_memfd("stdin", plan.stdin.as_bytes())?,
        program: Some(binary),
        only: None,
        paths_in_stdout: false,
        weight: CpuWeight(permit.weigh(RUN_WEIGHT)),
        earlier_paths: built.paths,
    };
    let exit = stage::run(stage, io, pool, events, &mut budget).await?.exit;
    permit.charge(used(&exit));
    Ok(exit)
}

/// A build is short and somebody waits for it; a program may spin until its deadline.
const BUILD_WEIGHT: u64 = 400;
const RUN_WEIGHT: u64 = 100;

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

/// What the linker made, if it is a program: a library is an archive.
fn executable(artifact: Option<OwnedFd>, limit: u64) -> io::Result<Option<OwnedFd>> {
    let Some(artifact) = artifact else { return Ok(None) };
    let Some(copy) = sealed_copy("main", artifact, limit)? else { return Ok(None) };
    let mut magic = [0; 4];
    let read = nix::sys::uio::pread(&copy, &mut magic, 0)?;
    Ok((read == 4 && magic == *b"\x7fELF").then_some(copy))
}
