//! How runs learn that the service is about to end, and how it learns that the last of them is over.
//!
//! It goes one way, in two steps. From the first on nothing new is taken, and what waits for its turn is over; what has
//! begun may end by itself. From the second on that is over too. Each run, and whatever else must not be cut in the
//! middle, holds an [`InFlight`] until it has told its last event.

use tokio::sync::watch;

/// Who says when to stop. Clones are one.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(watch::Sender<Phase>);

/// Work that the service waits for. Clones count on their own.
#[derive(Clone, Debug)]
pub struct InFlight(watch::Receiver<Phase>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    #[default]
    Serving,
    Draining,
    Ending,
}

impl Shutdown {
    /// Takes up work; `None` when nothing new is taken any more.
    pub fn enter(&self) -> Option<InFlight> {
        // Counted first: whoever sees no new phase is waited for.
        let in_flight = InFlight(self.0.subscribe());
        (!self.has_begun()).then_some(in_flight)
    }

    /// Whether nothing new is taken any more.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow() > Phase::Serving
    }

    /// Nothing new from now on, and what waits is over.
    pub fn begin(&self) {
        self.advance(Phase::Draining);
    }

    /// All that is in flight is to end now.
    pub fn end(&self) {
        self.advance(Phase::Ending);
    }

    /// Waits until nothing is in flight.
    pub async fn drained(&self) {
        self.0.closed().await;
    }

    fn advance(&self, to: Phase) {
        self.0.send_if_modified(|phase| {
            let is_later = to > *phase;
            *phase = to.max(*phase);
            is_later
        });
    }
}

impl InFlight {
    /// Waits until nothing new is taken: what has not begun yet is over. Cancel-safe.
    pub async fn draining(&mut self) {
        self.reaches(Phase::Draining).await;
    }

    /// Waits until all is to end. Cancel-safe.
    pub async fn ending(&mut self) {
        self.reaches(Phase::Ending).await;
    }

    /// Whether nothing new is taken any more.
    pub fn is_draining(&self) -> bool {
        *self.0.borrow() > Phase::Serving
    }

    async fn reaches(&mut self, wanted: Phase) {
        if self.0.wait_for(|phase| *phase >= wanted).await.is_err() {
            // Whoever could say so is gone without a word, as a command is that does one run.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn is_done(future: impl Future<Output = ()>) -> bool {
        pin!(future).poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    #[test]
    fn it_goes_one_way() {
        let shutdown = Shutdown::default();
        let mut before = shutdown.enter().expect("taken");
        assert!(!is_done(before.draining()));
        shutdown.begin();
        assert!(shutdown.enter().is_none(), "taken after the begin");
        assert!(is_done(before.draining()) && !is_done(before.ending()));
        shutdown.end();
        shutdown.begin();
        assert!(is_done(before.ending()));
    }

    #[test]
    fn the_last_is_waited_for() {
        let shutdown = Shutdown::default();
        let first = shutdown.enter().expect("taken");
        let second = first.clone();
        shutdown.begin();
        drop(first);
        assert!(!is_done(shutdown.drained()));
        drop(second);
        assert!(is_done(shutdown.drained()));
    }
}
