//! From a request to events: admission, then a plan, then cells.

pub mod account;
pub mod admission;
mod answers;
mod as_go_command;
mod build;
mod builds;
pub mod cells;
mod channel;
mod crash;
pub mod environment;
mod events;
mod execute;
mod exhaustion;
mod function;
pub mod kept;
pub mod limits;
pub mod measures;
pub mod only;
pub mod output;
pub mod places;
pub mod plan;
mod race;
mod shelf;
pub mod shutdown;
pub mod source;
mod stage;
pub mod state;
mod tools;
mod understood;

use std::sync::Arc;
use std::time::Duration;

use sandbox::{Pool, Sandbox};
use tokio::sync::mpsc;
use tracing::Instrument as _;

use crate::protocol::event::Diagnostic;
use crate::protocol::{Refusal, Request};
use crate::toolchain::{Libraries, Library, Prepared, Target};
use account::Account;
pub use admission::Client;
use admission::{Admission, Ticket};
use answers::{Answer, Answers};
use build::Bench;
pub use builds::Reuse;
use builds::{Builds, Found};
pub use events::Told;
use execute::{Start, Workshop};
use kept::Kept;
use limits::{Capacity, Limits};
use measures::Measures;
use plan::Plan;
use shelf::Shelf;
use shutdown::{InFlight, Shutdown};

/// Runs requests. Cheap to clone; `serve` and `run` use the same.
#[derive(Clone, Debug)]
pub struct Runner {
    workshop: Arc<Workshop>,
    toolchains: Arc<[Prepared]>,
    shelf: Shelf,
    capacity: Capacity,
    admission: Admission,
    answers: Arc<Answers>,
    shutdown: Shutdown,
}

/// An eighth as much as is kept of builds in memory may be kept of answers, beside it.
const ANSWERS: u64 = 8;

/// Another service may have taken the place of one that stops after so long.
const STOPPING: Refusal = Refusal::Stopping { retry_after: Duration::from_secs(10) };

/// Events on their way to a client; beyond these the program waits.
const EVENTS_AHEAD: usize = 32;

impl Runner {
    /// The first of `toolchains` is the default one, for which cells are prepared at once.
    ///
    /// # Panics
    /// When there is no toolchain.
    pub fn new(
        sandbox: Sandbox,
        toolchains: Vec<(Prepared, Libraries)>,
        limits: Limits,
        capacity: Capacity,
        kept: Kept,
    ) -> Self {
        let (toolchains, libraries): (Vec<_>, Vec<_>) = toolchains.into_iter().unzip();
        let first = toolchains.first().expect("a runner needs a toolchain");
        let pool = Pool::new(sandbox, capacity.prepared_cells);
        let tools = cells::tools(first, &first.library, &limits.build, &Target::host());
        for cell in [tools, cells::run(first, &first.library, &limits)] {
            pool.warm(&cell, capacity.runs);
        }
        let measures = Measures::new();
        let admission = Admission::new(capacity.runs, limits::processors(), capacity.queue);
        let shelf = Shelf::new(libraries, capacity.targets);
        let bench = Bench { pool: pool.clone(), limits, shelf: shelf.clone(), measures: measures.clone() };
        let answers = Arc::new(Answers::new(kept.counts().limits.memory_bytes / ANSWERS));
        let builds = Builds::new(bench, kept);
        let workshop = Arc::new(Workshop { pool, builds, limits, measures });
        Self {
            workshop,
            toolchains: toolchains.into(),
            shelf,
            capacity,
            admission,
            answers,
            shutdown: Shutdown::default(),
        }
    }

    /// Starts a run. Events come in order up to the exit event; dropping the receiver ends the run.
    ///
    /// # Errors
    /// When the request is turned away.
    pub fn start(&self, request: Request, client: Client, reuse: Reuse) -> Result<Told, Refusal> {
        let told = self.begin(request, reuse, |admission| admission.enter(client));
        told.inspect_err(|refusal| self.refused(refusal))
    }

    /// Counts a request that was turned away before it came here.
    pub fn refused(&self, refusal: &Refusal) {
        self.workshop.measures.refused(refusal);
    }

    /// Starts a run of our own, built anew, that waits for no place: whether programs run here can be asked however many
    /// wait. Nothing of it is kept or counted. To be called for one at a time.
    ///
    /// # Errors
    /// When the request is turned away.
    pub fn start_ahead(&self, request: Request) -> Result<Told, Refusal> {
        self.begin(request, Reuse::None, |admission| Ok(admission.enter_ahead(Client::Local)))
    }

    fn begin(
        &self,
        request: Request,
        reuse: Reuse,
        enter: impl FnOnce(&Admission) -> Result<Ticket, Refusal>,
    ) -> Result<Told, Refusal> {
        let in_flight = self.shutdown.enter().ok_or(STOPPING)?;
        let (index, go) = self.toolchain(request.go.as_deref())?;
        let asked = if reuse.takes() { answers::key(&request, &go.id) } else { None };
        if let Some(answer) = asked.and_then(|asked| self.answers.get(&asked)) {
            return Ok(self.whole(&answer));
        }
        let target = Plan::target(&request);
        let library = self.shelf.find(index, &target);
        let mut plan = self.lower(request, index, library.as_deref())?;
        if target.has_race_detector() {
            race::check_host(self.sandbox().report())?;
            if library.is_none() {
                return Err(race::not_there(&self.shelf, index, &target));
            }
        }
        if library.is_none() && target != Target::host() {
            plan.notes.extend(self.shelf.want(index, &target).map(|done| being_compiled(&target, done)));
        }
        let key = self.workshop.builds.key(&plan, &go.id);
        let found = if reuse.takes() { self.workshop.builds.at_hand(&key) } else { None };
        // A program takes a place, and so does a build that nobody did or does.
        let account = || match reuse {
            Reuse::None => Account::of_check(plan.mode, &plan.go),
            _ => Account::open(&self.workshop.measures, plan.mode, &plan.go),
        };
        let found = match found {
            Some(Found::Kept(tape)) if plan.run.is_none() => match execute::retold(&plan, tape) {
                Some(answer) => {
                    let answer = Arc::new(answer);
                    // Without it, what is told of the same request will change.
                    if let (Some(asked), Some(_)) = (asked, library) {
                        self.answers.put(asked, Arc::clone(&answer));
                    }
                    return Ok(self.whole(&answer));
                }
                None => None,
            },
            found => found,
        };
        let start = match found {
            Some(found) if plan.run.is_none() => Start::Found(found),
            _ => Start::Queued { ticket: enter(&self.admission)?, key, reuse },
        };
        let account = account();
        let (out, told) = mpsc::channel(EVENTS_AHEAD);
        let trace = account.span();
        let events = events::Events::in_flight(out, in_flight);
        let run = execute::execute(Box::new(plan), start, Arc::clone(&self.workshop), events, account);
        tokio::spawn(run.instrument(tracing::error_span!("run")).instrument(trace));
        Ok(Told::live(told))
    }

    fn whole(&self, answer: &Answer) -> Told {
        Account::open(&self.workshop.measures, answer.mode, &answer.go).was_whole(&answer.exit);
        Told::whole(Arc::clone(&answer.events))
    }

    /// The target of a request whose standard library is not compiled yet, and what compiles it.
    ///
    /// # Errors
    /// When the request would be turned away.
    pub fn lacks(&self, request: &Request) -> Result<Option<(Target, &Libraries)>, Refusal> {
        let (index, _) = self.toolchain(request.go.as_deref())?;
        self.lower(request.clone(), index, None)?;
        let target = Plan::target(request);
        if target.has_race_detector() {
            race::check_host(self.sandbox().report())?;
        }
        let is_there = self.shelf.find(index, &target).is_some();
        Ok((!is_there).then(|| (target, self.shelf.libraries(index))))
    }

    /// What shows the same in a terminal.
    ///
    /// # Errors
    /// When the request would be turned away.
    pub fn command(&self, request: &Request) -> Result<String, Refusal> {
        let (index, _) = self.toolchain(request.go.as_deref())?;
        Ok(self.lower(request.clone(), index, None)?.command)
    }

    fn lower(&self, request: Request, index: usize, library: Option<&Library>) -> Result<Plan, Refusal> {
        let go = &self.toolchains[index];
        // It may have been compiled anew since the start.
        let host = self.shelf.find(index, &Target::host()).unwrap_or_else(|| Arc::clone(&go.library));
        Plan::lower(request, go, library, &host, &self.workshop.limits)
    }

    /// Has what was compiled ahead verified in the background.
    pub fn verify(&self) {
        self.shelf.verify();
    }

    /// Has what is kept of builds written as it comes, rather than when nobody builds. For a process that is no
    /// service: it finds them again when it is started the next time.
    pub fn hurry(&self) {
        self.workshop.builds.hurry();
    }

    /// Waits until what is to be kept of runs is on the disk.
    pub async fn settled(&self) {
        self.workshop.builds.settled().await;
    }

    /// Why nothing is taken now, whatever it is; `None` while something may be.
    pub fn turns_away(&self) -> Option<Refusal> {
        self.shutdown.has_begun().then_some(STOPPING)
    }

    /// Takes up work that the service waits for when it stops, beside runs.
    ///
    /// # Errors
    /// When it is stopping already.
    pub fn enter(&self) -> Result<InFlight, Refusal> {
        self.shutdown.enter().ok_or(STOPPING)
    }

    /// Says when to stop, to all runs and to whatever else takes part.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// What all runs together may use.
    pub fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// What each run may use.
    pub fn limits(&self) -> &Limits {
        &self.workshop.limits
    }

    /// What it can run, the default one first.
    pub fn toolchains(&self) -> &[Prepared] {
        &self.toolchains
    }

    /// The sandbox under it.
    pub fn sandbox(&self) -> &Sandbox {
        self.workshop.pool.sandbox()
    }

    fn toolchain(&self, wanted: Option<&str>) -> Result<(usize, &Prepared), Refusal> {
        let Some(wanted) = wanted else { return Ok((0, &self.toolchains[0])) };
        let wanted = wanted.strip_prefix("go").unwrap_or(wanted);
        let is_wanted = |(_, go): &(usize, &Prepared)| {
            let version = go.version.trim_start_matches("go");
            version == wanted || version.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
        };
        self.toolchains.iter().enumerate().find(is_wanted).ok_or_else(|| {
            let have = self.toolchains.iter().map(|go| go.version.clone());
            Refusal::not_allowed(format!("Go {wanted} is not installed here"), have)
        })
    }
}

/// Why a build takes longer than another time.
fn being_compiled(target: &Target, (done, total): (u64, u64)) -> Diagnostic {
    let far = if total > 0 { format!(", {done} of {total} packages so far") } else { String::new() };
    let message = format!(
        "the standard library for {} is being compiled ahead{far}; until then such builds take a few seconds",
        target.words()
    );
    Diagnostic { severity: "information".into(), code: "preparing".into(), message, ..Diagnostic::default() }
}
