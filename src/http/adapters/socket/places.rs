//! How many sockets are open, and how they end with the service. A connection that has become a socket is none of HTTP's
//! connections any more, so it is counted here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::protocol::Refusal;
use crate::run::Client;

/// Who has sockets open.
#[derive(Debug)]
pub struct Places {
    most: usize,
    open: Arc<Mutex<HashMap<Client, usize>>>,
    /// True from when the service is to stop. Each open socket holds a receiver.
    stopping: watch::Sender<bool>,
}

/// An open socket's place.
#[derive(Debug)]
pub struct Place {
    client: Client,
    open: Arc<Mutex<HashMap<Client, usize>>>,
    stopping: watch::Receiver<bool>,
}

/// The most sockets of one client. A browser has one for each page of slides.
const OF_CLIENT: usize = 8;

/// When it is worth trying again.
const RETRY: Duration = Duration::from_secs(5);

/// How long sockets may take to say that the service stops.
const STOP: Duration = Duration::from_secs(3);

impl Places {
    /// At most so many at a time.
    pub fn new(most: usize) -> Self {
        Self { most, open: Arc::default(), stopping: watch::Sender::new(false) }
    }

    /// Takes a place, until the value is dropped.
    ///
    /// # Errors
    /// When the client or all together have as many as they may, or the service stops.
    pub fn enter(&self, client: Client) -> Result<Place, Refusal> {
        let mut open = lock(&self.open);
        if *self.stopping.borrow() || open.values().sum::<usize>() >= self.most {
            return Err(Refusal::NotYet { detail: "no more sockets can be opened now".to_owned(), retry_after: RETRY });
        }
        let of_client = open.entry(client).or_default();
        if *of_client >= OF_CLIENT {
            return Err(Refusal::TooMany { retry_after: RETRY });
        }
        *of_client += 1;
        Ok(Place { client, open: Arc::clone(&self.open), stopping: self.stopping.subscribe() })
    }

    /// Has all of them end.
    pub fn end(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until they have, for a short while.
    pub async fn gone(&self) {
        let _ = tokio::time::timeout(STOP, self.stopping.closed()).await;
    }
}

impl Place {
    /// Waits until the service is to stop. Cancel-safe.
    pub async fn stopping(&mut self) {
        // The sender is there as long as the service.
        let _ = self.stopping.wait_for(|stopping| *stopping).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        if let Some(of_client) = open.get_mut(&self.client) {
            *of_client -= 1;
            if *of_client == 0 {
                open.remove(&self.client);
            }
        }
    }
}

fn lock(open: &Mutex<HashMap<Client, usize>>) -> MutexGuard<'_, HashMap<Client, usize>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u8) -> Client {
        Client::at([127, 0, 0, number].into())
    }

    #[test]
    fn a_place_is_given_back_when_it_is_dropped() {
        let places = Places::new(OF_CLIENT + 1);
        let mut own: Vec<_> = (0..OF_CLIENT).map(|_| places.enter(client(1)).unwrap()).collect();
        assert!(matches!(places.enter(client(1)), Err(Refusal::TooMany { .. })));
        let other = places.enter(client(2)).unwrap();
        assert!(matches!(places.enter(client(3)), Err(Refusal::NotYet { .. })));
        drop(other);
        own.pop();
        assert!(places.enter(client(3)).is_ok() && places.enter(client(1)).is_ok());
        drop(own);
        assert!(lock(&places.open).is_empty());
    }

    #[tokio::test]
    async fn sockets_end_with_the_service() {
        let places = Places::new(2);
        let mut place = places.enter(client(1)).unwrap();
        places.end();
        place.stopping().await;
        assert!(places.enter(client(2)).is_err());
        drop(place);
        places.gone().await;
    }
}
