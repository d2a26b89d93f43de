//! Events on their way out.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::Stream;

use crate::protocol::{Event, Stamped};

/// How long a client may take to make room for an event, and after the deadline to read what is left, before the place
/// is given to another.
pub const DRAIN: Duration = Duration::from_secs(5);

/// What a run tells, up to its exit event. Dropping it ends the run.
#[derive(Debug)]
pub struct Told(Source);

#[derive(Debug)]
enum Source {
    Whole(std::vec::IntoIter<Stamped>),
    Live(mpsc::Receiver<Stamped>),
}

impl Told {
    /// Everything is known already.
    pub fn whole(events: Vec<Stamped>) -> Self {
        Self(Source::Whole(events.into_iter()))
    }

    /// As it happens.
    pub fn live(events: mpsc::Receiver<Stamped>) -> Self {
        Self(Source::Live(events))
    }

    /// The next event; `None` after the last. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Stamped> {
        std::future::poll_fn(|context| self.poll_recv(context)).await
    }

    fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<Stamped>> {
        match &mut self.0 {
            Source::Whole(events) => Poll::Ready(events.next()),
            Source::Live(events) => events.poll_recv(context),
        }
    }
}

impl Stream for Told {
    type Item = Stamped;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Stamped>> {
        self.poll_recv(context)
    }
}

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

    /// Sends an event, waiting for room as long as the client is there. Returns whether it was sent.
    pub async fn send_patiently(&mut self, event: Event) -> bool {
        let out = self.out.clone();
        let place = out.reserve().await;
        place.map(|place| place.send(self.stamp(event))).is_ok()
    }

    /// Sends an event, waiting for room, but not for ever: a client that does not read keeps no place, and misses it.
    /// Returns whether it was sent.
    pub async fn send(&mut self, event: Event) -> bool {
        let out = self.out.clone();
        match tokio::time::timeout(DRAIN, out.reserve()).await {
            Ok(Ok(place)) => {
                place.send(self.stamp(event));
                true
            }
            _ => false,
        }
    }
}

/// Whole milliseconds.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Stream;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_keeps_nothing_and_no_number_is_lost() {
        let (out, mut told) = mpsc::channel(1);
        let mut events = Events::new(out);
        for text in ["first", "missed"] {
            events.send(Event::output(Stream::Stdout, text.to_owned())).await;
        }
        assert_eq!(told.recv().await.unwrap().seq, 0);
        events.send(Event::output(Stream::Stdout, "second".to_owned())).await;
        assert_eq!(told.recv().await.unwrap().seq, 1);
    }
}
