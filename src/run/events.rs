//! Events on their way out.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::protocol::{Event, Stamped};

/// Numbers and times events on their way out.
#[derive(Debug)]
pub struct Events {
    out: mpsc::Sender<Stamped>,
    accepted: Instant,
    seq: u64,
}

impl Events {
    /// Events of a request that is accepted now.
    pub fn new(out: mpsc::Sender<Stamped>) -> Self {
        Self { out, accepted: Instant::now(), seq: 0 }
    }

    /// Where they go.
    pub fn out(&self) -> mpsc::Sender<Stamped> {
        self.out.clone()
    }

    /// Gives an event its place and time.
    pub fn stamp(&mut self, event: Event) -> Stamped {
        let seq = self.seq;
        self.seq += 1;
        Stamped { seq, t_ms: millis(self.accepted.elapsed()), event }
    }

    /// Sends an event, waiting for room. A client that is gone is noticed by [`mpsc::Sender::closed`], not here.
    pub async fn send(&mut self, event: Event) {
        let stamped = self.stamp(event);
        let _ = self.out.send(stamped).await;
    }
}

/// Whole milliseconds.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
