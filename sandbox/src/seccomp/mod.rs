//! The system calls that a program may make.
//!
//! What is not named gets ENOSYS; what is named and dangerous gets EPERM, so that Go prints a clean error instead of
//! dying. A wrong architecture is the one thing that kills. Measured over Go's tools and a broad set of programs.

mod filter;
mod policy;

pub(crate) use filter::Filter;
use seccompiler::BpfProgram;

use crate::spec::{At, Failure, Processes};

/// Compiled once in the zygote, loaded by every program's stub.
#[derive(Debug)]
pub(crate) struct Filters {
    threads_only: BpfProgram,
    children: BpfProgram,
}

impl Filters {
    pub(crate) fn compile() -> Self {
        Self {
            threads_only: Filter::new(policy::rules(Processes::ThreadsOnly)).compile(),
            children: Filter::new(policy::rules(Processes::Children)).compile(),
        }
    }

    /// Loads the filter for good, after setting no_new_privs.
    pub(crate) fn load(&self, processes: Processes) -> Result<(), Failure> {
        let program = match processes {
            Processes::ThreadsOnly => &self.threads_only,
            Processes::Children => &self.children,
        };
        seccompiler::apply_filter(program).at("load the seccomp filter")
    }
}

/// Loads the stricter filter for a cell without namespaces, which names the calling process.
pub(crate) fn load_reduced(processes: Processes) -> Result<(), Failure> {
    let own = std::process::id();
    seccompiler::apply_filter(&Filter::new(policy::reduced_rules(processes, own)).compile())
        .at("load the seccomp filter")
}
