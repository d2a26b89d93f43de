//! Cells prepared before a run asks for them. Each is used once; another is prepared in its place when it is gone, so
//! that preparing never competes with the run it was for.
//!
//! What the pool holds follows what is asked for: a cell of a kind that was not there is prepared on the spot, and its
//! place is then filled with the same kind, for which the one that has waited longest goes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Cell, Error, Sandbox};
use crate::spec::CellSpec;

/// A bounded number of prepared cells. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool {
    sandbox: Sandbox,
    shelf: Arc<Mutex<Shelf>>,
}

/// What a pool holds now, and what became of its cells since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolCounts {
    /// Cells that wait or are being prepared may not be more than this.
    pub capacity: usize,
    /// Cells that wait.
    pub idle: usize,
    /// Cells that are being prepared in the background.
    pub preparing: usize,
    /// Cells that were prepared in the background.
    pub prepared: u64,
    /// Cells that were waiting when they were asked for.
    pub taken: u64,
    /// Cells that were made while somebody waited for them.
    pub made_on_the_spot: u64,
    /// Cells that died while they waited.
    pub died: u64,
    /// Cells that were given up for another kind.
    pub evicted: u64,
    /// Cells that could not be prepared in the background.
    pub failed: u64,
}

#[derive(Debug)]
struct Shelf {
    /// But for `idle`, which the list knows.
    counts: PoolCounts,
    /// The longest waiting first.
    idle: VecDeque<(Arc<CellSpec>, Cell)>,
}

/// The promise to prepare another cell when this one is gone.
#[derive(Debug)]
pub(super) struct Place {
    pool: Pool,
    spec: Arc<CellSpec>,
}

/// How long the set-up of a cell in the background may take.
const PATIENCE: Duration = Duration::from_secs(30);

impl Pool {
    /// An empty pool for at most `capacity` prepared cells.
    #[must_use]
    pub fn new(sandbox: Sandbox, capacity: usize) -> Self {
        Self { sandbox, shelf: Arc::new(Mutex::new(Shelf::new(capacity))) }
    }

    /// The sandbox under it.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// What it holds and what became of its cells.
    #[must_use]
    pub fn counts(&self) -> PoolCounts {
        let shelf = self.shelf();
        PoolCounts { idle: shelf.idle.len(), ..shelf.counts }
    }

    /// Has `count` cells prepared in the background, as far as there is room.
    pub fn warm(&self, spec: &CellSpec, count: usize) {
        let spec = Arc::new(spec.clone());
        for _ in 0..count {
            let reserved = self.shelf().reserve();
            if reserved {
                self.prepare(Arc::clone(&spec));
            }
        }
    }

    /// A prepared cell, from the shelf or made now, which may take `within`.
    ///
    /// # Errors
    /// When the host lacks what a sandbox needs, or a step of the set-up fails or takes too long.
    pub async fn take(&self, spec: &CellSpec, within: Duration) -> Result<Cell, Error> {
        while let Some((spec, cell)) = self.idle(spec) {
            let place = Place { pool: self.clone(), spec };
            // One that died while it waited is dropped, and another prepared in its place.
            if cell.is_waiting() {
                self.shelf().counts.taken += 1;
                return Ok(cell.with_place(place));
            }
            self.shelf().counts.died += 1;
        }
        self.shelf().counts.made_on_the_spot += 1;
        let cell = self.sandbox.cell(spec, within).await?;
        Ok(cell.with_place(Place { pool: self.clone(), spec: Arc::new(spec.clone()) }))
    }

    fn idle(&self, spec: &CellSpec) -> Option<(Arc<CellSpec>, Cell)> {
        self.shelf().remove(spec)
    }

    /// Fills a place that was reserved.
    fn prepare(&self, spec: Arc<CellSpec>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            self.shelf().counts.preparing -= 1;
            return;
        };
        let pool = self.clone();
        runtime.spawn(async move {
            let made = pool.sandbox.cell(&spec, PATIENCE).await;
            let mut shelf = pool.shelf();
            shelf.counts.preparing -= 1;
            match made {
                Ok(cell) => {
                    shelf.counts.prepared += 1;
                    shelf.idle.push_back((spec, cell));
                }
                // The run that would have used it will meet the same failure and tell it.
                Err(error) => {
                    shelf.counts.failed += 1;
                    tracing::warn!(%error, "a cell could not be prepared ahead");
                }
            }
        });
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn new(capacity: usize) -> Self {
        Self { counts: PoolCounts { capacity, ..PoolCounts::default() }, idle: VecDeque::new() }
    }

    /// Counts one more as being prepared, if there is room for it.
    fn reserve(&mut self) -> bool {
        let has_room = self.idle.len() + self.counts.preparing < self.counts.capacity;
        self.counts.preparing += usize::from(has_room);
        has_room
    }

    fn remove(&mut self, spec: &CellSpec) -> Option<(Arc<CellSpec>, Cell)> {
        let index = self.idle.iter().position(|(idle, _)| **idle == *spec)?;
        self.idle.remove(index)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut shelf = self.pool.shelf();
        let mut reserved = shelf.reserve();
        let evicted = if reserved { None } else { shelf.idle.pop_front() };
        if evicted.is_some() {
            shelf.counts.evicted += 1;
            reserved = shelf.reserve();
        }
        drop(shelf);
        drop(evicted);
        if reserved {
            self.pool.prepare(Arc::clone(&self.spec));
        }
    }
}
