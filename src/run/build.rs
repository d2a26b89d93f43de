//! One build, from its stage to what it came to.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use sandbox::spec::CpuWeight;
use sandbox::{Error, Pool, sealed_copy, sealed_memfd};

use super::admission::Permit;
use super::channel::{Budget, ShownPaths};
use super::events::Events;
use super::kept::Program;
use super::limits::Limits;
use super::listing::OneFunction;
use super::plan::Stage;
use super::stage::{self, Done, Speaker};
use crate::protocol::event::Diagnostic;
use crate::protocol::{Ending, Event, Exit};

/// A build is short and somebody waits for it; a program may spin until its deadline.
const WEIGHT: u64 = 4000;

/// What a build came to.
#[derive(Clone, Debug)]
pub struct Built {
    /// As if nothing came after it.
    pub exit: Exit,
    /// The program, if there is one to be run.
    pub program: Option<Program>,
    /// Paths of the build's cell, which the program may have been told.
    pub paths: ShownPaths,
}

/// Builds, telling events.
///
/// # Errors
/// When the sandbox fails, never for what the reader's code does.
pub async fn run(
    stage: &Stage,
    only: Option<String>,
    limits: &Limits,
    pool: &Pool,
    permit: &Arc<Permit>,
    events: &mut Events,
) -> Result<Built, Error> {
    let mut budget = Budget::new(limits.output_bytes);
    let mut stage = stage;
    let done = loop {
        let tools = stage::Io {
            stdin: sealed_memfd("stdin", b"")?,
            program: None,
            only: only.clone().map(OneFunction::new),
            speaker: Speaker::Tools,
            weight: CpuWeight(permit.weigh(WEIGHT)),
            earlier_paths: ShownPaths::default(),
        };
        let mut done = stage::run(stage, tools, pool, events, &mut budget).await?;
        done.leave(permit);
        permit.charge(used(&done.exit));
        match &stage.otherwise {
            Some(otherwise) if done.exit.status == Ending::Failed && is_last(stage, &done) => stage = otherwise,
            _ => break done,
        }
    };
    if done.exit.status == Ending::OutOfMemory {
        let limit = ByteSize::b(limits.build.memory_bytes);
        events.send(told("memory", format!("building this takes more memory than a build may have, {limit}"))).await;
    }
    let is_to_run = stage.job.artifact.is_some() && done.exit.status == Ending::Ok;
    let (exit, program) = if is_to_run {
        match executable(done.artifact, limits.binary_bytes)? {
            Linked::Program(program) => (done.exit, Some(program)),
            not_run => {
                events.send(not_run.explained(limits)).await;
                (Exit { status: Ending::BuildFailed, code: Some(1), ..done.exit }, None)
            }
        }
    } else {
        (of_build(done.exit, stage.as_go_command), None)
    };
    Ok(Built { exit, program, paths: done.paths })
}

fn is_last(stage: &Stage, done: &Done) -> bool {
    done.last.is_some_and(|command| command + 1 == stage.job.commands.len())
}

/// CPU time, or what it may have been of a cell whose time the kernel does not tell.
pub fn used(exit: &Exit) -> Duration {
    Duration::from_millis(if exit.cpu_ms > 0 { exit.cpu_ms } else { exit.wall_ms })
}

/// A message of our own about the run.
pub fn told(code: &'static str, message: String) -> Event {
    Event::Diagnostic(Diagnostic { severity: "error".into(), code: code.into(), message, ..Diagnostic::default() })
}

/// A tool that says no has found something in the reader's files; only a program can fail by itself.
fn of_build(exit: Exit, as_go_command: bool) -> Exit {
    match exit.status {
        // The compiler's own code is not the go command's.
        Ending::Failed if as_go_command => Exit { status: Ending::BuildFailed, code: Some(1), ..exit },
        Ending::Failed | Ending::Signalled => Exit { status: Ending::BuildFailed, ..exit },
        _ => exit,
    }
}

/// What the linker made.
enum Linked {
    Program(Program),
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
    Ok(if read == 4 && magic == *b"\x7fELF" { Linked::Program(Program::new(copy)?) } else { Linked::NoProgram })
}
