//! How many cells there were, and how many there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Cells and zygotes since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SandboxCounts {
    /// Cells that the zygote has made.
    pub cells_made: u64,
    /// Cells that were let go of or reaped.
    pub cells_ended: u64,
    /// Zygotes that were started in the place of one that died.
    pub zygotes_replaced: u64,
}

/// Counts as they change.
#[derive(Debug, Default)]
pub(super) struct Lives {
    made: AtomicU64,
    ended: AtomicU64,
    replaced: AtomicU64,
}

/// Counts one cell until it is dropped.
#[derive(Debug)]
pub(super) struct Life(Arc<Lives>);

impl Lives {
    pub fn counts(&self) -> SandboxCounts {
        // What has ended was made before: read in this order, never more have ended than were made.
        let cells_ended = self.ended.load(Ordering::Acquire);
        SandboxCounts {
            cells_made: self.made.load(Ordering::Acquire),
            cells_ended,
            zygotes_replaced: self.replaced.load(Ordering::Relaxed),
        }
    }

    pub fn replaced(&self) {
        self.replaced.fetch_add(1, Ordering::Relaxed);
    }
}

impl Life {
    pub fn begin(lives: &Arc<Lives>) -> Self {
        lives.made.fetch_add(1, Ordering::Release);
        Self(Arc::clone(lives))
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Release);
    }
}
