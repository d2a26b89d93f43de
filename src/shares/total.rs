//! The bound on all shares together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use object_store::ObjectStore;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_stream::StreamExt as _;

use super::stored::{BLOCK_BYTES, blocks};

/// What is in the store is counted anew so often: others write there too.
const COUNTED_FOR: Duration = Duration::from_secs(60 * 60);

/// When there is no room, so often: an operator may have made some.
const FULL_FOR: Duration = Duration::from_secs(60);

/// Counts what a store holds, in blocks. It lists the store now and then, and in between adds what this process writes;
/// so where several write to one store, they can pass the bound by what the others write in an hour.
#[derive(Debug)]
pub struct Total {
    limit: u64,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    counted: Option<Counted>,
    /// The count under way, and what was taken since it began.
    coming: Option<watch::Receiver<Option<Result<(), String>>>>,
    taken: u64,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    blocks: u64,
    at: Instant,
}

impl Total {
    /// At most this many bytes, in whole blocks.
    pub fn new(limit_bytes: u64) -> Self {
        Self { limit: limit_bytes / BLOCK_BYTES, known: Mutex::default() }
    }

    /// Takes room for so many blocks; false when there is none.
    ///
    /// # Errors
    /// When the store cannot be listed.
    pub async fn take(self: &Arc<Self>, store: &Arc<dyn ObjectStore>, wanted: u64) -> object_store::Result<bool> {
        if !self.has_room(store, wanted).await? {
            return Ok(false);
        }
        let mut known = self.known();
        // Another may have been faster.
        let has_room = known.counted.is_some_and(|found| found.blocks + wanted <= self.limit);
        if has_room {
            known.counted.iter_mut().for_each(|found| found.blocks += wanted);
            known.taken += wanted;
        }
        Ok(has_room)
    }

    /// Whether there is room. An old count is good enough for a yes; the first who asks waits until all is counted, and
    /// so does who would be told no.
    ///
    /// # Errors
    /// When the store cannot be listed.
    pub async fn has_room(self: &Arc<Self>, store: &Arc<dyn ObjectStore>, wanted: u64) -> object_store::Result<bool> {
        let has_room = |found: &Counted| found.blocks + wanted <= self.limit;
        let mut coming = {
            let mut known = self.known();
            let has_room = known.counted.as_ref().is_some_and(has_room);
            let good_for = if has_room { COUNTED_FOR } else { FULL_FOR };
            if known.counted.is_some_and(|found| found.at.elapsed() < good_for) {
                return Ok(has_room);
            }
            let coming = match &known.coming {
                Some(coming) => coming.clone(),
                None => {
                    known.taken = 0;
                    known.coming.insert(self.count(store)).clone()
                }
            };
            if has_room {
                return Ok(true);
            }
            coming
        };
        let counted = coming.wait_for(Option::is_some).await.map(|told| told.clone());
        if let Ok(Some(Err(why))) = counted {
            return Err(object_store::Error::Generic { store: "shares", source: why.into() });
        }
        Ok(self.known().counted.as_ref().is_some_and(has_room))
    }

    /// Counts in a task of its own, since those who ask may go, and a large store takes long.
    fn count(self: &Arc<Self>, store: &Arc<dyn ObjectStore>) -> watch::Receiver<Option<Result<(), String>>> {
        let (tell, told) = watch::channel(None);
        let (total, store) = (Arc::clone(self), Arc::clone(store));
        tokio::spawn(async move {
            let found = count(&*store).await;
            let outcome = {
                let mut known = total.known();
                known.coming = None;
                found.map_err(|error| error.to_string()).map(|blocks| {
                    known.counted = Some(Counted { blocks: blocks + known.taken, at: Instant::now() });
                })
            };
            tell.send_replace(Some(outcome));
        });
        told
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn count(store: &dyn ObjectStore) -> object_store::Result<u64> {
    let mut objects = store.list(None);
    let mut sum = 0;
    while let Some(object) = objects.next().await {
        sum += blocks(object?.size);
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;
    use object_store::path::Path;
    use object_store::{ObjectStoreExt as _, PutPayload};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn room_is_taken_until_there_is_none_and_found_again() {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let put = async |name: &str, bytes: usize| {
            store.put(&Path::from(name), PutPayload::from(vec![b'x'; bytes])).await.unwrap();
        };
        put("small", 1).await;
        put("two", 4097).await;
        let total = Arc::new(Total::new(5 * BLOCK_BYTES + 1));
        assert!(!total.take(&store, 3).await.unwrap(), "three blocks are there, and five is the bound");
        assert!(total.has_room(&store, 2).await.unwrap() && total.take(&store, 2).await.unwrap());
        assert!(!total.take(&store, 1).await.unwrap());
        // What was taken was never written, which shows when it is counted anew.
        tokio::time::advance(FULL_FOR).await;
        assert!(total.take(&store, 1).await.unwrap());
        store.delete(&Path::from("two")).await.unwrap();
        assert!(!total.take(&store, 3).await.unwrap());
        tokio::time::advance(FULL_FOR).await;
        assert!(total.take(&store, 3).await.unwrap());
    }

    /// A large store takes longer to list than anybody waits.
    #[tokio::test]
    async fn a_count_outlives_who_asked_for_it() {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let total = Arc::new(Total::new(BLOCK_BYTES));
        tokio::select! {
            biased;
            _ = total.has_room(&store, 1) => panic!("it did not wait"),
            () = std::future::ready(()) => {}
        }
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(total.known().counted.is_some() && total.known().coming.is_none());
    }
}
