//! What `run` and `serve` do first: find the toolchains, start the sandbox.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sandbox::Sandbox;
use tracing_subscriber::EnvFilter;

use super::capacity::{Caches, Places};
use super::terminal;
use crate::authoring::plan::Release;
use crate::run::Runner;
use crate::run::kept::Kept;
use crate::run::limits::Limits;
use crate::toolchain::{self, DataDir, Libraries, Prepared, StdlibError, Target, Toolchain};

/// Log lines of a command that is no service go to standard error; UNDERHOOD_LOG chooses which, in the syntax of `RUST_LOG`.
pub fn logs(default: &str) {
    let filter = EnvFilter::try_from_env("UNDERHOOD_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // A journal or a file takes no colours.
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
}

/// Takes as many descriptors as the system gives, and says how many that are.
pub fn descriptors() -> anyhow::Result<u64> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).context("cannot take all descriptors")?;
    Ok(most)
}

/// Finds the toolchain that `go` names, or the default one, and with it all that are installed in `data` and prepared.
pub fn toolchains(go: Option<&str>, data: &DataDir) -> anyhow::Result<Vec<(Prepared, Libraries)>> {
    let load = |toolchain: &Toolchain| {
        let libraries = Libraries::of(toolchain, data);
        Ok::<_, anyhow::Error>((Prepared::load(toolchain, &libraries)?, libraries))
    };
    let chosen = toolchain::choose(go, data)?.toolchain;
    let mut all = vec![load(&chosen)?];
    let others = toolchain::installed(data)?.into_iter().flatten().filter(|other| other.id() != chosen.id());
    all.extend(others.filter_map(|other| load(&other).ok()));
    Ok(all)
}

/// Toolchains in the order in which they were named.
pub struct Named {
    /// What runs them.
    pub toolchains: Vec<(Prepared, Libraries)>,
    /// What requests call them; nothing for the default one.
    pub versions: Vec<Option<String>>,
}

impl Named {
    /// The same for a plan.
    pub fn releases(&self) -> Vec<Release> {
        let both = self.versions.iter().zip(&self.toolchains);
        both.map(|(named, (go, _))| Release { named: named.clone(), go: go.version.clone() }).collect()
    }
}

/// Finds the toolchains that `names` name, each once, or the default one.
pub fn named_toolchains(names: &[String]) -> anyhow::Result<Named> {
    let data = DataDir::from_env()?;
    if names.iter().all(String::is_empty) {
        return Ok(Named { toolchains: vec![toolchains(None, &data)?.swap_remove(0)], versions: vec![None] });
    }
    let mut named = Named { toolchains: Vec::new(), versions: Vec::new() };
    for name in names {
        let toolchain = toolchain::choose(Some(name), &data)?.toolchain;
        let libraries = Libraries::of(&toolchain, &data);
        let prepared = Prepared::load(&toolchain, &libraries).with_context(|| format!("Go {name} is not ready"))?;
        let version = Some(prepared.version.trim_start_matches("go").to_owned());
        if !named.versions.contains(&version) {
            named.versions.push(version);
            named.toolchains.push((prepared, libraries));
        }
    }
    Ok(named)
}

/// Compiles the standard library for a target that was never asked for before, with progress. Whether it came to its
/// end; a failure is told and no more, since the build will do what it needs itself.
pub fn compile_ahead(libraries: &Libraries, target: &Target) -> anyhow::Result<bool> {
    terminal::listen_for_signals()?;
    match libraries.prepare(target, false, &mut *terminal::progress()) {
        Ok(_) => Ok(true),
        Err(StdlibError::Interrupted(_)) => Ok(false),
        Err(error) => {
            tracing::warn!(%error, "the standard library for {} is not compiled ahead", target.words());
            Ok(true)
        }
    }
}

/// Starts the sandbox and puts the runner on top.
pub async fn runner(
    toolchains: Vec<(Prepared, Libraries)>,
    places: &Places,
    limits: Limits,
    caches: &Caches,
) -> anyhow::Result<Runner> {
    let most = descriptors()?;
    let kept_limits = caches.limits();
    let capacity = places.capacity(&limits, &kept_limits, most);
    if places.lacks_descriptors(&capacity, most) {
        tracing::warn!(
            "{most} descriptors are few for {} runs; raise the limit (ulimit -n, LimitNOFILE)",
            capacity.runs
        );
    }
    let sandbox = Sandbox::start(Some(capacity.memory_bytes)).await.context("the sandbox does not start")?;
    sandbox.usable().context("see `underhood doctor`")?;
    let kept = Kept::open(caches.folder().map(|folder| folder.join("builds")).as_deref(), kept_limits);
    Ok(Runner::new(sandbox, toolchains, limits, capacity, kept))
}
