//! What is counted of runs as they happen. What can be looked up at any time is not counted here: [`super::state`].
//!
//! Labels are closed sets, so that nobody can make the number of series grow.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

use crate::protocol::{Ending, Refusal};

/// Counters and histograms of all runs. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub struct Measures {
    runs: Family<Run, Counter>,
    refusals: Family<Reason, Counter>,
    open: Gauge,
    whole: Family<Mode, Histogram>,
    steps: Family<Step, Histogram>,
    cpu: Family<Part, Counter<f64, AtomicU64>>,
    builds: Family<From, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Run {
    mode: &'static str,
    outcome: &'static str,
    side: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Mode {
    mode: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Step {
    step: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Part {
    part: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct From {
    from: &'static str,
}

/// Where a build came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It was kept in memory.
    Memory,
    /// It was kept on the disk.
    Disk,
    /// Another run was building the same.
    Shared,
    /// It was built.
    Made,
}

/// Whose work costs processor time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    /// The toolchain.
    Build,
    /// The reader's program.
    Program,
}

/// The step before all others: waiting for a place.
const QUEUE: &str = "queue";

/// From a kept answer to the longest that a run may take by default, in seconds.
pub const BUCKETS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

impl Measures {
    /// None of anything. What can be named is there at once, with 0, so that a rate is known from the first one on.
    pub fn new() -> Self {
        let histogram = || Histogram::new(BUCKETS);
        let measures = Self {
            runs: Family::default(),
            refusals: Family::default(),
            open: Gauge::default(),
            whole: Family::new_with_constructor(histogram),
            steps: Family::new_with_constructor(histogram),
            cpu: Family::default(),
            builds: Family::default(),
        };
        for reason in Refusal::REASONS {
            measures.refusals.get_or_create_owned(&Reason { reason });
        }
        for source in [Source::Memory, Source::Disk, Source::Shared, Source::Made] {
            measures.builds.get_or_create_owned(&From { from: source.name() });
        }
        for worker in [Worker::Build, Worker::Program] {
            measures.cpu.get_or_create_owned(&Part { part: worker.name() });
        }
        measures.steps.get_or_create_owned(&Step { step: QUEUE });
        measures
    }

    /// Makes them readable.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "runs",
            "Runs that are over, by mode, by how they ended, and by whose doing",
            self.runs.clone(),
        );
        registry.register("refusals", "Requests for runs that were turned away", self.refusals.clone());
        registry.register(
            "open_runs",
            "Runs that were taken and are not over, with those that wait",
            self.open.clone(),
        );
        registry.register("run_duration_seconds", "From acceptance to the end of a run", self.whole.clone());
        let steps = "How long a step took: the wait for a place, each command of a build, the program";
        registry.register("step_duration_seconds", steps, self.steps.clone());
        let cpu = "Processor time of builds and of programs, where the kernel tells it";
        registry.register("cpu_seconds", cpu, self.cpu.clone());
        let builds = "Builds that runs asked for, by where they came from; made is a miss of the caches";
        registry.register("builds", builds, self.builds.clone());
    }

    /// A request was turned away.
    pub fn refused(&self, refusal: &Refusal) {
        self.refusals.get_or_create(&Reason { reason: refusal.reason() }).inc();
    }

    /// A run was taken.
    pub fn begun(&self) {
        self.open.inc();
    }

    /// The same run is over.
    pub fn ended(&self, mode: &'static str, ending: Ending, whole: Duration) {
        self.open.dec();
        self.runs.get_or_create(&Run { mode, outcome: ending.name(), side: side(ending) }).inc();
        self.whole.get_or_create(&Mode { mode }).observe(whole.as_secs_f64());
    }

    /// A run had to wait so long for its place.
    pub fn waited(&self, wait: Duration) {
        self.step(QUEUE, wait);
    }

    /// A command came to its end, or was stopped.
    pub fn step(&self, step: &'static str, wall: Duration) {
        self.steps.get_or_create(&Step { step }).observe(wall.as_secs_f64());
    }

    /// So much processor time was used.
    pub fn used(&self, worker: Worker, cpu_ms: u64) {
        self.cpu.get_or_create(&Part { part: worker.name() }).inc_by(Duration::from_millis(cpu_ms).as_secs_f64());
    }

    /// A run has its build.
    pub fn built(&self, source: Source) {
        self.builds.get_or_create(&From { from: source.name() }).inc();
    }
}

impl Source {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Shared => "shared",
            Self::Made => "made",
        }
    }
}

impl Worker {
    fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Program => "program",
        }
    }
}

/// Whose doing an end is: a service is not worse for what its readers' programs do.
pub fn side(ending: Ending) -> &'static str {
    match ending {
        Ending::Ok
        | Ending::BuildFailed
        | Ending::Failed
        | Ending::Signalled
        | Ending::OutOfMemory
        | Ending::OutputLimit => "user",
        Ending::TimedOut => "timeout",
        Ending::Cancelled => "abandoned",
        Ending::Internal => "server",
    }
}
