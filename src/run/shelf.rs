//! Standard libraries for targets that are asked for: what is compiled is used, what is not is compiled in the
//! background, one at a time, while builds for it compile what they need themselves.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::toolchain::{Interrupted, Libraries, Library, Progress, StdlibError, Target, Unit};

/// The libraries of all toolchains. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shelf(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    toolchains: Vec<Libraries>,
    /// How many targets beside this machine's a toolchain may have.
    targets: usize,
    jobs: Arc<Jobs>,
    worker: Mutex<Option<JoinHandle<()>>>,
    /// What was found of libraries that were looked at.
    looks: Mutex<HashMap<PathBuf, Look>>,
    warned: Mutex<Option<Instant>>,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    is_whole: bool,
    at: Instant,
}

/// A library is not looked at more often, and what is wrong with it is not said more often.
const PATIENCE: Duration = Duration::from_secs(10);

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

impl Shelf {
    /// For each toolchain at most `targets` are compiled by and by, a fifth of a gigabyte each.
    pub fn new(toolchains: Vec<Libraries>, targets: usize) -> Self {
        let (jobs, worker, looks, warned) = Default::default();
        Self(Arc::new(Shared { toolchains, targets, jobs, worker, looks, warned }))
    }

    /// The libraries of a toolchain.
    pub fn libraries(&self, toolchain: usize) -> &Libraries {
        &self.0.toolchains[toolchain]
    }

    /// The library for `target`, if it is there, can be read and is not known to be damaged.
    pub fn find(&self, toolchain: usize, target: &Target) -> Option<Arc<Library>> {
        let libraries = self.libraries(toolchain);
        let library = libraries.find(target).unwrap_or_else(|error| {
            self.warn(&format!("{error}, so builds do without"));
            None
        })?;
        let mut looks = self.looks();
        match looks.get_mut(&library.folder) {
            Some(look) if !look.is_whole => {
                if look.at.elapsed() > PATIENCE {
                    // Perhaps it was compiled anew, which is always at another place.
                    look.at = Instant::now();
                    libraries.forget(target);
                }
                None
            }
            _ => Some(library),
        }
    }

    /// Looks whether a library is damaged, after a tool has crashed over it. What is damaged is removed, and builds do
    /// without that library from then on.
    pub async fn suspect(&self, folder: &Path) {
        let (shelf, folder) = (self.clone(), folder.to_owned());
        let looked = tokio::task::spawn_blocking(move || shelf.look(&folder)).await;
        if let Err(error) = looked {
            tracing::error!(%error, "a library could not be looked at");
        }
    }

    /// Has all libraries that are in use verified in the background.
    pub fn verify(&self) {
        let shared = Arc::downgrade(&self.0);
        thread::spawn(move || {
            let _ = rustix::process::setpriority_process(None, NICE);
            // One at a time, and never in the way of the end.
            let folders: Vec<PathBuf> = shared.upgrade().iter().flat_map(|shared| shared.folders()).collect();
            for folder in folders {
                let Some(look) = shared.upgrade().map(|shared| Self(shared).due(&folder)) else { return };
                let Some((library, remedy)) = look else { continue };
                // The shelf is not held meanwhile: who drops it last ends what is being compiled, and the service would
                // be gone before this thread gets to that.
                let damaged = library.remove_damaged();
                let Some(shared) = shared.upgrade() else { return };
                Self(shared).note(&library, &damaged, &remedy);
            }
        });
    }

    fn look(&self, folder: &Path) {
        if let Some((library, remedy)) = self.due(folder) {
            self.note(&library, &library.remove_damaged(), &remedy);
        }
    }

    /// The library in a folder, if it is in use and to be looked at now, and what to type if it is damaged.
    fn due(&self, folder: &Path) -> Option<(Arc<Library>, String)> {
        let in_it = |libraries: &Libraries| libraries.in_use().into_iter().find(|library| library.folder == folder);
        let found = self.0.toolchains.iter().find_map(|libraries| Some((in_it(libraries)?, libraries.remedy())));
        // Lengths are looked at each time, contents not so often.
        let is_recent = |look: &Look| look.at.elapsed() < PATIENCE;
        found.filter(|(library, _)| !self.looks().get(folder).is_some_and(is_recent) || library.cut().is_some())
    }

    fn note(&self, library: &Library, damaged: &[PathBuf], remedy: &str) {
        let look = Look { is_whole: damaged.is_empty(), at: Instant::now() };
        self.looks().insert(library.folder.clone(), look);
        if let [file, ..] = damaged {
            self.warn(&format!(
                "{} and {} others of the compiled standard library were damaged and are removed, so builds compile what \
                 they need; type: {remedy}",
                file.display(),
                damaged.len() - 1
            ));
        }
    }

    /// Not more often than somebody reads it.
    fn warn(&self, message: &str) {
        let mut last = self.0.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|at| at.elapsed() > PATIENCE) {
            *last = Some(Instant::now());
            tracing::warn!("{message}");
        }
    }

    fn looks(&self) -> MutexGuard<'_, HashMap<PathBuf, Look>> {
        self.0.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the library for `target` compiled, if there is room for it. Tells how far that is: packages done, of how many.
    pub fn want(&self, toolchain: usize, target: &Target) -> Option<(u64, u64)> {
        let job = (toolchain, target.clone());
        let jobs = &self.0.jobs;
        let (there, experiments) = self.libraries(toolchain).count();
        let mut queue = jobs.queue();
        if queue.failed.contains(&job) {
            return None;
        }
        if !queue.waiting.contains(&job) {
            let ours = queue.waiting.iter().filter(|(other, _)| *other == toolchain).count();
            // This machine's is one of them. Of experiments there is no end, so they get half of the places.
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

impl Shared {
    fn folders(&self) -> Vec<PathBuf> {
        let libraries = self.toolchains.iter().flat_map(Libraries::in_use);
        libraries.map(|library| library.folder.clone()).collect()
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
