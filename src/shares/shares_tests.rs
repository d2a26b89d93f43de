//! Shares in memory and in a folder.

use object_store::memory::InMemory;

use super::place::Place;
use super::*;

const ROOM: u64 = 1 << 20;

fn draft(source: &str) -> Draft {
    Draft::new(&Body::of_source(source, "run")).unwrap()
}

/// The first id that content may have.
fn id(draft: &Draft) -> Id {
    draft.digest().ids().next().unwrap()
}

/// A store, and shares in it.
fn in_memory() -> (Arc<InMemory>, Shares) {
    let store = Arc::new(InMemory::new());
    (Arc::clone(&store), Shares::new(store, ROOM))
}

/// What a service does.
async fn share(shares: &Shares, draft: &Draft) -> Result<Kept, Error> {
    Ok(match shares.seek(draft).await? {
        Sought::There(id) => Kept::There(id),
        Sought::Deleted => Kept::Deleted,
        Sought::Free(id) => shares.keep(draft, id).await?,
    })
}

fn source(found: Found) -> String {
    let Found::Share { body, .. } = found else { panic!("{found:?}") };
    body.source.unwrap()
}

#[tokio::test]
async fn what_is_shared_is_found_and_shared_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Place::Folder(folder.path().to_owned()).open().unwrap().unwrap();
    for shares in [in_memory().1, Shares::new(store, ROOM)] {
        let draft = draft("package main\n");
        assert_eq!(shares.get(&id(&draft)).await.unwrap(), Found::Missing);
        assert_eq!(shares.seek(&draft).await.unwrap(), Sought::Free(id(&draft)));
        assert_eq!(share(&shares, &draft).await.unwrap(), Kept::New(id(&draft)));
        assert_eq!(share(&shares, &draft).await.unwrap(), Kept::There(id(&draft)));
        assert_eq!(source(shares.get(&id(&draft)).await.unwrap()), "package main\n");
        let all: Vec<_> = shares.list().collect().await;
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].as_ref().unwrap().0, id(&draft));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shares_at_once_shares_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let store = Place::Folder(folder.path().to_owned()).open().unwrap().unwrap();
    let shares = Shares::new(store, ROOM);
    for round in 0..20 {
        let draft = draft(&format!("package p{round}\n"));
        let all: Vec<_> = (0..8)
            .map(|_| {
                let (shares, draft) = (shares.clone(), draft.clone());
                tokio::spawn(async move { share(&shares, &draft).await.unwrap() })
            })
            .collect();
        let mut new = 0;
        for one in all {
            match one.await.unwrap() {
                Kept::New(found) => {
                    new += 1;
                    assert_eq!(found, id(&draft));
                }
                kept => assert_eq!(kept, Kept::There(id(&draft))),
            }
        }
        assert_eq!(new, 1);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 20, "nothing half written is left");
}

#[tokio::test]
async fn what_is_deleted_stays_so() {
    let (_, shares) = in_memory();
    let draft = draft("package main\n");
    assert_eq!(shares.delete(&id(&draft)).await.unwrap(), Deletion::Missing);
    share(&shares, &draft).await.unwrap();
    assert_eq!(shares.delete(&id(&draft)).await.unwrap(), Deletion::Done);
    assert_eq!(shares.get(&id(&draft)).await.unwrap(), Found::Deleted);
    assert_eq!(share(&shares, &draft).await.unwrap(), Kept::Deleted);
    assert_eq!(shares.delete(&id(&draft)).await.unwrap(), Deletion::Before);
}

/// What has another hash that begins alike. Nobody can make that in a test but as a tombstone, which names its hash.
#[tokio::test]
async fn two_that_begin_alike_have_ids_of_their_own() {
    let (store, shares) = in_memory();
    let draft = draft("package main\n");
    let mut ids = draft.digest().ids();
    let (short, longer) = (ids.next().unwrap(), ids.next().unwrap());
    let mut other = draft.digest().to_string().into_bytes();
    other[20] = if other[20] == b'0' { b'1' } else { b'0' };
    let other = String::from_utf8(other).unwrap().parse().unwrap();
    store.put(&path(&short), stored::tombstone(other)).await.unwrap();
    // Also where it came after this was found to be free.
    for sought in [shares.seek(&draft).await.unwrap(), Sought::Free(short.clone())] {
        let Sought::Free(free) = sought else { panic!("{sought:?}") };
        let kept = shares.keep(&draft, free).await.unwrap();
        assert!(matches!(&kept, Kept::New(id) | Kept::There(id) if *id == longer), "{kept:?}");
        assert_eq!(share(&shares, &draft).await.unwrap(), Kept::There(longer.clone()));
    }
    assert_eq!(shares.get(&short).await.unwrap(), Found::Deleted);
    assert_eq!(source(shares.get(&longer).await.unwrap()), "package main\n");
    // Deleting the one leaves the other's tombstone, and is not evaded by a still longer one.
    assert_eq!(shares.delete(&longer).await.unwrap(), Deletion::Done);
    assert_eq!(share(&shares, &draft).await.unwrap(), Kept::Deleted);
}

#[tokio::test]
async fn damage_is_found_and_not_served() {
    let (store, shares) = in_memory();
    let (one, other) = (draft("package one\n"), draft("package other\n"));
    store.put(&path(&id(&one)), other.payload()).await.unwrap();
    assert!(matches!(shares.get(&id(&one)).await, Err(Error::Damaged(found)) if found == id(&one)));
    assert!(matches!(share(&shares, &one).await, Err(Error::Damaged(_))));
    assert_eq!(shares.delete(&id(&one)).await.unwrap(), Deletion::Damaged);
    assert_eq!(share(&shares, &one).await.unwrap(), Kept::New(id(&one)));
    store.put(&path(&id(&one)), vec![b'x'; MAX_OBJECT_BYTES + 1].into()).await.unwrap();
    assert!(matches!(shares.get(&id(&one)).await, Err(Error::Damaged(_))));
}

#[tokio::test]
async fn all_together_have_an_end() {
    let store = Arc::new(InMemory::new());
    let shares = Shares::new(store, 2 * stored::BLOCK_BYTES);
    for (name, fits) in [("a", true), ("b", true), ("c", false)] {
        let kept = share(&shares, &draft(&format!("package {name}\n"))).await.unwrap();
        assert_eq!(matches!(kept, Kept::New(_)), fits, "{name}: {kept:?}");
        assert_eq!(kept == Kept::Full, !fits, "{name}: {kept:?}");
    }
    // What is there costs nothing.
    assert!(matches!(share(&shares, &draft("package a\n")).await.unwrap(), Kept::There(_)));
}
