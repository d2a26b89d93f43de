//! Who may run now. A permit is a value: it exists only when it was given, and is given back when it is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::protocol::Refusal;

/// How many run at once, and how many may wait.
#[derive(Clone, Debug)]
pub struct Admission {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    queue: usize,
}

/// A place in the queue, or already beyond it.
#[derive(Debug)]
pub struct Ticket {
    admission: Admission,
    /// How many are ahead, this one included; 0 when there was room at once.
    pub position: usize,
    held: Option<OwnedSemaphorePermit>,
}

/// The right to run. To be dropped only when the run's last process is reaped.
#[derive(Debug)]
pub struct Permit {
    _place: OwnedSemaphorePermit,
}

/// When a client that was turned away may try again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Admission {
    /// `places` runs at once, `queue` more may wait.
    pub fn new(places: usize, queue: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), waiting: Arc::default(), queue }
    }

    /// Joins the queue.
    ///
    /// # Errors
    /// [`Refusal::NoRoom`] when it is full.
    pub fn enter(&self) -> Result<Ticket, Refusal> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(Ticket { admission: self.clone(), position: 0, held: Some(place) });
        }
        let ahead = self.waiting.fetch_add(1, Ordering::AcqRel);
        // Made before the check, so that its drop undoes the count.
        let ticket = Ticket { admission: self.clone(), position: ahead + 1, held: None };
        if ahead >= self.queue {
            return Err(Refusal::NoRoom { retry_after: RETRY_AFTER });
        }
        Ok(ticket)
    }
}

impl Ticket {
    /// Waits for its turn.
    pub async fn admit(mut self) -> Permit {
        let place = match self.held.take() {
            Some(place) => place,
            None => {
                let places = Arc::clone(&self.admission.places);
                places.acquire_owned().await.expect("the semaphore is never closed")
            }
        };
        Permit { _place: place }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.position > 0 {
            self.admission.waiting.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn refusals_mint_no_capacity() {
        let admission = Admission::new(1, 1);
        let first = admission.enter().unwrap().admit().await;
        let second = admission.enter().unwrap();
        assert_eq!(second.position, 1);
        for _ in 0..5 {
            assert!(matches!(admission.enter(), Err(Refusal::NoRoom { .. })));
        }
        drop(first);
        let second = second.admit().await;
        assert!(admission.enter().is_ok_and(|ticket| ticket.position == 1), "a place was taken twice");
        drop(second);
        assert!(admission.enter().is_ok_and(|ticket| ticket.position == 0));
    }
}
