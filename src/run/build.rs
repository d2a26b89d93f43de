//! One build, from its stage to what it came to.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use sandbox::spec::CpuWeight;
use sandbox::{Error, Pool, sealed_copy};

use super::admission::Permit;
use super::channel::{Budget, ShownPaths};
use super::crash::{is_crash, lacks_import};
use super::events::Events;
use super::function::is_of;
use super::kept::Program;
use super::limits::Limits;
use super::measures::{Measures, Worker};
use super::only::Part;
use super::plan::{LINK, Only, Product, Report, Stage};
use super::shelf::Shelf;
use super::stage::{self, Done, Speaker};
use crate::findings::inlining;
use crate::protocol::event::Diagnostic;
use crate::protocol::{Ending, Event, Exit};

/// A build is short and somebody waits for it; a program may spin until its deadline.
const WEIGHT: u64 = 4000;

/// The stacks of calls, for programs that read them.
const INLINING: &str = "inlining.json";

/// What a build came to.
#[derive(Clone, Debug)]
pub struct Built {
    /// As if nothing came after it.
    pub exit: Exit,
    /// The program, if there is one to be run.
    pub program: Option<Program>,
    /// Paths of the build's cell, which the program may have been told.
    pub paths: ShownPaths,
    /// Whether it would come out the same another time.
    pub is_final: bool,
}

/// What builds need beside what is built.
#[derive(Clone, Debug)]
pub struct Bench {
    /// Cells.
    pub pool: Pool,
    /// Of each run.
    pub limits: Limits,
    /// What was compiled ahead, and may be damaged.
    pub shelf: Shelf,
    /// Of all runs.
    pub measures: Measures,
}

impl Bench {
    /// Builds, telling events. A tool's words are told when it is clear that they stand.
    ///
    /// # Errors
    /// When the sandbox fails, never for what the reader's code does.
    pub async fn run(
        &self,
        stage: &Stage,
        only: Option<Only>,
        permit: &Arc<Permit>,
        events: &mut Events,
    ) -> Result<Built, Error> {
        let mut stage = stage;
        let (done, has_crashed) = loop {
            let mut done = self.stage(stage, only.clone(), permit, events).await?;
            done.leave(permit);
            permit.charge(used(&done.exit));
            self.measures.used(Worker::Build, done.exit.cpu_ms);
            let failed = matches!(done.exit.status, Ending::Failed | Ending::Signalled);
            let said = || done.said.iter().filter_map(Event::text);
            let is_direct = stage.otherwise.is_some();
            let has_crashed = failed && (is_crash(said()) || is_direct && lacks_import(said()));
            if has_crashed {
                self.shelf.suspect(&stage.library).await;
            }
            let has_linked = is_linker_s(stage, &done);
            match &stage.otherwise {
                Some(otherwise) if failed && (has_crashed || has_linked) => stage = otherwise,
                _ => break (done, has_crashed),
            }
        };
        for event in done.said {
            events.send(event).await;
        }
        if done.exit.status == Ending::OutOfMemory {
            let limit = ByteSize::b(self.limits.build.memory_bytes);
            let message = format!("building this takes more memory than a build may have, {limit}");
            events.send(told("memory", message)).await;
        }
        let (exit, program) = match stage.product {
            _ if stage.job.artifact.is_none() || done.exit.status != Ending::Ok => (of_build(done.exit, stage), None),
            Product::Text { name, mime } => {
                let text = written(name, done.artifact, &done.paths, &self.limits)?;
                let artifact = |text| Event::Artifact { name: name.into(), mime: mime.into(), text };
                events.send(text.map_or_else(|why| why, artifact)).await;
                (done.exit, None)
            }
            Product::Inlining => {
                let text = written(INLINING, done.artifact, &done.paths, &self.limits)?;
                events.send(text.map_or_else(|why| why, |text| stacks(&text, only.as_ref()))).await;
                (done.exit, None)
            }
            Product::Program => match executable(done.artifact, self.limits.binary_bytes)? {
                Linked::Program(program) => (done.exit, Some(program)),
                not_run => {
                    events.send(not_run.explained(&self.limits)).await;
                    (Exit { status: Ending::BuildFailed, code: Some(1), ..done.exit }, None)
                }
            },
        };
        // Anything else may come out in another way the next time.
        // What a tool found is a result too; a build has no other way to fail.
        let is_result =
            matches!(exit.status, Ending::Ok | Ending::BuildFailed | Ending::Failed) && exit.signal.is_none();
        let is_final = is_result && !has_crashed && !done.reached_pids;
        Ok(Built { exit, program, paths: done.paths, is_final })
    }

    async fn stage(
        &self,
        stage: &Stage,
        only: Option<Only>,
        permit: &Permit,
        events: &mut Events,
    ) -> Result<Done, Error> {
        let tools = stage::Io {
            program: None,
            only: only.map(Part::new),
            speaker: Speaker::Tools,
            earlier_paths: ShownPaths::default(),
        };
        let begun = stage::begin(stage, "", CpuWeight(permit.weigh(WEIGHT)), &self.pool).await?;
        let mut budget = Budget::new(self.limits.output_bytes, 0);
        stage::run(stage, begun, tools, events, &mut budget, &self.measures).await
    }
}

fn is_linker_s(stage: &Stage, done: &Done) -> bool {
    done.last.is_some_and(|command| stage.step(command) == LINK)
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
fn of_build(exit: Exit, stage: &Stage) -> Exit {
    match exit.status {
        Ending::Failed if stage.finds && exit.code == Some(1) => exit,
        // The compiler's own code is not the go command's.
        Ending::Failed if stage.report != Report::AsSaid => {
            Exit { status: Ending::BuildFailed, code: Some(1), ..exit }
        }
        Ending::Failed | Ending::Signalled => Exit { status: Ending::BuildFailed, ..exit },
        _ => exit,
    }
}

/// The text of the file that a tool made, or why there is none.
fn written(
    name: &'static str,
    file: Option<OwnedFd>,
    paths: &ShownPaths,
    limits: &Limits,
) -> io::Result<Result<String, Event>> {
    // Only the passes of a function may be missing: the other tools fail when they cannot write.
    let Some(file) = file else {
        let message = "the compiler compiled no function of that name; a generic one is named with its type, such as \
                       f[int], a method with its receiver, such as (*T).Method";
        let warning = Diagnostic { severity: "warning".into(), code: "no-function".into(), ..Diagnostic::default() };
        return Ok(Err(Event::Diagnostic(Diagnostic { message: message.to_owned(), ..warning })));
    };
    let Some(copy) = sealed_copy(name, file, limits.artifact_bytes)? else {
        let limit = ByteSize::b(limits.artifact_bytes);
        return Ok(Err(told("artifact", format!("{name} is too large to be sent; it may have {limit}"))));
    };
    let mut bytes = Vec::new();
    let mut copy = File::from(copy);
    copy.rewind()?;
    copy.read_to_end(&mut bytes)?;
    Ok(Ok(paths.shown(&String::from_utf8_lossy(&bytes))))
}

/// Through which calls the instructions were inlined, of the functions that are asked for.
fn stacks(text: &str, only: Option<&Only>) -> Event {
    let mut inlining = inlining::read(text);
    if let Some(Only::Function(function)) = only {
        inlining.functions.retain(|found| is_of(&found.symbol, function));
    }
    let text = serde_json::to_string(&inlining).expect("names and numbers");
    Event::Artifact { name: INLINING.into(), mime: "application/json".into(), text }
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
