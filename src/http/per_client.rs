//! How many of something that lasts each client holds at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::run::Client;

/// A count for each client that holds any.
#[derive(Clone, Debug)]
pub struct PerClient {
    most: usize,
    held: Arc<Mutex<HashMap<Client, usize>>>,
}

/// One of a client's, until it is dropped.
#[derive(Debug)]
pub struct Share {
    client: Client,
    of: PerClient,
}

impl PerClient {
    /// So many for each.
    pub fn new(most: usize) -> Self {
        Self { most, held: Arc::default() }
    }

    /// One more for the client, unless it has as many as it may.
    pub fn take(&self, client: Client) -> Option<Share> {
        let mut held = self.held();
        let of_client = held.entry(client).or_default();
        if *of_client >= self.most {
            return None;
        }
        *of_client += 1;
        Some(self.share(client))
    }

    /// One more for the client in any case, in place of one that is about to be dropped.
    pub fn take_over(&self, client: Client) -> Share {
        *self.held().entry(client).or_default() += 1;
        self.share(client)
    }

    fn share(&self, client: Client) -> Share {
        Share { client, of: self.clone() }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.of.held();
        if let Some(of_client) = held.get_mut(&self.client) {
            *of_client -= 1;
            if *of_client == 0 {
                held.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_given_back_when_it_is_dropped() {
        let client = |number| Client::at([127, 0, 0, number].into());
        let shares = PerClient::new(2);
        let mut own: Vec<_> = (0..2).map(|_| shares.take(client(1)).unwrap()).collect();
        assert!(shares.take(client(1)).is_none());
        let over = shares.take_over(client(1));
        own.pop();
        assert!(shares.take(client(1)).is_none());
        drop(over);
        assert!(shares.take(client(2)).is_some());
        assert!(shares.take(client(1)).is_some());
        drop(own);
        assert!(shares.held().is_empty());
    }
}
