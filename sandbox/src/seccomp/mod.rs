//! The system calls that a program may make.
//!
//! What is not named gets ENOSYS; what is named and dangerous gets EPERM, so that Go prints a clean error instead of
//! dying. A wrong architecture is the one thing that kills. Measured over Go's tools and a broad set of programs.

mod filter;
mod policy;

pub(crate) use filter::Filter;
use seccompiler::BpfProgram;

use crate::spec::{At, CellSpec, Failure, Network, Processes};

/// Compiled once in the zygote, loaded by every program's stub.
#[derive(Debug)]
pub(crate) struct Filters(Vec<(Processes, Network, BpfProgram)>);

impl Filters {
    pub(crate) fn compile() -> Self {
        let kinds = [Processes::ThreadsOnly, Processes::Children]
            .into_iter()
            .flat_map(|processes| [Network::None, Network::Loopback].map(|network| (processes, network)));
        let compile =
            |(processes, network)| (processes, network, Filter::new(policy::rules(processes, network)).compile());
        Self(kinds.map(compile).collect())
    }

    /// Loads the filter for good, after setting no_new_privs.
    pub(crate) fn load(&self, spec: &CellSpec) -> Result<(), Failure> {
        let fits = |kind: &&(Processes, Network, _)| (kind.0, kind.1) == (spec.processes, spec.network);
        let (.., program) = self.0.iter().find(fits).expect("there is one for each kind");
        seccompiler::apply_filter(program).at("load the seccomp filter")
    }
}

/// Loads the stricter filter for a cell without namespaces, which names the calling process.
pub(crate) fn load_reduced(processes: Processes) -> Result<(), Failure> {
    let own = std::process::id();
    seccompiler::apply_filter(&Filter::new(policy::reduced_rules(processes, own)).compile())
        .at("load the seccomp filter")
}
