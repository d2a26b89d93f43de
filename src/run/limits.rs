//! What one run may use. Set by the operator, told by `GET /api/v1/limits`.

use std::time::Duration;

use sandbox::spec;
use serde::Serialize;
use utoipa::ToSchema;

/// Limits of one stage of a run: its build, or the program itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StageLimits {
    /// Wall-clock seconds.
    pub seconds: u64,
    /// Memory of all its processes and files together, in bytes.
    pub memory_bytes: u64,
    /// Processes and threads.
    pub pids: u64,
    /// All files that it writes, in bytes.
    pub file_bytes: u64,
}

/// Limits of a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Limits {
    /// The toolchain at work.
    pub build: StageLimits,
    /// The program at work.
    pub run: StageLimits,
    /// Standard output and standard error together, in bytes.
    pub output_bytes: u64,
    /// The largest program that is taken from the linker, in bytes.
    pub binary_bytes: u64,
    /// The largest file that is told as an artifact, in bytes.
    pub artifact_bytes: u64,
}

/// Limits of the service as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Capacity {
    /// Runs at once.
    pub runs: usize,
    /// Runs that may wait.
    pub queue: usize,
    /// Cells that are kept prepared.
    pub prepared_cells: usize,
    /// Memory of all runs together, in bytes.
    pub memory_bytes: u64,
    /// Clients that may be connected.
    pub connections: usize,
    /// Targets beside this machine's whose standard library may be compiled ahead, for each toolchain.
    pub targets: usize,
}

const MIB: u64 = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            build: StageLimits { seconds: 10, memory_bytes: 1024 * MIB, pids: 256, file_bytes: 384 * MIB },
            run: StageLimits { seconds: 10, memory_bytes: 256 * MIB, pids: 64, file_bytes: 64 * MIB },
            output_bytes: MIB,
            binary_bytes: 100 * MIB,
            // The passes of a large function are about five.
            artifact_bytes: 16 * MIB,
        }
    }
}

impl Limits {
    /// The most memory that one run takes at a time, in bytes.
    pub fn run_memory_bytes(&self) -> u64 {
        self.build.memory_bytes.max(self.run.memory_bytes)
    }
}

impl StageLimits {
    /// The wall clock.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// In the kernel's terms.
    pub fn cell(&self) -> spec::Limits {
        spec::Limits {
            memory_bytes: self.memory_bytes,
            data_bytes: self.memory_bytes,
            // The cell's init is one of them.
            pids: self.pids + 1,
            scratch_bytes: self.file_bytes,
            scratch_inodes: 16 * 1024,
            file_bytes: self.file_bytes,
            open_files: 256,
            // Threads on several processors burn CPU seconds faster than the clock runs, and a stage may have more time.
            cpu_seconds: self.seconds * 256,
        }
    }
}

/// How many processors this process may use; 1 where that cannot be told.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
