//! Builds, each done once: kept by content, and shared while it is under way.
//!
//! A build's result hangs on nothing but its [`Stage`] and the toolchain, so these make its key. What a program prints
//! is never kept: a build is all that happens before one starts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tracing::Instrument as _;

use super::admission::Permit;
use super::build::{Bench, Built};
use super::channel::ShownPaths;
use super::events::Events;
use super::kept::{Entry, Kept, KeptCounts, Key};
use super::measures::Source;
use super::plan::Plan;
use super::understood::{reading, understood};
use crate::protocol::{Ending, Event, Exit};

/// Does builds and keeps what they came to. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Builds {
    bench: Bench,
    kept: Kept,
    underway: Arc<Mutex<HashMap<Key, Arc<watch::Sender<Tape>>>>>,
    /// Other than that of any other underhood, which may have shown the same build in another way.
    own_key: Arc<str>,
}

/// A build that somebody did, or does right now.
#[derive(Debug)]
pub enum Found {
    /// It was done before.
    Kept(Tape),
    /// It is under way. Dropping all of these ends it.
    Underway(watch::Receiver<Tape>),
}

/// All that a build has told so far, and what it came to when it is over.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    events: Vec<Event>,
    outcome: Option<Outcome>,
}

/// What a build came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A result.
    Built(Built),
    /// We failed, as the log tells.
    Internal,
}

/// A build as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    events: Vec<Event>,
    exit: Exit,
    paths: ShownPaths,
}

/// What a run takes of earlier ones, and leaves to later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// It takes what is kept or under way, and leaves its build.
    Full,
    /// It has everything built anew, and leaves its build.
    Anew,
    /// It takes nothing and leaves nothing.
    None,
}

impl Reuse {
    /// Whether it takes anything of another run.
    pub fn takes(self) -> bool {
        self == Self::Full
    }
}

/// Events between a build and its tape; beyond these it waits.
const EVENTS_AHEAD: usize = 32;

impl Builds {
    /// Done at `bench`.
    pub fn new(bench: Bench, kept: Kept) -> Self {
        let own_key = std::env::current_exe()
            .and_then(std::fs::metadata)
            .map_or_else(|_| String::new(), |own| format!("{} {:?}", own.len(), own.modified().ok()));
        Self { bench, kept, underway: Arc::default(), own_key: own_key.into() }
    }

    /// The key of a plan's build, with the toolchain whose id is `go`.
    pub fn key(&self, plan: &Plan, go: &str) -> Key {
        let work = serde_json::to_vec(&(&plan.build, &plan.only)).expect("a plan is plain data");
        let read_for = format!("{:?}", reading(plan));
        let limits = {
            let limits = &self.bench.limits;
            format!("{} {} {}", limits.output_bytes, limits.binary_bytes, limits.artifact_bytes)
        };
        Key::of([self.own_key.as_bytes(), go.as_bytes(), limits.as_bytes(), read_for.as_bytes(), &work])
    }

    /// How much is kept.
    pub fn counts(&self) -> KeptCounts {
        self.kept.counts()
    }

    /// What is in memory, or under way. Does no I/O.
    pub fn at_hand(&self, key: &Key) -> Option<Found> {
        if let Some(sender) = self.underway().get(key)
            && let Some(found) = join(sender)
        {
            return Some(found);
        }
        self.kept.at_hand(key).and_then(|entry| recall(&entry)).map(Found::Kept)
    }

    /// What there is, or a build that begins now, and which of these it is.
    pub async fn get(&self, key: Key, plan: &Plan, reuse: Reuse, permit: Arc<Permit>) -> (Found, Source) {
        let sender = Arc::new(watch::Sender::default());
        // Listened to from the first moment on: a build without listeners is given up.
        let told = sender.subscribe();
        if reuse.takes() {
            if let Some(tape) = self.kept.at_hand(&key).and_then(|entry| recall(&entry)) {
                return (Found::Kept(tape), Source::Memory);
            }
            if let Some(tape) = self.kept.find(&key).await.and_then(|entry| recall(&entry)) {
                return (Found::Kept(tape), Source::Disk);
            }
            let mut underway = self.underway();
            if let Some(found) = underway.get(&key).and_then(join) {
                return (found, Source::Shared);
            }
            // It may have been under way while the disk was asked.
            if let Some(tape) = self.kept.at_hand(&key).and_then(|entry| recall(&entry)) {
                return (Found::Kept(tape), Source::Memory);
            }
            underway.insert(key, Arc::clone(&sender));
        }
        self.begin(key, plan, reuse, permit, sender);
        (Found::Underway(told), Source::Made)
    }

    /// Has what is kept written as it comes.
    pub fn hurry(&self) {
        self.kept.hurry();
    }

    /// Waits until what was kept is on the disk.
    pub async fn settled(&self) {
        self.kept.settled().await;
    }

    fn begin(&self, key: Key, plan: &Plan, reuse: Reuse, permit: Arc<Permit>, sender: Arc<watch::Sender<Tape>>) {
        let (builds, stage, only, reading) = (self.clone(), plan.build.clone(), plan.only.clone(), reading(plan));
        let mut underway = Underway { builds, key, sender, outcome: Outcome::Internal };
        let (log, trace) = (tracing::error_span!("build"), tracing::Span::current());
        let build = async move {
            let (out, heard) = mpsc::channel(EVENTS_AHEAD);
            let mut events = Events::new(out);
            let work = async {
                let outcome = underway.builds.bench.run(&stage, only, &permit, &mut events).await;
                drop(events);
                outcome
            };
            let (outcome, ()) = tokio::join!(work, record(heard, &underway.sender));
            // Whoever waits for the outcome may need the place.
            drop(permit);
            match outcome {
                Ok(built) => {
                    let told = understood(&underway.sender.borrow().events, reading, &stage, &built.exit);
                    underway.sender.send_modify(|tape| tape.events.extend(told));
                    if reuse != Reuse::None {
                        underway.builds.keep(key, &underway.sender.borrow().events, &built);
                    }
                    underway.end(Outcome::Built(built));
                }
                Err(error) => tracing::error!(%error, "a build failed for a reason of our own"),
            }
        };
        tokio::spawn(build.instrument(log).instrument(trace));
    }

    fn keep(&self, key: Key, events: &[Event], built: &Built) {
        if !built.is_final {
            return;
        }
        let is_result = |event: &&Event| !matches!(event, Event::Step { .. });
        let events = events.iter().filter(is_result).cloned().collect();
        let record = Record { events, exit: built.exit.clone(), paths: built.paths.clone() };
        let Ok(told) = serde_json::to_vec(&record) else { return };
        self.kept.keep(key, Entry { told, program: built.program.clone() });
    }

    fn underway(&self) -> MutexGuard<'_, HashMap<Key, Arc<watch::Sender<Tape>>>> {
        self.underway.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A build at work. However it ends, those who listen are told.
struct Underway {
    builds: Builds,
    key: Key,
    sender: Arc<watch::Sender<Tape>>,
    outcome: Outcome,
}

impl Underway {
    fn end(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        // What is kept can be found already when this is not found any more.
        let mut underway = self.builds.underway();
        if underway.get(&self.key).is_some_and(|other| Arc::ptr_eq(other, &self.sender)) {
            underway.remove(&self.key);
        }
        drop(underway);
        let outcome = std::mem::replace(&mut self.outcome, Outcome::Internal);
        self.sender.send_modify(|tape| tape.outcome = Some(outcome));
    }
}

/// Puts what is heard on the tape, until nobody listens to that any more.
async fn record(mut heard: mpsc::Receiver<Box<crate::protocol::Stamped>>, tape: &watch::Sender<Tape>) {
    loop {
        tokio::select! {
            stamped = heard.recv() => match stamped {
                Some(stamped) => tape.send_modify(|tape| tape.events.push(stamped.event)),
                None => return,
            },
            () = tape.closed() => return,
        }
    }
}

/// One more listener; `None` when the last one has gone, and the build with it. To be called with the list of builds
/// locked.
fn join(sender: &Arc<watch::Sender<Tape>>) -> Option<Found> {
    let told = sender.subscribe();
    // Counted afterwards: while there is another beside us, nobody was the last. The other way round, that one could go
    // in between.
    let is_heard = sender.receiver_count() > 1;
    is_heard.then_some(Found::Underway(told))
}

fn recall(entry: &Entry) -> Option<Tape> {
    let Record { events, exit, paths } = serde_json::from_slice(&entry.told).ok()?;
    let outcome = Outcome::Built(Built { exit, program: entry.program.clone(), paths, is_final: true });
    Some(Tape { events, outcome: Some(outcome) })
}

impl Tape {
    /// What was told, and how it ended if it did.
    pub fn into_events(self) -> impl Iterator<Item = Event> {
        let exit = self.outcome.and_then(|outcome| match outcome {
            Outcome::Built(built) => Some(Event::Exit(built.exit)),
            Outcome::Internal => None,
        });
        self.events.into_iter().chain(exit)
    }
}

impl Found {
    /// Where it came from, of one that was at hand.
    pub fn source(&self) -> Source {
        match self {
            Self::Kept(_) => Source::Memory,
            Self::Underway(_) => Source::Shared,
        }
    }

    /// Whether all that the reader is going to see was kept, for a plan that runs a program or not.
    pub fn is_whole_answer(&self, runs_program: bool) -> bool {
        match self {
            Self::Kept(Tape { outcome: Some(Outcome::Built(built)), .. }) => {
                !runs_program || built.exit.status != Ending::Ok
            }
            _ => false,
        }
    }

    /// Passes on what was told and what is yet to be told, until it is over; `sees` is shown each event first. `None`
    /// when it may not go on, or the client reads nothing while it `holds_a_place`.
    pub async fn pass_on(
        self,
        events: &mut Events,
        holds_a_place: bool,
        mut sees: impl FnMut(&Event),
    ) -> Option<Passed> {
        let mut passed = 0;
        let mut text_bytes = 0;
        let mut lease = events.lease();
        let (mut tape, mut more) = match self {
            Self::Kept(tape) => (tape, None),
            Self::Underway(mut receiver) => {
                let tape = receiver.borrow_and_update().clone();
                (tape, Some(receiver))
            }
        };
        loop {
            passed += tape.events.len();
            for event in tape.events {
                sees(&event);
                text_bytes += event.text().map_or(0, |text| text.len() as u64);
                let is_sent =
                    if holds_a_place { events.send(event).await } else { events.send_patiently(event).await };
                if !is_sent {
                    return None;
                }
            }
            if let Some(outcome) = tape.outcome {
                return Some(Passed { outcome, text_bytes });
            }
            let receiver = more.as_mut()?;
            tokio::select! {
                changed = receiver.changed() => changed.ok()?,
                () = lease.ends() => return None,
            }
            tape = {
                let now = receiver.borrow_and_update();
                Tape { events: now.events[passed..].to_vec(), outcome: now.outcome.clone() }
            };
        }
    }
}

/// A build that is over, all of whose events were passed on.
#[derive(Debug)]
pub struct Passed {
    /// What it came to.
    pub outcome: Outcome,
    /// How much text that was.
    pub text_bytes: u64,
}
