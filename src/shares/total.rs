//! The bound on all shares together.

use std::time::Duration;

use object_store::ObjectStore;
use tokio::sync::Mutex;
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
    counted: Mutex<Option<Counted>>,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    blocks: u64,
    at: Instant,
}

impl Total {
    /// At most this many bytes, in whole blocks.
    pub fn new(limit_bytes: u64) -> Self {
        Self { limit: limit_bytes / BLOCK_BYTES, counted: Mutex::default() }
    }

    /// Takes room for so many blocks; false when there is none. The first who asks waits until all is counted.
    ///
    /// # Errors
    /// When the store cannot be listed.
    pub async fn take(&self, store: &dyn ObjectStore, wanted: u64) -> object_store::Result<bool> {
        let mut counted = self.counted.lock().await;
        let has_room = |found: &Counted| found.blocks + wanted <= self.limit;
        let is_known = |found: &Counted| found.at.elapsed() < if has_room(found) { COUNTED_FOR } else { FULL_FOR };
        let mut found = match *counted {
            Some(found) if is_known(&found) => found,
            _ => Counted { blocks: count(store).await?, at: Instant::now() },
        };
        let has_room = has_room(&found);
        if has_room {
            found.blocks += wanted;
        }
        *counted = Some(found);
        Ok(has_room)
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
        let store = InMemory::new();
        let put = async |name: &str, bytes: usize| {
            store.put(&Path::from(name), PutPayload::from(vec![b'x'; bytes])).await.unwrap();
        };
        put("small", 1).await;
        put("two", 4097).await;
        let total = Total::new(5 * BLOCK_BYTES + 1);
        assert!(!total.take(&store, 3).await.unwrap(), "three blocks are there, and five is the bound");
        assert!(total.take(&store, 2).await.unwrap());
        assert!(!total.take(&store, 1).await.unwrap());
        // What was taken was never written, which shows when it is counted anew.
        tokio::time::advance(FULL_FOR).await;
        assert!(total.take(&store, 1).await.unwrap());
        store.delete(&Path::from("two")).await.unwrap();
        assert!(!total.take(&store, 3).await.unwrap());
        tokio::time::advance(FULL_FOR).await;
        assert!(total.take(&store, 3).await.unwrap());
    }
}
