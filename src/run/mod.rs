//! From a request to events: admission, then a plan, then cells.

pub mod admission;
pub mod cells;
mod channel;
pub mod environment;
mod events;
mod execute;
mod exhaustion;
pub mod kept;
pub mod limits;
pub mod listing;
pub mod output;
pub mod plan;
mod stage;

use std::sync::Arc;

use sandbox::{Pool, Sandbox};
use tokio::sync::mpsc;

use crate::protocol::{Refusal, Request, Stamped};
use crate::toolchain::Prepared;
use admission::Admission;
pub use admission::Client;
use limits::{Capacity, Limits};
use plan::Plan;

/// Runs requests. Cheap to clone; `serve` and `run` use the same.
#[derive(Clone, Debug)]
pub struct Runner {
    pool: Pool,
    toolchains: Arc<[Prepared]>,
    limits: Limits,
    capacity: Capacity,
    admission: Admission,
}

/// Events on their way to a client; beyond these the program waits.
const EVENTS_AHEAD: usize = 32;

impl Runner {
    /// The first of `toolchains` is the default one, for which cells are prepared at once.
    ///
    /// # Panics
    /// When there is no toolchain.
    pub fn new(sandbox: Sandbox, toolchains: Vec<Prepared>, limits: Limits, capacity: Capacity) -> Self {
        assert!(!toolchains.is_empty(), "a runner needs a toolchain");
        let pool = Pool::new(sandbox, capacity.prepared_cells);
        for cell in [cells::build(&toolchains[0], &limits.build), cells::run(&toolchains[0], &limits.run)] {
            pool.warm(&cell, capacity.runs);
        }
        let admission = Admission::new(capacity.runs, capacity.queue);
        Self { pool, toolchains: toolchains.into(), limits, capacity, admission }
    }

    /// Starts a run. Events come in order up to the exit event; dropping the receiver ends the run.
    ///
    /// # Errors
    /// When the request is turned away.
    pub fn start(&self, request: Request, client: Client) -> Result<mpsc::Receiver<Stamped>, Refusal> {
        let go = self.toolchain(request.go.as_deref())?;
        let plan = Plan::lower(request, go, &self.limits)?;
        let ticket = self.admission.enter(client)?;
        let (out, told) = mpsc::channel(EVENTS_AHEAD);
        tokio::spawn(execute::execute(plan, self.limits, self.pool.clone(), ticket, events::Events::new(out)));
        Ok(told)
    }

    /// What all runs together may use.
    pub fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// What each run may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What it can run, the default one first.
    pub fn toolchains(&self) -> &[Prepared] {
        &self.toolchains
    }

    /// The sandbox under it.
    pub fn sandbox(&self) -> &Sandbox {
        self.pool.sandbox()
    }

    fn toolchain(&self, wanted: Option<&str>) -> Result<&Prepared, Refusal> {
        let Some(wanted) = wanted else { return Ok(&self.toolchains[0]) };
        let wanted = wanted.strip_prefix("go").unwrap_or(wanted);
        let is_wanted = |go: &&Prepared| {
            let version = go.version.trim_start_matches("go");
            version == wanted || version.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
        };
        self.toolchains.iter().find(is_wanted).ok_or_else(|| {
            let have = self.toolchains.iter().map(|go| go.version.clone());
            Refusal::not_allowed(format!("Go {wanted} is not installed here"), have)
        })
    }
}
