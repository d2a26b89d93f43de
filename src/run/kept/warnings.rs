//! Warnings of one kind, so many in a minute and no more.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(60);

/// Bounds how often something is told. A flood of damaged files must not become a flood in the log.
#[derive(Debug)]
pub(super) struct Warnings {
    in_a_window: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    began: Option<Instant>,
    told: u32,
    held_back: u64,
}

impl Warnings {
    /// At most this many in a minute.
    pub fn new(in_a_minute: u32) -> Self {
        Self { in_a_window: in_a_minute, state: Mutex::default() }
    }

    /// Whether to tell it now, and how many were held back since one was told.
    pub fn next(&self) -> Option<u64> {
        self.next_at(Instant::now())
    }

    fn next_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.began.is_none_or(|began| now.duration_since(began) >= WINDOW) {
            state.began = Some(now);
            state.told = 0;
        }
        if state.told == self.in_a_window {
            state.held_back += 1;
            return None;
        }
        state.told += 1;
        Some(std::mem::take(&mut state.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_in_a_minute_and_the_rest_is_counted() {
        let warnings = Warnings::new(2);
        let start = Instant::now();
        let told: Vec<_> = (0..5).map(|second| warnings.next_at(start + Duration::from_secs(second))).collect();
        assert_eq!(told, [Some(0), Some(0), None, None, None]);
        assert_eq!(warnings.next_at(start + WINDOW), Some(3));
        assert_eq!(warnings.next_at(start + WINDOW), Some(0));
        assert_eq!(warnings.next_at(start + WINDOW), None);
    }
}
