//! Whole answers, found by the request itself.
//!
//! To find a build that is kept, a request is lowered to a plan, and the plan to a key. Who asks the very same once more is
//! told the very same, and that can be known without. Only what runs no program is here: a program is always run anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::kept::Key;
use crate::protocol::{Exit, Mode, Request, Stamped};

/// What is told of a build that is kept.
#[derive(Debug)]
pub struct Answer {
    /// The mode's name.
    pub mode: &'static str,
    /// The toolchain.
    pub go: String,
    /// All events.
    pub events: Arc<[Stamped]>,
    /// The last of them.
    pub exit: Exit,
}

/// Answers that were asked for twice; beyond a bound in bytes the least recently used goes.
#[derive(Debug)]
pub struct Answers {
    limit: u64,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    answers: LruCache<Key, (Arc<Answer>, u64)>,
    bytes: u64,
}

/// What an answer costs beyond its text: the list, the table, and allocations' rounding.
const OVERHEAD: u64 = 512;

/// The key of a request with the toolchain whose id is `go`; `None` if a program is to be run.
pub fn key(request: &Request, go: &str) -> Option<Key> {
    if matches!(request.mode, Mode::Run(_)) {
        return None;
    }
    let Request { files, mode, env, args, stdin, go: _ } = request;
    let files = Key::of(files.iter().flat_map(|(name, text)| [name, text]));
    let env = Key::of(env.iter().flat_map(|(name, value)| [name, value]));
    let args = Key::of(args);
    let mode = format!("{mode:?}");
    Some(Key::of([
        files.as_bytes(),
        env.as_bytes(),
        args.as_bytes(),
        mode.as_bytes(),
        stdin.as_bytes(),
        go.as_bytes(),
    ]))
}

impl Answers {
    /// At most so many bytes; with 0 it keeps nothing.
    pub fn new(limit: u64) -> Self {
        Self { limit, held: Mutex::new(Held { answers: LruCache::unbounded(), bytes: 0 }) }
    }

    /// The answer to a request.
    pub fn get(&self, key: &Key) -> Option<Arc<Answer>> {
        self.held().answers.get(key).map(|(answer, _)| Arc::clone(answer))
    }

    /// Keeps an answer, unless it takes more than a quarter of the room.
    pub fn put(&self, key: Key, answer: Arc<Answer>) {
        // As text, and about as much again for the events around it.
        let text = serde_json::to_vec(&answer.events[..]).map_or(u64::MAX / 4, |json| json.len() as u64);
        let bytes = 2 * text + OVERHEAD;
        if bytes > self.limit / 4 {
            return;
        }
        let mut held = self.held();
        held.bytes += bytes;
        if let Some((_, bytes)) = held.answers.put(key, (answer, bytes)) {
            held.bytes -= bytes;
        }
        while held.bytes > self.limit {
            let Some((_, (_, bytes))) = held.answers.pop_lru() else { break };
            held.bytes -= bytes;
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Ending, Event};

    fn answer(bytes: usize) -> Arc<Answer> {
        let exit = Exit::without_process(Ending::Ok);
        let stdout = Event::Stdout { text: "x".repeat(bytes) };
        let events = [Stamped { seq: 0, t_ms: 0, event: stdout }];
        Arc::new(Answer { mode: "escape", go: String::new(), events: events.into(), exit })
    }

    #[test]
    fn bytes_are_bounded_and_the_least_recently_used_goes() {
        let answers = Answers::new(16 * 1024);
        let keys: [Key; 9] = std::array::from_fn(|at| Key::of([at.to_le_bytes()]));
        answers.put(keys[0], answer(3 * 1024));
        assert!(answers.get(&keys[0]).is_none(), "it is more than a quarter");
        for key in keys {
            answers.put(key, answer(1024));
            assert!(answers.held().bytes <= 16 * 1024);
            assert!(answers.get(&keys[0]).is_some(), "it was used last");
        }
        assert!(answers.get(&keys[1]).is_none());
        answers.put(keys[0], answer(1));
        let sum: u64 = answers.held().answers.iter().map(|(_, (_, bytes))| bytes).sum();
        assert_eq!(answers.held().bytes, sum);
        assert!(Answers::new(0).get(&keys[0]).is_none());
    }

    #[test]
    fn whatever_is_asked_for_is_in_the_key() {
        let of = |json: &str| key(&Request::from_json(json.as_bytes()).expect("a request"), "go");
        let requests = [
            r#"{"mode": "escape", "source": "package main"}"#,
            r#"{"mode": "escape", "source": "package main "}"#,
            r#"{"mode": "escape", "files": {"a.go": "package main"}}"#,
            r#"{"mode": "escape", "source": "package main", "options": {"level": 2}}"#,
            r#"{"mode": "asm", "source": "package main"}"#,
            r#"{"mode": "asm", "source": "package main", "options": {"arch": "arm64"}}"#,
            r#"{"mode": "escape", "source": "package main", "env": {"GOEXPERIMENT": "none"}}"#,
        ];
        for (at, one) in requests.iter().enumerate() {
            assert_eq!(of(one), of(one));
            assert!(requests[..at].iter().all(|other| of(other) != of(one)), "{one}");
        }
        let request = Request::from_json(requests[0].as_bytes()).expect("a request");
        assert_ne!(key(&request, "go"), key(&request, "another"));
        assert_eq!(of(r#"{"mode": "run", "source": "package main"}"#), None);
    }
}
