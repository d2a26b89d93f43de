//! One stage of a run: a cell, its job, and everything that can happen to it.

use std::collections::VecDeque;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use sandbox::spec::{Counters, CpuWeight, Status, Usage};
use sandbox::{Error, Outputs, Pool, Progress, Running, sealed_memfd};
use tokio::time::{Instant, sleep_until};
use tracing::{Span, debug_span};

use super::account::TRACES;
use super::admission::Permit;
use super::channel::{Budget, Channel, Read, ShownPaths};
use super::events::{DRAIN, Events, millis};
use super::kept::Program;
use super::measures::Measures;
use super::only::Part;
use super::plan::{Report, Stage};
use crate::protocol::{Ending, Event, Exit, Stream};

/// A cell that has the job of a stage. Dropping it ends it.
#[derive(Debug)]
pub struct Begun {
    running: Running,
    outputs: Outputs,
    paths: ShownPaths,
    at: Instant,
}

/// What else goes in and how what comes out is shown.
#[derive(Debug)]
pub struct Io {
    /// The program, for a job that runs one: it waits for this.
    pub program: Option<Program>,
    /// Pass only this of standard output.
    pub only: Option<Part>,
    /// Whose output it is.
    pub speaker: Speaker,
    /// Paths of an earlier stage that its output may name.
    pub earlier_paths: ShownPaths,
}

/// Whose words a stage prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The toolchain's: paths in GOROOT are shown as such, and a crash for want of memory is told in words.
    Tools,
    /// The reader's program: they are its own. Its standard error names files of GOROOT too, in panics.
    Program,
}

/// How a stage went.
#[derive(Debug)]
pub struct Done {
    /// As if it were the last.
    pub exit: Exit,
    /// What the job handed back.
    pub artifact: Option<OwnedFd>,
    /// The last command that ended, if it did.
    pub last: Option<usize>,
    /// Whether the kernel refused it a process or a thread.
    pub reached_pids: bool,
    /// The paths of its cell, which the program may have been told.
    pub paths: ShownPaths,
    /// What tools said, which is not told yet: whether it is to be, hangs on how they ended.
    pub said: Vec<Event>,
    /// The cell, where all went well: nothing that it could still tell is waited for.
    leaving: Option<Running>,
}

impl Done {
    /// Keeps the place until the last process of the cell is reaped.
    pub fn leave(&mut self, permit: &Arc<Permit>) {
        let Some(running) = self.leaving.take() else { return };
        let permit = Arc::clone(permit);
        tokio::spawn(async move {
            if let Err(error) = running.gone().await {
                tracing::warn!(%error, "a cell is gone with its zygote");
            }
            drop(permit);
        });
    }
}

/// Why a stage is stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Deadline,
    OutputLimit,
    Cancelled,
}

/// What is written within so long of the last read becomes one event: a program that writes byte by byte would cost a
/// hundred bytes of ours for one of its own.
const GATHER: Duration = Duration::from_millis(1);

/// How long a cell may take to be ready: our time, not the program's.
const PREPARATION: Duration = Duration::from_secs(20);

/// Hands the job of a stage to a cell. `stdin` is what its commands read, `weight` its share of the processors.
///
/// # Errors
/// When the sandbox fails.
pub async fn begin(stage: &Stage, stdin: &str, weight: CpuWeight, pool: &Pool) -> Result<Begun, Error> {
    let stdin = sealed_memfd("stdin", stdin.as_bytes())?;
    let cell = pool.take(&stage.cell, PREPARATION).await?;
    let paths = ShownPaths::of(cell.layout());
    let at = Instant::now();
    let (running, outputs) = cell.run(&stage.job, weight, stdin.as_fd()).await?;
    Ok(Begun { running, outputs, paths, at })
}

/// Runs a stage to its end, telling events. Where it ended well its cell may be there a little longer, see
/// [`Done::leave`]; else its last process is reaped.
///
/// # Errors
/// When the sandbox fails, never for what the reader's code does.
pub async fn run(
    stage: &Stage,
    begun: Begun,
    io: Io,
    events: &mut Events,
    budget: &mut Budget,
    measures: &Measures,
) -> Result<Done, Error> {
    let Begun { mut running, outputs, paths, at } = begun;
    let paths = paths.and(&io.earlier_paths);
    let begun = match io.program {
        Some(program) => {
            running.hand(program.as_fd()).await?;
            Instant::now()
        }
        None => at,
    };
    let mut streams = Streams::new(outputs, &paths, io.speaker, io.only);
    if stage.report != Report::AsSaid {
        streams.stderr = streams.stderr.told_by_go();
    }
    if stage.report == Report::OfCompiler {
        // On standard error it says only that it has crashed, and then the go command says it all.
        streams.stdout = streams.stdout.told_by_go();
    }
    let steps = Steps { measures, current: None };
    let deadline = begun + stage.limits.deadline();
    let heard = follow(stage, &mut running, streams, steps, events, budget, deadline).await;
    let is_well = heard.as_ref().is_ok_and(Heard::is_well);
    let (counters, leaving) =
        if is_well { (Counters::default(), Some(running)) } else { (running.gone().await?, None) };
    let mut heard = heard?;
    let artifact = heard.artifact.take();
    let reached_pids = counters.pids_refused > 0;
    let exit = exit(&heard, counters, begun.elapsed());
    let (said, last) = (heard.said, heard.last_command);
    Ok(Done { exit, artifact, last, reached_pids, paths, said, leaving })
}

/// What was heard of a job.
#[derive(Debug, Default)]
struct Heard {
    last: Option<(Status, Usage)>,
    last_command: Option<usize>,
    said: Vec<Event>,
    /// Of the commands that have ended.
    used: Usage,
    stop: Option<Stop>,
    /// Whether the job came to its end, or was killed on the way.
    finished: bool,
    /// Whether a tool crashed for want of memory.
    exhausted: bool,
    artifact: Option<OwnedFd>,
}

impl Heard {
    /// Whether it ended as it should, so that the kernel's counters would add nothing.
    fn is_well(&self) -> bool {
        let succeeded = matches!(self.last, Some((Status::Exited(0), _)));
        self.finished && succeeded && self.stop.is_none() && !self.exhausted
    }
}

struct Streams {
    stdout: Channel,
    stderr: Channel,
    /// Whether what is read is held back until it is clear that it stands.
    holds: bool,
}

impl Streams {
    fn new(outputs: Outputs, paths: &ShownPaths, speaker: Speaker, only: Option<Part>) -> Self {
        let none = ShownPaths::default();
        let in_stdout = if speaker == Speaker::Tools { paths } else { &none };
        let stderr = Channel::new(Stream::Stderr, outputs.stderr, paths, None);
        Self {
            stdout: Channel::new(Stream::Stdout, outputs.stdout, in_stdout, only),
            stderr: if speaker == Speaker::Tools { stderr.without_exhaustion() } else { stderr },
            holds: speaker == Speaker::Tools,
        }
    }

    /// Waits for bytes or an end on either. It never waits for one alone, since a program may fill the other.
    /// Cancel-safe.
    async fn read_from(&mut self, begin: Instant, budget: &mut Budget) -> Read {
        sleep_until(begin).await;
        loop {
            let channel = tokio::select! {
                () = self.stdout.readable() => &mut self.stdout,
                () = self.stderr.readable() => &mut self.stderr,
            };
            if let Some(read) = channel.try_read(budget) {
                return read;
            }
        }
    }

    fn are_closed(&self) -> bool {
        self.stdout.is_closed() && self.stderr.is_closed()
    }
}

/// The command at work, measured until its end or until it is stopped.
struct Steps<'a> {
    measures: &'a Measures,
    current: Option<(&'static str, Instant, Span)>,
}

impl Steps<'_> {
    fn begin(&mut self, name: &'static str) {
        self.end();
        // A span's own name is fixed.
        let span = debug_span!(target: TRACES, "step", otel.name = name);
        self.current = Some((name, Instant::now(), span));
    }

    /// How long it took.
    fn end(&mut self) -> Duration {
        let Some((name, begun, _span)) = self.current.take() else { return Duration::ZERO };
        let wall = begun.elapsed();
        self.measures.step(name, wall);
        wall
    }
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

async fn follow(
    stage: &Stage,
    running: &mut Running,
    mut streams: Streams,
    mut steps: Steps<'_>,
    events: &mut Events,
    budget: &mut Budget,
    deadline: Instant,
) -> Result<Heard, Error> {
    let (client, mut lease) = (events.out(), events.lease());
    let mut heard = Heard::default();
    let mut pending: VecDeque<Event> = VecDeque::new();
    let mut told_all = false;
    let long_ago = Instant::now();
    let mut next_read = long_ago;
    while !(told_all && streams.are_closed() && pending.is_empty()) {
        let before = heard.stop;
        tokio::select! {
            biased;
            () = lease.ends(), if heard.stop.is_none() => heard.stop = Some(Stop::Cancelled),
            () = sleep_until(deadline), if heard.stop.is_none() => heard.stop = Some(Stop::Deadline),
            () = sleep_until(deadline + DRAIN) => break,
            place = client.reserve(), if !pending.is_empty() => match (place, pending.pop_front()) {
                (Ok(place), Some(event)) => place.send(events.stamp(event)),
                _ => pending.clear(),
            },
            progress = running.next(), if !told_all => match progress {
                Ok(Progress::Started(command)) => {
                    // How an earlier command went says nothing of one that is killed.
                    heard.last = None;
                    steps.begin(stage.step(command));
                    pending.push_back(Event::Step { name: stage.step(command).into(), wall_ms: None });
                }
                Ok(Progress::Ended { command, status, usage }) => {
                    heard.used.cpu_us += usage.cpu_us;
                    heard.used.max_rss_bytes = heard.used.max_rss_bytes.max(usage.max_rss_bytes);
                    heard.last = Some((status, heard.used));
                    heard.last_command = Some(command);
                    let wall_ms = Some(millis(steps.end()));
                    pending.push_back(Event::Step { name: stage.step(command).into(), wall_ms });
                }
                Ok(Progress::Finished(artifact)) => {
                    heard.artifact = artifact;
                    heard.finished = true;
                    told_all = true;
                    // Nothing more is to come that could be gathered.
                    next_read = long_ago;
                }
                // Killed, by us or for its memory: what was heard before tells which.
                Err(Error::CellGone) => told_all = true,
                Err(error) => return Err(error),
            },
            // Nothing is read before what was read is on its way: a slow client slows the program, not us.
            read = streams.read_from(next_read, budget), if pending.is_empty() && !streams.are_closed() => {
                if !told_all && !read.is_end {
                    next_read = Instant::now() + GATHER;
                }
                if streams.holds {
                    heard.said.extend(read.events);
                } else {
                    pending.extend(read.events);
                }
                if read.over && heard.stop.is_none() {
                    heard.stop = Some(Stop::OutputLimit);
                }
            }
        }
        if before.is_none() && heard.stop.is_some() {
            running.kill().await?;
        }
    }
    heard.exhausted = streams.stderr.is_exhausted();
    Ok(heard)
}

/// Puts what was heard, what we did and what the kernel counted into one answer.
fn exit(heard: &Heard, counters: Counters, wall: Duration) -> Exit {
    let &Heard { last, stop, finished, .. } = heard;
    let out_of_memory = counters.oom_kills > 0 || heard.exhausted;
    let ended = last.map(|(status, _)| status);
    let status = match (ended, stop) {
        // Cut output is never a success, even if the program was quicker than the kill.
        (_, Some(Stop::OutputLimit)) => Ending::OutputLimit,
        (Some(Status::Exited(0)), _) if finished => Ending::Ok,
        (_, Some(Stop::Cancelled)) => Ending::Cancelled,
        _ if out_of_memory => Ending::OutOfMemory,
        (None | Some(Status::Exited(0)), Some(Stop::Deadline)) => Ending::TimedOut,
        (None | Some(Status::Exited(0)), None) => Ending::Internal,
        (Some(Status::Exited(_)), _) => Ending::Failed,
        (Some(Status::Signalled(_)), _) => Ending::Signalled,
    };
    let (code, signal) = match ended.filter(|status| finished || *status != Status::Exited(0)) {
        Some(Status::Exited(code)) => (Some(code), None),
        Some(Status::Signalled(signal)) => (None, Some(signal)),
        None => (None, None),
    };
    // A program that was killed with its cell left no count of its own, but the cgroup has one.
    let of_cell = Usage { cpu_us: counters.cpu_us, max_rss_bytes: counters.peak_bytes };
    let usage = last.map_or(of_cell, |(_, usage)| usage);
    Exit {
        status,
        code,
        signal: signal.map(signal_name),
        signal_number: signal.and_then(|signal| u8::try_from(signal).ok()),
        wall_ms: millis(wall),
        cpu_ms: usage.cpu_us / 1000,
        max_rss_bytes: usage.max_rss_bytes,
    }
}

fn signal_name(number: i32) -> String {
    nix::sys::signal::Signal::try_from(number).map_or(format!("signal {number}"), |signal| signal.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KILLED: Option<(Status, Usage)> = Some((Status::Signalled(9), Usage { cpu_us: 0, max_rss_bytes: 0 }));

    fn ending(last: Option<(Status, Usage)>, stop: Option<Stop>, finished: bool, oom_kills: u64) -> Ending {
        let counters = Counters { oom_kills, ..Counters::default() };
        exit(&Heard { last, stop, finished, ..Heard::default() }, counters, Duration::ZERO).status
    }

    #[test]
    fn only_a_finished_job_can_be_ok() {
        let zero = Some((Status::Exited(0), Usage::default()));
        assert_eq!(ending(zero, None, true, 0), Ending::Ok);
        assert_eq!(ending(zero, Some(Stop::Deadline), true, 0), Ending::Ok, "it ended before the deadline");
        assert_eq!(ending(zero, Some(Stop::Deadline), false, 0), Ending::TimedOut);
        assert_eq!(ending(None, Some(Stop::Deadline), false, 0), Ending::TimedOut);
        assert_eq!(ending(zero, None, false, 0), Ending::Internal);
    }

    #[test]
    fn the_kernel_tells_memory_from_other_kills() {
        assert_eq!(ending(KILLED, None, true, 1), Ending::OutOfMemory);
        assert_eq!(ending(KILLED, None, true, 0), Ending::Signalled);
        assert_eq!(ending(None, None, false, 1), Ending::OutOfMemory);
        assert_eq!(ending(KILLED, Some(Stop::OutputLimit), true, 0), Ending::OutputLimit);
    }
}
