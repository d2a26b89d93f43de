//! How many sockets are open. A connection that has become a socket is none of HTTP's connections any more, so it is
//! counted here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::protocol::Refusal;
use crate::run::Client;

/// Who has sockets open.
#[derive(Debug)]
pub struct Places {
    most: usize,
    open: Arc<Mutex<HashMap<Client, usize>>>,
}

/// An open socket's place.
#[derive(Debug)]
pub struct Place {
    client: Client,
    open: Arc<Mutex<HashMap<Client, usize>>>,
}

/// The most sockets of one client. A browser has one for each page of slides.
const OF_CLIENT: usize = 8;

/// When it is worth trying again.
const RETRY: Duration = Duration::from_secs(5);

impl Places {
    /// At most so many at a time.
    pub fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// Takes a place, until the value is dropped.
    ///
    /// # Errors
    /// When the client or all together have as many as they may.
    pub fn enter(&self, client: Client) -> Result<Place, Refusal> {
        let mut open = lock(&self.open);
        if open.values().sum::<usize>() >= self.most {
            return Err(Refusal::NotYet {
                detail: "no more sockets can be opened now".to_owned(),
                retry_after: RETRY,
            });
        }
        let of_client = open.entry(client).or_default();
        if *of_client >= OF_CLIENT {
            return Err(Refusal::TooFast { rate: format!("{OF_CLIENT} sockets at a time"), retry_after: RETRY });
        }
        *of_client += 1;
        Ok(Place { client, open: Arc::clone(&self.open) })
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
        assert!(matches!(places.enter(client(1)), Err(Refusal::TooFast { .. })));
        let other = places.enter(client(2)).unwrap();
        assert!(matches!(places.enter(client(3)), Err(Refusal::NotYet { .. })));
        drop(other);
        own.pop();
        assert!(places.enter(client(3)).is_ok() && places.enter(client(1)).is_ok());
        drop(own);
        assert!(lock(&places.open).is_empty());
    }
}
