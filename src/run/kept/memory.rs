//! The tier in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use lru::LruCache;

use super::{Entry, Key};

/// What an entry costs beyond its bytes: the nodes of the list and the table, and allocations' rounding.
const OVERHEAD: u64 = 512;
/// A program holds a descriptor too, of which a process has few. Go links nothing that is smaller than this many times
/// over, so it bounds descriptors without taking room from real programs.
const DESCRIPTOR: u64 = 64 << 10;
const PAGE: u64 = 4 << 10;

/// Entries in memory, bounded in bytes; the least recently used goes. Does no I/O.
#[derive(Debug)]
pub(super) struct Memory {
    limit: u64,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    slots: LruCache<Key, Slot>,
    bytes: u64,
}

#[derive(Debug)]
struct Slot {
    entry: Arc<Entry>,
    bytes: u64,
    /// When it was put here or found here, whichever was later.
    used: SystemTime,
    was_found: bool,
}

impl Memory {
    /// At most `limit` bytes; with 0 it keeps nothing.
    pub fn new(limit: u64) -> Self {
        Self { limit, held: Mutex::new(Held { slots: LruCache::unbounded(), bytes: 0 }) }
    }

    pub fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        let mut held = self.held();
        let slot = held.slots.get_mut(key)?;
        slot.used = SystemTime::now();
        slot.was_found = true;
        Some(Arc::clone(&slot.entry))
    }

    /// Puts an entry in the place of what had its key. Tells which others had to go, of those that were found here
    /// since they came: only here is it known when they were last of use.
    pub fn put(&self, key: Key, entry: Arc<Entry>) -> Vec<(Key, SystemTime)> {
        let bytes = cost(&entry);
        let is_kept = bytes <= self.limit / 4;
        let mut gone = Vec::new();
        let mut held = self.held();
        if is_kept {
            let slot = Slot { entry, bytes, used: SystemTime::now(), was_found: false };
            held.bytes += bytes;
            gone.extend(held.slots.put(key, slot).map(|slot| (key, slot)));
        } else {
            gone.extend(held.slots.pop_entry(&key));
        }
        let replaced = gone.len();
        held.bytes -= gone.iter().map(|(_, slot)| slot.bytes).sum::<u64>();
        while held.bytes > self.limit {
            let Some((key, slot)) = held.slots.pop_lru() else { break };
            held.bytes -= slot.bytes;
            gone.push((key, slot));
        }
        // Giving back a program's pages takes a while. Nobody is to wait for that.
        drop(held);
        let gone = gone.into_iter().skip(replaced).filter(|(_, slot)| slot.was_found);
        gone.map(|(key, slot)| (key, slot.used)).collect()
    }

    /// How many entries there are, and what they take.
    pub fn counts(&self) -> (usize, u64) {
        let held = self.held();
        (held.slots.len(), held.bytes)
    }

    /// When each entry was last used.
    pub fn used(&self) -> HashMap<Key, SystemTime> {
        self.held().slots.iter().map(|(key, slot)| (*key, slot.used)).collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cost(entry: &Entry) -> u64 {
    let program = entry.program.as_ref().map_or(0, |program| program.length().next_multiple_of(PAGE) + DESCRIPTOR);
    entry.told.len() as u64 + OVERHEAD + program
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(told: usize) -> Arc<Entry> {
        Arc::new(Entry { told: vec![b'x'; told], program: None })
    }

    fn keys<const N: usize>() -> [Key; N] {
        std::array::from_fn(|at| Key::of([at.to_le_bytes()]))
    }

    const ROOM: u64 = 4 * 1024;
    /// Four of these fill it.
    const QUARTER: usize = (1024 - OVERHEAD) as usize;

    #[test]
    fn the_least_recently_used_goes() {
        let memory = Memory::new(ROOM);
        let [a, b, c, d, e, f] = keys();
        for key in [a, b, c, d] {
            assert_eq!(memory.put(key, entry(QUARTER)), []);
        }
        assert!(memory.get(&a).is_some());
        assert_eq!(memory.put(e, entry(QUARTER)), [], "the one that went was never found here");
        assert!(memory.get(&b).is_none());
        for key in [c, d, e] {
            assert!(memory.get(&key).is_some());
        }
        let used = memory.used()[&a];
        assert_eq!(memory.put(f, entry(QUARTER)), [(a, used)]);
        assert_eq!(memory.held().bytes, ROOM);
        assert_eq!(memory.used().len(), 4);
    }

    #[test]
    fn bytes_are_bounded_whatever_comes() {
        let memory = Memory::new(ROOM);
        for round in 0..1000_usize {
            memory.put(Key::of([(round % 37).to_le_bytes()]), entry(round * 7 % 600));
            let held = memory.held();
            let bytes: u64 = held.slots.iter().map(|(_, slot)| cost(&slot.entry)).sum();
            assert_eq!(held.bytes, bytes);
            assert!(bytes <= ROOM, "{bytes}");
            assert!(bytes > 0);
        }
    }

    #[test]
    fn what_takes_more_than_a_quarter_is_not_kept_and_takes_the_old_one_with_it() {
        let memory = Memory::new(ROOM);
        let [a, b] = keys();
        memory.put(a, entry(QUARTER));
        memory.put(b, entry(QUARTER));
        memory.put(a, entry(QUARTER + 1));
        assert!(memory.get(&a).is_none());
        assert!(memory.get(&b).is_some());
        assert_eq!(memory.held().bytes, ROOM / 4);
    }

    #[test]
    fn a_limit_of_0_turns_it_off() {
        let memory = Memory::new(0);
        let [a] = keys();
        memory.put(a, entry(0));
        assert!(memory.get(&a).is_none());
    }
}
