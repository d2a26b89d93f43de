//! Options for how much of the machine runs may take, which all share that run something.

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::value_parser;

use crate::run::kept::KeptLimits;
use crate::run::limits::{Capacity, Limits, StageLimits, processors};
use crate::toolchain;

/// How many runs a service takes on.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Limits of the service")]
pub struct Places {
    /// How many programs run at once, as far as memory allows [default: four for each processor]
    #[arg(long, env = "UNDERHOOD_MAX_RUNS", value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub max_runs: Option<u16>,
    /// How many more may wait for a place before new ones are turned away
    #[arg(long, env = "UNDERHOOD_QUEUE", default_value_t = 64)]
    pub queue: u16,
    /// How many cells are kept prepared for runs to come; 0 for none [default: two for each
    /// run]
    #[arg(long, env = "UNDERHOOD_POOL", value_name = "CELLS", value_parser = value_parser!(u16).range(0..=2048))]
    pub pool: Option<u16>,
    /// Memory of all runs together, such as 3GiB [default: what --max-runs may need, at most three quarters of the
    /// machine's]
    #[arg(long, env = "UNDERHOOD_TOTAL_MEMORY", value_name = "SIZE", value_parser = memory)]
    pub total_memory: Option<ByteSize>,
    /// How many targets beside this machine's (GOARCH, GOAMD64, GOEXPERIMENT) may have their standard library compiled
    /// ahead when they are first asked for, for each Go version; each takes a minute and 200 MB
    #[arg(long, env = "UNDERHOOD_TARGETS", default_value_t = 8)]
    pub targets: u16,
}

/// How much is kept of what was built.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Caches")]
pub struct Caches {
    /// The folder where builds are kept; losing it does no harm [default: $XDG_CACHE_HOME/underhood, else
    /// ~/.cache/underhood]
    #[arg(long, env = "UNDERHOOD_CACHE", value_name = "PATH", value_parser = folder())]
    pub cache: Option<PathBuf>,
    /// What is kept in memory of builds, programs included, and an eighth as much of answers; 0B for nothing
    #[arg(long, env = "UNDERHOOD_CACHE_MEMORY", value_name = "SIZE", default_value = "64MiB", value_parser = any_size)]
    pub cache_memory: ByteSize,
    /// What is kept on the disk of builds, programs included; 0B for nothing
    #[arg(long, env = "UNDERHOOD_CACHE_DISK", value_name = "SIZE", default_value = "1GiB", value_parser = any_size)]
    pub cache_disk: ByteSize,
}

/// What each run may use.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Limits of a run")]
pub struct Each {
    /// Wall-clock time of a build
    #[arg(long, env = "UNDERHOOD_BUILD_SECONDS", value_name = "SECONDS", default_value_t = 10, value_parser = value_parser!(u64).range(1..=3600))]
    pub build_seconds: u64,
    /// Memory of a build, its files included
    #[arg(long, env = "UNDERHOOD_BUILD_MEMORY", value_name = "SIZE", default_value = "1GiB", value_parser = memory)]
    pub build_memory: ByteSize,
    /// Processes and threads of a build
    #[arg(long, env = "UNDERHOOD_BUILD_PIDS", value_name = "N", default_value_t = 256, value_parser = value_parser!(u64).range(32..=32_000))]
    pub build_pids: u64,
    /// Files that a build writes
    #[arg(long, env = "UNDERHOOD_BUILD_FILES", value_name = "SIZE", default_value = "384MiB", value_parser = size)]
    pub build_files: ByteSize,
    /// Wall-clock time of a program
    #[arg(long, env = "UNDERHOOD_RUN_SECONDS", value_name = "SECONDS", default_value_t = 10, value_parser = value_parser!(u64).range(1..=3600))]
    pub run_seconds: u64,
    /// Memory of a program, its files included
    #[arg(long, env = "UNDERHOOD_RUN_MEMORY", value_name = "SIZE", default_value = "256MiB", value_parser = memory)]
    pub run_memory: ByteSize,
    /// Threads of a program
    #[arg(long, env = "UNDERHOOD_RUN_PIDS", value_name = "N", default_value_t = 64, value_parser = value_parser!(u64).range(8..=32_000))]
    pub run_pids: u64,
    /// Files that a program writes
    #[arg(long, env = "UNDERHOOD_RUN_FILES", value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    pub run_files: ByteSize,
    /// What a run may print, standard output and standard error together
    #[arg(long, env = "UNDERHOOD_OUTPUT", value_name = "SIZE", default_value = "1MiB", value_parser = size)]
    pub output: ByteSize,
    /// The largest program that is run
    #[arg(long, env = "UNDERHOOD_BINARY", value_name = "SIZE", default_value = "100MiB", value_parser = size)]
    pub binary: ByteSize,
}

/// How runs are done that are asked for on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct Runs {
    /// Build anew, whatever was kept of an earlier build, and keep nothing for a later one
    #[arg(long)]
    pub no_cache: bool,
    #[command(flatten)]
    pub each: Each,
    #[command(flatten)]
    caches: Caches,
}

impl Runs {
    /// What is kept of what they build. In memory at any rate: what is built once need not be built for the next of them.
    pub fn caches(&self) -> Caches {
        let mut caches = self.caches.clone();
        if self.no_cache {
            caches.cache_disk = ByteSize::b(0);
        }
        caches
    }
}

/// Descriptors of the service itself, with room to spare.
const IN_USE: usize = 32;

/// Descriptors of a run at work: two of its cell, its pipes and memfds, and those of the moment when one stage gives way
/// to the next.
const OF_A_RUN: usize = 12;

/// Descriptors of a prepared cell: its socket, its pidfd and its two outputs.
const OF_A_CELL: usize = 4;

/// No program that Go links is smaller; each that is kept in memory has a descriptor.
const OF_EACH_DESCRIPTOR: u64 = 512 << 10;

/// Fewer connections than this serve nobody.
const LEAST_CONNECTIONS: usize = 16;

/// More than this is for a proxy in front to hold.
const MOST_CONNECTIONS: usize = 16 * 1024;

impl Places {
    /// One run alone, with nothing prepared for another.
    pub const ONE: Self = Self { max_runs: Some(1), queue: 0, pool: Some(0), total_memory: None, targets: 0 };

    /// As plain data, on a machine that gives the service so many `descriptors`.
    pub fn capacity(&self, limits: &Limits, kept: &KeptLimits, descriptors: u64) -> Capacity {
        let memory_bytes = self.memory_bytes(limits);
        // No more than fit into the memory of all, whether or not the kernel holds them to it, and at least one.
        let fitting = usize::try_from(memory_bytes / limits.run_memory_bytes()).unwrap_or(usize::MAX);
        let runs = fitting.clamp(1, usize::from(self.max_runs()));
        // A run takes two, one for each of its stages.
        let prepared_cells = self.pool.map_or(runs * 2, usize::from);
        let descriptors = descriptors.saturating_sub(kept.memory_bytes / OF_EACH_DESCRIPTOR);
        let left = descriptors.saturating_sub(Self::descriptors(runs, prepared_cells));
        let connections = usize::try_from(left).unwrap_or(usize::MAX).clamp(LEAST_CONNECTIONS, MOST_CONNECTIONS);
        let (queue, targets) = (usize::from(self.queue), usize::from(self.targets));
        Capacity { runs, queue, prepared_cells, memory_bytes, connections, targets }
    }

    /// Whether a machine that gives so many `descriptors` gives too few, to the service or to its zygote.
    pub fn lacks_descriptors(&self, capacity: &Capacity, descriptors: u64) -> bool {
        Self::descriptors(capacity.runs, capacity.prepared_cells) + LEAST_CONNECTIONS as u64 > descriptors
    }

    /// Descriptors that the service has beside those of its clients.
    fn descriptors(runs: usize, prepared_cells: usize) -> u64 {
        (IN_USE + runs * OF_A_RUN + prepared_cells * OF_A_CELL) as u64
    }

    /// More than the processors, since programs also wait.
    fn max_runs(&self) -> u16 {
        self.max_runs.unwrap_or_else(|| u16::try_from(processors() * 4).map_or(1024, |runs| runs.min(1024)))
    }

    fn memory_bytes(&self, limits: &Limits) -> u64 {
        let wanted = || u64::from(self.max_runs()) * limits.run_memory_bytes();
        let machine = || nix::sys::sysinfo::sysinfo().map_or(u64::MAX, |facts| facts.ram_total() / 4 * 3);
        self.total_memory.map_or_else(|| wanted().min(machine()), |total| total.as_u64())
    }
}

/// A folder's path. An empty one, as in a variable that is set to nothing, is no mistake: it names none.
pub fn folder() -> impl clap::builder::TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

impl Caches {
    /// Where builds are kept, if there is a place.
    pub fn folder(&self) -> Option<PathBuf> {
        toolchain::cache_folder(self.cache.as_deref())
    }

    /// As plain data.
    pub fn limits(&self) -> KeptLimits {
        KeptLimits { memory_bytes: self.cache_memory.as_u64(), disk_bytes: self.cache_disk.as_u64() }
    }
}

impl Each {
    /// As plain data.
    pub fn limits(&self) -> Limits {
        Limits {
            build: StageLimits {
                seconds: self.build_seconds,
                memory_bytes: self.build_memory.as_u64(),
                pids: self.build_pids,
                file_bytes: self.build_files.as_u64(),
            },
            run: StageLimits {
                seconds: self.run_seconds,
                memory_bytes: self.run_memory.as_u64(),
                pids: self.run_pids,
                file_bytes: self.run_files.as_u64(),
            },
            output_bytes: self.output.as_u64(),
            binary_bytes: self.binary.as_u64(),
            ..Limits::default()
        }
    }
}

/// Less than this starts no Go program.
const LEAST_MEMORY: ByteSize = ByteSize::mib(16);

fn memory(text: &str) -> Result<ByteSize, String> {
    size(text).and_then(|size| {
        if size < LEAST_MEMORY { Err(format!("less than {LEAST_MEMORY} starts no Go program")) } else { Ok(size) }
    })
}

fn size(text: &str) -> Result<ByteSize, String> {
    any_size(text).and_then(|size| if size.as_u64() == 0 { Err(not_a_size(text)) } else { Ok(size) })
}

/// A size, which may be none.
pub fn any_size(text: &str) -> Result<ByteSize, String> {
    let size: ByteSize = text.parse().map_err(|_| not_a_size(text))?;
    // The kernel takes sizes as signed numbers.
    if i64::try_from(size.as_u64()).is_err() { Err(not_a_size(text)) } else { Ok(size) }
}

fn not_a_size(text: &str) -> String {
    format!("{text:?} is not a size such as 64MiB")
}
