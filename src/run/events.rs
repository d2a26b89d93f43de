//! Events on their way out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::Stream;

use super::shutdown::InFlight;
use crate::protocol::{Event, Stamped};

/// How long a client may take to make room for an event, and after the deadline to read what is left, before the place
/// is given to another.
pub const DRAIN: Duration = Duration::from_secs(5);

/// What a run tells, up to its exit event. Dropping it ends the run.
#[derive(Debug)]
pub struct Told(Source);

#[derive(Debug)]
enum Source {
    Whole(Arc<[Stamped]>, usize),
    Live(mpsc::Receiver<Box<Stamped>>),
}

impl Told {
    /// Everything is known already.
    pub fn whole(events: Arc<[Stamped]>) -> Self {
        Self(Source::Whole(events, 0))
    }

    /// As it happens.
    pub fn live(events: mpsc::Receiver<Box<Stamped>>) -> Self {
        Self(Source::Live(events))
    }

    /// All events, if everything is known already and none was told.
    ///
    /// # Errors
    /// What is told, unchanged, if it happens only now.
    pub fn all(self) -> Result<Arc<[Stamped]>, Self> {
        match self.0 {
            Source::Whole(events, 0) => Ok(events),
            Source::Whole(..) | Source::Live(_) => Err(self),
        }
    }

    /// The next event; `None` after the last. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Stamped> {
        std::future::poll_fn(|context| self.poll_recv(context)).await
    }

    fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<Stamped>> {
        match &mut self.0 {
            Source::Whole(events, next) => {
                let event = events.get(*next).cloned();
                *next += 1;
                Poll::Ready(event)
            }
            Source::Live(events) => events.poll_recv(context).map(|event| event.map(|event| *event)),
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
    out: mpsc::Sender<Box<Stamped>>,
    in_flight: Option<InFlight>,
    accepted: Instant,
    seq: u64,
}

/// How long a run may go on: while there is somebody to be told, and the service does not end it.
#[derive(Clone, Debug)]
pub struct Lease {
    out: mpsc::Sender<Box<Stamped>>,
    in_flight: Option<InFlight>,
}

impl Lease {
    /// Waits until a run that is at work is to end. Cancel-safe.
    pub async fn ends(&mut self) {
        match &mut self.in_flight {
            Some(in_flight) => tokio::select! {
                () = self.out.closed() => {}
                () = in_flight.ending() => {}
            },
            None => self.out.closed().await,
        }
    }

    /// Waits until a run that has not begun yet is over. Cancel-safe.
    pub async fn ends_in_queue(&mut self) {
        match &mut self.in_flight {
            Some(in_flight) => tokio::select! {
                () = self.out.closed() => {}
                () = in_flight.draining() => {}
            },
            None => self.out.closed().await,
        }
    }
}

impl Events {
    /// Events of what begins now, which goes on as long as they are listened to.
    pub fn new(out: mpsc::Sender<Box<Stamped>>) -> Self {
        Self { out, in_flight: None, accepted: Instant::now(), seq: 0 }
    }

    /// Events of a run that is accepted now, and that the service waits for when it stops.
    pub fn in_flight(out: mpsc::Sender<Box<Stamped>>, in_flight: InFlight) -> Self {
        Self { in_flight: Some(in_flight), ..Self::new(out) }
    }

    /// How long this may go on.
    pub fn lease(&self) -> Lease {
        Lease { out: self.out.clone(), in_flight: self.in_flight.clone() }
    }

    /// Whether the service is about to end.
    pub fn is_draining(&self) -> bool {
        self.in_flight.as_ref().is_some_and(InFlight::is_draining)
    }

    /// Where they go.
    pub fn out(&self) -> mpsc::Sender<Box<Stamped>> {
        self.out.clone()
    }

    /// Gives an event its place and time. In a box, since a channel has room for many from the first on.
    pub fn stamp(&mut self, event: Event) -> Box<Stamped> {
        let seq = self.seq;
        self.seq += 1;
        Box::new(Stamped { seq, t_ms: millis(self.accepted.elapsed()), event })
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
