//! The tier on disk: a folder, and the one thread that writes to it.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;

use super::folder::{self, Folder};
use super::memory::Memory;
use super::{Entry, Key};

/// How much may wait to be written. It is held in memory meanwhile, beyond that tier's bound.
const MOST_WRITES: usize = 256;
const MOST_BYTES: u64 = 32 << 20;

/// How long nothing must have been handed in before anything is written: while readers take all processors, programs
/// that nobody may ever ask for again are not worth a part of them.
const QUIET: Duration = Duration::from_millis(250);

/// How often one is written all the same while it is never quiet.
const EVERY: Duration = Duration::from_secs(1);

/// Entries in a folder. Reads are the caller's; one thread writes, so that there is never a crowd at the disk, and
/// room is made before it is taken. The thread ends when this is dropped and the last write is done.
#[derive(Debug)]
pub(super) struct Disk {
    folder: Arc<Folder>,
    limit: u64,
    jobs: mpsc::Sender<(Job, Waiting)>,
    waiting: Arc<watch::Sender<Backlog>>,
    lull: Arc<Lull>,
    /// As [`Writer`] counts.
    bytes: Arc<AtomicU64>,
}

/// When the thread may write.
#[derive(Debug)]
struct Lull {
    state: Mutex<Pace>,
    hurried: Condvar,
}

#[derive(Debug)]
enum Pace {
    /// When it is quiet, and something was handed in then.
    Since(Instant),
    /// At once.
    Hurried,
}

#[derive(Debug)]
enum Job {
    Count,
    Write { key: Key, entry: Arc<Entry>, used: SystemTime },
    Touch { key: Key, used: SystemTime },
}

#[derive(Debug, Default)]
struct Backlog {
    jobs: usize,
    bytes: u64,
}

/// A job's part of the backlog, given back when the job is done, or lost with its thread.
#[derive(Debug)]
struct Waiting {
    backlog: Arc<watch::Sender<Backlog>>,
    bytes: u64,
}

impl Disk {
    /// Counts what is in the folder later, in the thread.
    ///
    /// # Errors
    /// When the folder cannot be used, or no thread can be had.
    pub fn open(folder: &Path, limit: u64, memory: Arc<Memory>) -> io::Result<Self> {
        let folder = Arc::new(Folder::open(folder, limit)?);
        let (jobs, work) = mpsc::channel();
        let lull = Arc::new(Lull::new());
        let bytes = Arc::<AtomicU64>::default();
        let writer = Writer {
            folder: Arc::clone(&folder),
            limit,
            memory,
            lull: Arc::clone(&lull),
            bytes: Arc::clone(&bytes),
            since_count: 0,
        };
        thread::Builder::new().name("kept".to_owned()).spawn(move || writer.work(&work))?;
        let disk = Self { folder, limit, jobs, waiting: Arc::default(), lull, bytes };
        disk.queue(Job::Count, 0);
        Ok(disk)
    }

    /// What there is, as it was last counted; 0 before the first time.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub fn read(&self, key: &Key) -> Option<Entry> {
        self.folder.read(key)
    }

    /// Has it written, unless it is too large or too much waits already.
    pub fn write(&self, key: Key, entry: Arc<Entry>) {
        let bytes = folder::room(&entry);
        if bytes <= self.limit / 4 {
            self.lull.put_off();
            self.queue(Job::Write { key, entry, used: SystemTime::now() }, bytes);
        }
    }

    /// Has it marked as used then, unless too much waits.
    pub fn touch(&self, key: Key, used: SystemTime) {
        self.queue(Job::Touch { key, used }, 0);
    }

    /// From now on nothing is put off.
    pub fn hurry(&self) {
        self.lull.hurry();
    }

    /// Waits until no job is left. From now on none is put off.
    pub async fn settled(&self) {
        self.hurry();
        // The sender lives as long as we do, so this does not fail.
        let _ = self.waiting.subscribe().wait_for(|backlog| backlog.jobs == 0).await;
    }

    fn queue(&self, job: Job, bytes: u64) {
        let has_room = self.waiting.send_if_modified(|backlog| {
            // One that is larger than the bound by itself may wait alone.
            let has_room = backlog.jobs < MOST_WRITES && (backlog.bytes == 0 || backlog.bytes + bytes <= MOST_BYTES);
            if has_room {
                backlog.jobs += 1;
                backlog.bytes += bytes;
            }
            has_room
        });
        if has_room {
            let waiting = Waiting { backlog: Arc::clone(&self.waiting), bytes };
            // A thread that is gone takes nothing, and the error gives the place back.
            let _ = self.jobs.send((job, waiting));
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.hurry();
    }
}

impl Lull {
    fn new() -> Self {
        Self { state: Mutex::new(Pace::Since(Instant::now())), hurried: Condvar::new() }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put_off(&self) {
        if let Pace::Since(moment) = &mut *self.pace() {
            *moment = Instant::now();
        }
    }

    fn hurry(&self) {
        *self.pace() = Pace::Hurried;
        self.hurried.notify_all();
    }

    /// Returns when it is quiet, in a hurry, or after [`EVERY`].
    fn wait(&self) {
        let latest = Instant::now() + EVERY;
        let mut pace = self.pace();
        while let Pace::Since(moment) = *pace
            && let Some(left) = latest.min(moment + QUIET).checked_duration_since(Instant::now())
            && !left.is_zero()
        {
            pace = self.hurried.wait_timeout(pace, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.backlog.send_modify(|backlog| {
            backlog.jobs -= 1;
            backlog.bytes -= self.bytes;
        });
    }
}

/// What the thread knows. Others may write and remove too, so its count is a guess between two of [`Writer::count`].
struct Writer {
    folder: Arc<Folder>,
    limit: u64,
    memory: Arc<Memory>,
    lull: Arc<Lull>,
    bytes: Arc<AtomicU64>,
    since_count: u64,
}

impl Writer {
    fn work(mut self, work: &mpsc::Receiver<(Job, Waiting)>) {
        while let Ok((job, _waiting)) = work.recv() {
            match job {
                Job::Count => self.count(self.limit),
                Job::Write { key, entry, used } => {
                    self.lull.wait();
                    self.write(&key, &entry, used);
                }
                Job::Touch { key, used } => self.folder.touch(&key, used),
            }
        }
    }

    fn write(&mut self, key: &Key, entry: &Entry, used: SystemTime) {
        let room = folder::room(entry);
        if self.bytes() + room > self.limit || self.since_count + room > self.limit / 8 {
            self.count(self.limit - room);
        }
        if self.bytes() + room > self.limit {
            // What others are writing takes the room, or nothing can be removed, which was warned of.
            return;
        }
        match self.folder.write(key, entry, used) {
            Ok(()) => {
                self.bytes.fetch_add(room, Ordering::Relaxed);
                self.since_count += room;
            }
            Err(error) => self.folder.warn_of_failure("write", &error),
        }
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Counts, and makes room where there is more than `bound`.
    fn count(&mut self, bound: u64) {
        self.since_count = 0;
        // Whoever is in memory is found there, and its file's mtime tells nothing.
        match self.folder.trim(bound, &self.memory.used()) {
            Ok(bytes) => self.bytes.store(bytes, Ordering::Relaxed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.bytes.store(0, Ordering::Relaxed),
            Err(error) => self.folder.warn_of_failure("count", &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tier whose thread never comes.
    fn idle(folder: &Path) -> (Disk, mpsc::Receiver<(Job, Waiting)>) {
        let limit = 1 << 30;
        let (jobs, work) = mpsc::channel();
        let folder = Arc::new(Folder::open(folder, limit).unwrap());
        (
            Disk { folder, limit, jobs, waiting: Arc::default(), lull: Arc::new(Lull::new()), bytes: Arc::default() },
            work,
        )
    }

    fn entry(told: usize) -> Arc<Entry> {
        Arc::new(Entry { told: vec![0; told], program: None })
    }

    #[tokio::test]
    async fn what_waits_is_bounded_and_the_rest_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let (disk, work) = idle(folder.path());
        let key = Key::of([b"one"]);
        for _ in 0..2 * MOST_WRITES {
            disk.write(key, entry(0));
        }
        disk.touch(key, SystemTime::now());
        assert_eq!(work.try_iter().count(), MOST_WRITES, "all are given back when they are taken");
        disk.settled().await;

        let part = usize::try_from(MOST_BYTES / 4).unwrap();
        for _ in 0..10 {
            disk.write(key, entry(part));
        }
        assert_eq!(work.try_iter().count(), 3, "the fourth needs a little more than a quarter");
        for _ in 0..3 {
            disk.write(key, entry(5 * part));
        }
        assert_eq!(work.try_iter().count(), 1, "a large one waits alone");
    }

    /// The pauses are half of a lull, so that a slow machine makes some of them too long and no more.
    #[test]
    fn nothing_is_written_until_it_is_quiet_or_somebody_waits() {
        let lull = Lull::new();
        let began = Instant::now();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                lull.wait();
                began.elapsed()
            });
            thread::sleep(QUIET / 2);
            lull.put_off();
            assert!(waiting.join().unwrap() >= QUIET);
            lull.put_off();
            let waiting = scope.spawn(|| lull.wait());
            lull.hurry();
            waiting.join().unwrap();
            lull.put_off();
            lull.wait();
        });
    }

    #[tokio::test]
    async fn a_thread_that_is_gone_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let (disk, work) = idle(folder.path());
        disk.write(Key::of([b"one"]), entry(1));
        drop(work);
        disk.write(Key::of([b"two"]), entry(1));
        disk.settled().await;
    }
}
