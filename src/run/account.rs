//! The account of one run: how long it waited, was built and ran, and how it ended. It is counted and logged exactly
//! once, whatever way the run ends.
//!
//! Nothing of the reader's is in it: no code, no name, no argument, no output.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{Span, field};

use super::events::millis;
use super::measures::{Measures, Source, Worker};
use crate::protocol::{Ending, Exit};

/// The target of spans that are for a collector of traces alone. Lines of the log do not name them, and where no
/// collector is asked for they cost nothing. A task that begins in one enters a span of the log's as well, so that its
/// lines tell of the request.
pub const TRACES: &str = "underhood::traces";

/// What is known of a run so far.
#[derive(Debug)]
pub struct Account {
    measures: Measures,
    span: Span,
    mode: &'static str,
    go: String,
    accepted: Instant,
    queue: Duration,
    build: Duration,
    run: Duration,
    source: Option<Source>,
    cpu_ms: u64,
    ending: Ending,
    is_own: bool,
}

impl Account {
    /// Of a run that is taken now. Until it is told how the run ended, its client has left.
    pub fn open(measures: &Measures, mode: &'static str, go: &str) -> Self {
        let span = tracing::info_span!(
            target: TRACES,
            "run",
            mode,
            go,
            build = field::Empty,
            outcome = field::Empty,
            otel.status_code = field::Empty,
        );
        Self::new(measures.clone(), span, mode, go, false)
    }

    /// Of a run by which the service checks itself, every few seconds: no reader's, so it is not counted, is nobody's
    /// trace, and has a line only for who wants all.
    pub fn of_check(mode: &'static str, go: &str) -> Self {
        Self::new(Measures::new(), Span::none(), mode, go, true)
    }

    fn new(measures: Measures, span: Span, mode: &'static str, go: &str, is_own: bool) -> Self {
        measures.begun();
        Self {
            measures,
            span,
            mode,
            go: go.to_owned(),
            accepted: Instant::now(),
            queue: Duration::ZERO,
            build: Duration::ZERO,
            run: Duration::ZERO,
            source: None,
            cpu_ms: 0,
            ending: Ending::Cancelled,
            is_own,
        }
    }

    /// The span of the whole.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// It has its place.
    pub fn admitted(&mut self) {
        self.queue = self.accepted.elapsed();
        self.measures.waited(self.queue);
    }

    /// It has its build, or somebody who builds.
    pub fn found(&mut self, source: Source) {
        self.source = Some(source);
        self.measures.built(source);
        self.span.record("build", source.name());
    }

    /// Its build is over, with all that there was to tell of it.
    pub fn built(&mut self, exit: &Exit) {
        self.build = self.accepted.elapsed().saturating_sub(self.queue);
        if self.source == Some(Source::Made) {
            self.cpu_ms += exit.cpu_ms;
        }
    }

    /// Its program is over.
    pub fn ran(&mut self, exit: &Exit) {
        self.run = Duration::from_millis(exit.wall_ms);
        self.cpu_ms += exit.cpu_ms;
        self.measures.used(Worker::Program, exit.cpu_ms);
    }

    /// All of it was in memory.
    pub fn was_whole(mut self, exit: &Exit) {
        self.found(Source::Memory);
        self.built(exit);
        self.ended(exit.status);
    }

    /// It came to this end.
    pub fn ended(&mut self, ending: Ending) {
        self.ending = ending;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let whole = self.accepted.elapsed();
        self.measures.ended(self.mode, self.ending, whole);
        self.span.record("outcome", self.ending.name());
        if self.ending == Ending::Internal {
            self.span.record("otel.status_code", "ERROR");
        }
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    mode = self.mode,
                    go = %self.go,
                    outcome = self.ending.name(),
                    queue_ms = millis(self.queue),
                    build_ms = millis(self.build),
                    run_ms = millis(self.run),
                    ms = millis(whole),
                    build = self.source.map_or("none", Source::name),
                    cached = matches!(self.source, Some(Source::Memory | Source::Disk)),
                    cpu_ms = self.cpu_ms,
                    "run finished"
                )
            };
        }
        if self.is_own { line!(debug) } else { line!(info) }
    }
}
