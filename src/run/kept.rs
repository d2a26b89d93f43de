//! Results kept by content, so that nothing is done twice.
//!
//! Two tiers, each bounded in bytes, the least recently used out first: memory, and a folder that other processes may
//! share. Nothing here is relied upon. An entry may be gone at any time, and one that is damaged on disk is dropped
//! and never served, so whoever asks must be able to make it anew.

mod disk;
mod folder;
mod format;
mod key;
mod memory;
mod warnings;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::stat::fstat;

use disk::Disk;
pub use key::Key;
use memory::Memory;

/// What is kept under a key.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Opaque here.
    pub told: Vec<u8>,
    /// The program that was linked, if one was.
    pub program: Option<Program>,
}

/// An executable that no one can change any more. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Program {
    image: Arc<OwnedFd>,
    length: u64,
}

impl Program {
    /// Takes what `sandbox::sealed_copy` or `sandbox::sealed_program` made.
    ///
    /// # Errors
    /// When it is not a memfd that is sealed against writes and changes of its length.
    pub fn new(image: OwnedFd) -> io::Result<Self> {
        let seals = SealFlag::from_bits_retain(fcntl(&image, FcntlArg::F_GET_SEALS)?);
        if !seals.contains(SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the program is not sealed"));
        }
        let length = fstat(&image)?.st_size.cast_unsigned();
        Ok(Self { image: Arc::new(image), length })
    }

    /// In bytes.
    pub fn length(&self) -> u64 {
        self.length
    }
}

/// The memfd, read-only. Its position is shared by all who have it, so read by `pread` or execute it.
impl AsFd for Program {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.image.as_fd()
    }
}

/// Bounds of the tiers. An entry that takes more than a quarter of a tier does not go there. 0 turns a tier off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptLimits {
    /// In memory, programs included.
    pub memory_bytes: u64,
    /// In the folder. Each process that shares it keeps to its own bound, and counts again after every eighth of it
    /// that it wrote, so that several together may be over by an eighth each.
    pub disk_bytes: u64,
}

/// What is kept at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptCounts {
    /// Entries in memory.
    pub memory_entries: usize,
    /// What they take.
    pub memory_bytes: u64,
    /// What the folder held when it was last counted, with what was written since; 0 before the first time.
    pub disk_bytes: u64,
    /// The bounds of both; 0 for a tier that is off or cannot be used.
    pub limits: KeptLimits,
}

/// The store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Kept(Arc<Tiers>);

#[derive(Debug)]
struct Tiers {
    memory: Arc<Memory>,
    disk: Option<Disk>,
    limits: KeptLimits,
}

impl Kept {
    /// Makes the folder where it is missing; what lies there is counted later, in a thread of its own. A folder that
    /// cannot be used is warned of, and memory alone serves.
    pub fn open(folder: Option<&Path>, limits: KeptLimits) -> Self {
        let memory = Arc::new(Memory::new(limits.memory_bytes));
        let folder = folder.filter(|_| limits.disk_bytes > 0);
        let disk = folder.and_then(|folder| {
            let opened = Disk::open(folder, limits.disk_bytes, Arc::clone(&memory));
            let warn = |error: &io::Error| {
                tracing::warn!(
                    folder = %folder.display(), %error,
                    "results are kept in memory only: make this a folder that only this user can write to, \
                     or name another",
                );
            };
            opened.inspect_err(warn).ok()
        });
        let limits = KeptLimits { disk_bytes: if disk.is_some() { limits.disk_bytes } else { 0 }, ..limits };
        Self(Arc::new(Tiers { memory, disk, limits }))
    }

    /// How much is kept. No I/O.
    pub fn counts(&self) -> KeptCounts {
        let (memory_entries, memory_bytes) = self.0.memory.counts();
        let disk_bytes = self.0.disk.as_ref().map_or(0, Disk::bytes);
        KeptCounts { memory_entries, memory_bytes, disk_bytes, limits: self.0.limits }
    }

    /// What is in memory. No I/O, so it may be called where nothing is to wait.
    pub fn at_hand(&self, key: &Key) -> Option<Arc<Entry>> {
        self.0.memory.get(key)
    }

    /// Looks in memory, then on disk, where a blocking thread of the runtime reads. Nothing of a file is used before
    /// all of it was verified. What is found is in memory afterwards, also when this future is dropped.
    ///
    /// # Panics
    /// Outside a tokio runtime, if there is a folder.
    pub async fn find(&self, key: &Key) -> Option<Arc<Entry>> {
        if let Some(entry) = self.at_hand(key) {
            return Some(entry);
        }
        self.0.disk.as_ref()?;
        let (tiers, key) = (Arc::clone(&self.0), *key);
        tokio::task::spawn_blocking(move || {
            let entry = Arc::new(tiers.disk.as_ref()?.read(&key)?);
            tiers.put(key, &entry);
            Some(entry)
        })
        .await
        .ok()?
    }

    /// Keeps an entry in the place of what had its key: in memory at once, on disk when nothing else was kept for a
    /// while, or one a second. When too much waits for that, this one is not written.
    pub fn keep(&self, key: Key, entry: Entry) {
        let entry = Arc::new(entry);
        self.0.put(key, &entry);
        if let Some(disk) = &self.0.disk {
            disk.write(key, entry);
        }
    }

    /// Has all be written as it comes from now on. For a process whose own work this is.
    pub fn hurry(&self) {
        if let Some(disk) = &self.0.disk {
            disk.hurry();
        }
    }

    /// Waits until nothing is left to be written. For a process that is about to end; one that goes on need not care.
    pub async fn settled(&self) {
        if let Some(disk) = &self.0.disk {
            disk.settled().await;
        }
    }
}

impl Tiers {
    fn put(&self, key: Key, entry: &Arc<Entry>) {
        for (gone, used) in self.memory.put(key, Arc::clone(entry)) {
            if let Some(disk) = &self.disk {
                disk.touch(gone, used);
            }
        }
    }
}

#[cfg(test)]
#[path = "kept/kept_tests.rs"]
mod tests;
