//! Standard libraries for targets that are asked for: what is compiled is used, what is not is compiled in the
//! background, one at a time, while builds for it compile what they need themselves.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::toolchain::{Interrupted, Libraries, Library, Progress, StdlibError, Target, Unit};

/// The libraries of all toolchains. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ahead(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    toolchains: Vec<Libraries>,
    /// How many targets beside this machine's a toolchain may have.
    targets: usize,
    jobs: Arc<Jobs>,
    worker: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Jobs {
    stop: AtomicBool,
    /// Packages that are done, of how many.
    done: AtomicU64,
    total: AtomicU64,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// The first is at work.
    waiting: VecDeque<(usize, Target)>,
    /// What failed is not tried again before the next start.
    failed: HashSet<(usize, Target)>,
}

/// Whoever runs something comes first (nice(2)).
const NICE: i32 = 19;

impl Ahead {
    /// For each toolchain at most `targets` are compiled by and by, a fifth of a gigabyte each.
    pub fn new(toolchains: Vec<Libraries>, targets: usize) -> Self {
        Self(Arc::new(Shared { toolchains, targets, jobs: Arc::default(), worker: Mutex::default() }))
    }

    /// The libraries of a toolchain.
    pub fn libraries(&self, toolchain: usize) -> &Libraries {
        &self.0.toolchains[toolchain]
    }

    /// The library for `target`, if it is there and can be read.
    pub fn find(&self, toolchain: usize, target: &Target) -> Option<Arc<Library>> {
        self.libraries(toolchain).find(target).unwrap_or_else(|error| {
            tracing::warn!(%error, "a compiled standard library cannot be read, so builds do without");
            None
        })
    }

    /// The library for `target`, if all of it is there.
    pub fn find_whole(&self, toolchain: usize, target: &Target) -> Option<Arc<Library>> {
        let library = self.find(toolchain, target)?;
        let Some(file) = library.cut() else { return Some(library) };
        tracing::warn!(
            folder = %library.folder.display(),
            "{file} of the compiled standard library is damaged, so builds compile what they need; \
             type: underhood toolchain install --if-missing"
        );
        None
    }

    /// Verifies this machine's libraries in the background.
    pub fn verify(&self) {
        let (jobs, toolchains) = (Arc::clone(&self.0.jobs), self.0.toolchains.clone());
        thread::spawn(move || {
            let _ = rustix::process::setpriority_process(None, NICE);
            for libraries in toolchains {
                if jobs.stop.load(Ordering::Relaxed) {
                    return;
                }
                for file in libraries.verify(&Target::host()) {
                    tracing::warn!("{} was damaged and is removed", file.display());
                }
            }
        });
    }

    /// Has the library for `target` compiled, if there is room for it. Tells how far that is: packages done, of how many.
    pub fn want(&self, toolchain: usize, target: &Target) -> Option<(u64, u64)> {
        let job = (toolchain, target.clone());
        let jobs = &self.0.jobs;
        let mut queue = jobs.queue();
        if queue.failed.contains(&job) {
            return None;
        }
        if !queue.waiting.contains(&job) {
            let ours = queue.waiting.iter().filter(|(other, _)| *other == toolchain).count();
            // This machine's is one of them. Of experiments there is no end, so they get half of the places.
            let (there, experiments) = self.libraries(toolchain).count();
            let is_full = there + ours > self.0.targets;
            if is_full || target.has_experiments() && experiments + ours >= self.0.targets.div_ceil(2) {
                return None;
            }
            queue.waiting.push_back(job.clone());
            if queue.waiting.len() == 1 {
                self.begin();
            }
        }
        let is_first = queue.waiting.front() == Some(&job);
        let done = if is_first { jobs.done.load(Ordering::Relaxed) } else { 0 };
        Some((done, jobs.total.load(Ordering::Relaxed)))
    }

    /// Starts the thread that does what is waiting and then ends. To be called with the queue locked.
    fn begin(&self) {
        let (jobs, toolchains) = (Arc::clone(&self.0.jobs), self.0.toolchains.clone());
        jobs.total.store(0, Ordering::Relaxed);
        let worker = thread::spawn(move || work(&jobs, &toolchains));
        // An earlier one has emptied the queue, and so has ended.
        *self.0.worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(worker);
    }
}

fn work(jobs: &Jobs, toolchains: &[Libraries]) {
    loop {
        let Some((toolchain, target)) = jobs.queue().waiting.front().cloned() else { return };
        let made = toolchains[toolchain].prepare(&target, true, &mut Telling(jobs));
        let mut queue = jobs.queue();
        queue.waiting.pop_front();
        match made {
            Ok(_) => {}
            Err(StdlibError::Interrupted(_)) => return,
            Err(error) => {
                tracing::warn!(%error, "no standard library for {}; builds for it compile what they need", target.words());
                queue.failed.insert((toolchain, target));
            }
        }
        if queue.waiting.is_empty() {
            return;
        }
    }
}

impl Jobs {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the go command before the service goes.
impl Drop for Shared {
    fn drop(&mut self) {
        self.jobs.stop.store(true, Ordering::Relaxed);
        if let Some(worker) = self.worker.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = worker.join();
        }
    }
}

/// Where runs and the log are told from.
struct Telling<'a>(&'a Jobs);

impl Progress for Telling<'_> {
    fn start(&mut self, what: &str, _: Unit, total: Option<u64>) {
        tracing::info!("{what}, in the background");
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total.unwrap_or(0), Ordering::Relaxed);
    }

    fn advance(&mut self, done: u64) -> Result<(), Interrupted> {
        self.0.done.store(done, Ordering::Relaxed);
        if self.0.stop.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
    }

    fn finish(&mut self) {
        tracing::info!("compiled {} packages", self.0.done.load(Ordering::Relaxed));
    }

    fn note(&mut self, line: &str) {
        tracing::info!("{line}");
    }
}
