//! How many sockets are open. A connection that has become a socket is none of HTTP's connections any more, so it is
//! counted here.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::per_client::{PerClient, Share};
use crate::protocol::Refusal;
use crate::run::Client;

/// Room for sockets.
#[derive(Debug)]
pub struct Places {
    all: Arc<Semaphore>,
    of_clients: PerClient,
}

/// An open socket's place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_client: Share,
}

/// The most sockets of one client. A browser has one for each page of slides.
const OF_CLIENT: usize = 8;

/// When it is worth trying again.
const RETRY: Duration = Duration::from_secs(5);

impl Places {
    /// At most so many at a time.
    pub fn new(most: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(most)), of_clients: PerClient::new(OF_CLIENT) }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// When the client or all together have as many as they may.
    pub fn enter(&self, client: Client) -> Result<Place, Refusal> {
        let of_client = self
            .of_clients
            .take(client)
            .ok_or_else(|| Refusal::TooFast { rate: format!("{OF_CLIENT} sockets at a time"), retry_after: RETRY })?;
        let of_all = Arc::clone(&self.all).try_acquire_owned().map_err(|_| Refusal::NotYet {
            detail: "no more sockets can be opened now".to_owned(),
            retry_after: RETRY,
        })?;
        Ok(Place { _of_all: of_all, _of_client: of_client })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u8) -> Client {
        Client::at([127, 0, 0, number].into())
    }

    #[test]
    fn who_has_all_of_its_own_is_told_apart_from_a_full_service() {
        let places = Places::new(OF_CLIENT + 1);
        let mut own: Vec<_> = (0..OF_CLIENT).map(|_| places.enter(client(1)).unwrap()).collect();
        assert!(matches!(places.enter(client(1)), Err(Refusal::TooFast { .. })));
        let other = places.enter(client(2)).unwrap();
        assert!(matches!(places.enter(client(3)), Err(Refusal::NotYet { .. })));
        drop(other);
        own.pop();
        assert!(places.enter(client(3)).is_ok() && places.enter(client(1)).is_ok());
    }
}
