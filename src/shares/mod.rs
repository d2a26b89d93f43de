//! Code that readers share: kept under the beginning of its own hash, for good, until the operator deletes it.
//!
//! A share is what `POST /api/v1/runs` takes, written in one canonical form. Its id is the beginning of that form's
//! SHA-256, so the same content has the same link, whoever shares it. An object is written only where there is none
//! ("put if absent"), as a whole, and never changed but for one thing: a deletion puts a tombstone in its place, which
//! names the hash of what was there, so that the same content finds it and is refused. Who reads an object hashes it
//! again, so that a damaged one is never taken for a share. Any number of services and commands may use one store.
//!
//! Two contents whose hashes begin alike are told apart by the whole hash: the second gets a longer id.

pub mod id;
pub mod place;
pub mod stored;
mod total;

use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions};
use tokio_stream::{Stream, StreamExt as _};

use crate::protocol::Body;
use id::Id;
use stored::{Draft, MAX_OBJECT_BYTES, Stored};
use total::Total;

/// All that were shared.
#[derive(Clone, Debug)]
pub struct Shares {
    store: Arc<dyn ObjectStore>,
    total: Arc<Total>,
}

/// What is known of content before it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Sought {
    /// It was shared before, under this id.
    There(Id),
    /// It was, and the operator deleted it.
    Deleted,
    /// It would get this id.
    Free(Id),
}

/// What became of content that was to be kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// It has this id now.
    New(Id),
    /// It was shared before, under this id.
    There(Id),
    /// It was, and the operator deleted it.
    Deleted,
    /// All shares together would take more than the operator allows.
    Full,
}

/// What is under an id.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A share.
    Share {
        /// As data.
        body: Box<Body>,
        /// As JSON, just as it is stored.
        json: Vec<u8>,
    },
    /// Nothing any more: the operator deleted it.
    Deleted,
    /// Nothing.
    Missing,
}

/// What a deletion found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// A share, which is deleted now.
    Done,
    /// A tombstone.
    Before,
    /// An object that was damaged. It is removed, and since nobody can say what it was, no tombstone is left.
    Damaged,
    /// Nothing.
    Missing,
}

/// Why a store cannot do what is asked of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not answer, or is full.
    #[error("the store of shares fails: {0}")]
    Store(#[from] object_store::Error),
    /// What it has under an id is not what was put there.
    #[error("the share {0} is damaged in the store; `underhood shares delete {0}` removes it")]
    Damaged(Id),
    /// Two contents have the same hash, which nobody has seen yet.
    #[error("two shares have the same SHA-256")]
    SameHash,
}

impl Shares {
    /// Those of a store that may hold so many bytes, counted in blocks.
    pub fn new(store: Arc<dyn ObjectStore>, total_bytes: u64) -> Self {
        Self { store, total: Arc::new(Total::new(total_bytes)) }
    }

    /// Looks for content. Nothing is written.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn seek(&self, draft: &Draft) -> Result<Sought, Error> {
        for id in draft.digest().ids() {
            match self.read(&id).await? {
                None => return Ok(Sought::Free(id)),
                Some(stored) if stored.digest() != draft.digest() => {}
                Some(Stored::Share { .. }) => return Ok(Sought::There(id)),
                Some(Stored::Deleted(_)) => return Ok(Sought::Deleted),
            }
        }
        Err(Error::SameHash)
    }

    /// Whether content of this size can be kept besides all else.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn has_room(&self, draft: &Draft) -> Result<bool, Error> {
        Ok(self.total.has_room(&self.store, draft.blocks()).await?)
    }

    /// Keeps content under the id that [`Shares::seek`] found to be free, unless someone was faster.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep(&self, draft: &Draft, free: Id) -> Result<Kept, Error> {
        if !self.total.take(&self.store, draft.blocks()).await? {
            return Ok(Kept::Full);
        }
        let mut id = free;
        loop {
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            match self.store.put_opts(&path(&id), draft.payload(), options).await {
                Ok(_) => return Ok(Kept::New(id)),
                // With the same, or with another that begins alike.
                Err(object_store::Error::AlreadyExists { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            id = match self.seek(draft).await? {
                Sought::There(id) => return Ok(Kept::There(id)),
                Sought::Deleted => return Ok(Kept::Deleted),
                Sought::Free(id) => id,
            };
        }
    }

    /// What is under an id.
    ///
    /// # Errors
    /// When the store fails, or has something else there than was put.
    pub async fn get(&self, id: &Id) -> Result<Found, Error> {
        Ok(match self.read(id).await? {
            None => Found::Missing,
            Some(Stored::Deleted(_)) => Found::Deleted,
            Some(Stored::Share { body, json }) => Found::Share { body: Box::new(body), json },
        })
    }

    /// Deletes what is under an id, and leaves a tombstone: the same content cannot be shared again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, id: &Id) -> Result<Deletion, Error> {
        match self.read(id).await {
            Ok(None) => Ok(Deletion::Missing),
            Ok(Some(Stored::Deleted(_))) => Ok(Deletion::Before),
            Ok(Some(share @ Stored::Share { .. })) => {
                self.store.put(&path(id), stored::tombstone(share.digest())).await?;
                Ok(Deletion::Done)
            }
            Err(Error::Damaged(_)) => {
                self.store.delete(&path(id)).await?;
                Ok(Deletion::Damaged)
            }
            Err(error) => Err(error),
        }
    }

    /// All ids, with what the store says of their objects, in no order. Whatever else lies there is passed over.
    pub fn list(&self) -> impl Stream<Item = Result<(Id, ObjectMeta), Error>> {
        let named = |meta: ObjectMeta| Some((meta.location.as_ref().parse().ok()?, meta));
        self.store.list(None).filter_map(move |object| object.map(named).map_err(Error::from).transpose())
    }

    /// What is stored under an id. The size is looked at before anything is read.
    async fn read(&self, id: &Id) -> Result<Option<Stored>, Error> {
        let object = match self.store.get(&path(id)).await {
            Ok(object) => object,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if object.meta.size > MAX_OBJECT_BYTES as u64 {
            return Err(Error::Damaged(id.clone()));
        }
        let json = object.bytes().await?;
        Stored::read(id, json.into()).map(Some).ok_or_else(|| Error::Damaged(id.clone()))
    }
}

fn path(id: &Id) -> Path {
    Path::from(id.as_str())
}

#[cfg(test)]
#[path = "shares_tests.rs"]
mod tests;
