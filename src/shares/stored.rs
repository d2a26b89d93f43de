//! What lies in the store under an id: a share, or a word that it was deleted.

use object_store::PutPayload;
use serde::{Deserialize, Serialize};

use super::id::{Digest, Id};
use crate::protocol::{Body, Refusal};

/// The most that one share may hold, in bytes of all its text: names, files, options, variables, arguments and input.
pub const MAX_BYTES: usize = 64 * 1024;

/// An object is never larger: JSON writes a byte as six at worst.
pub const MAX_OBJECT_BYTES: usize = 6 * MAX_BYTES + 16 * 1024;

/// What an object takes is counted in these, as on a disk. A small one takes a whole block.
pub const BLOCK_BYTES: u64 = 4 * 1024;

/// A share that was checked, and the bytes that it is stored as.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    json: Vec<u8>,
    digest: Digest,
}

/// An object that was read and is what its id says.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored {
    /// As it was shared.
    Share {
        /// As data.
        body: Body,
        /// As JSON.
        json: Vec<u8>,
    },
    /// The operator deleted what had this digest.
    Deleted(Digest),
}

/// What stands in the place of what was deleted. It has no field of a share's, so neither is read as the other.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Tombstone {
    deleted: String,
}

impl Draft {
    /// In the one form in which this content is stored, whoever sends it and in whatever order.
    ///
    /// # Errors
    /// Too large when its text is; else why it could never be run.
    pub fn new(body: &Body) -> Result<Self, Refusal> {
        if text_bytes(body) > MAX_BYTES {
            return Err(Refusal::TooLarge { limit_bytes: MAX_BYTES });
        }
        body.clone().request()?;
        let json = serde_json::to_vec(body).map_err(|error| Refusal::Malformed(error.to_string()))?;
        Ok(Self { digest: Digest::of(&json), json })
    }

    /// The hash that its ids begin.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What it takes in the store.
    pub fn blocks(&self) -> u64 {
        blocks(self.json.len() as u64)
    }

    /// What is stored.
    pub fn payload(&self) -> PutPayload {
        self.json.clone().into()
    }
}

impl Stored {
    /// Reads an object. `None` when it is damaged: neither a share whose hash begins with the id, nor the tombstone of one.
    pub fn read(id: &Id, json: Vec<u8>) -> Option<Self> {
        if let Ok(Tombstone { deleted }) = serde_json::from_slice(&json) {
            return deleted.parse().ok().filter(|digest: &Digest| digest.has(id)).map(Self::Deleted);
        }
        if !Digest::of(&json).has(id) {
            return None;
        }
        Some(Self::Share { body: serde_json::from_slice(&json).ok()?, json })
    }

    /// What it is the hash of, or was.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Share { json, .. } => Digest::of(json),
            Self::Deleted(digest) => *digest,
        }
    }
}

/// What is stored in the place of content with this digest.
pub fn tombstone(digest: Digest) -> PutPayload {
    let tombstone = Tombstone { deleted: digest.to_string() };
    // A struct of one string cannot fail.
    serde_json::to_vec(&tombstone).unwrap_or_default().into()
}

/// How many blocks an object of this size takes.
pub fn blocks(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK_BYTES).max(1)
}

fn text_bytes(body: &Body) -> usize {
    let Body { files, source, mode, options, env, args, stdin, go } = body;
    let pairs = files.iter().flat_map(|files| &files.0).chain(&env.0);
    let texts = source.iter().chain([mode, stdin]).chain(args).chain(go);
    pairs.map(|(name, text)| name.len() + text.len()).sum::<usize>()
        + texts.map(String::len).sum::<usize>()
        + options.0.iter().map(|(name, value)| name.len() + value.to_string().len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(json: &str) -> Result<Draft, Refusal> {
        Draft::new(&Body::from_json(json.as_bytes()).unwrap())
    }

    fn digest(json: &str) -> Digest {
        draft(json).unwrap().digest()
    }

    #[test]
    fn the_same_content_is_the_same_share() {
        let plain = digest(r#"{"mode": "run", "source": "package main\n"}"#);
        for json in [
            r#"{"source":"package main\n","mode":"run"}"#,
            r#"{"source": "package\u0020main\n", "mode": "run", "env": {}, "options": {}, "args": [], "stdin": ""}"#,
        ] {
            assert_eq!(digest(json), plain, "{json}");
        }
        let both = r#"{"source": "", "mode": "run", "env": {"GOGC": "1", "GODEBUG": "gctrace=1"}}"#;
        let turned = r#"{"source": "", "mode": "run", "env": {"GODEBUG": "gctrace=1", "GOGC": "1"}}"#;
        assert_eq!(digest(both), digest(turned));
        for json in [
            r#"{"source":"package main","mode":"run"}"#,
            r#"{"source":"package main\n","mode":"escape"}"#,
            r#"{"source":"package main\n","mode":"run","args":["a"]}"#,
            r#"{"source":"package main\n","mode":"run","stdin":"a"}"#,
            r#"{"source":"package main\n","mode":"run","go":"1.27"}"#,
            r#"{"source":"package main\n","mode":"run","env":{"GOGC":"1"}}"#,
            r#"{"source":"package main\n","mode":"run","options":{"race":true}}"#,
            r#"{"files":{"main.go":"package main\n"},"mode":"run"}"#,
        ] {
            assert_ne!(digest(json), plain, "{json}");
        }
    }

    #[test]
    fn what_could_not_be_run_is_not_shared() {
        for json in [
            r#"{"source": "", "mode": "rm"}"#,
            r#"{"source": "", "mode": "escape", "options": {"level": 3}}"#,
            r#"{"files": {"../x.go": ""}, "mode": "run"}"#,
        ] {
            assert!(matches!(draft(json), Err(Refusal::NotAllowed { .. })), "{json}");
        }
        assert!(matches!(draft(r#"{"mode": "run"}"#), Err(Refusal::Malformed(_))));
    }

    #[test]
    fn all_text_counts() {
        let full = "x".repeat(MAX_BYTES - 3);
        assert!(Draft::new(&Body::of_source(&*full, "run")).is_ok());
        let refused = |body: &Body| Draft::new(body) == Err(Refusal::TooLarge { limit_bytes: MAX_BYTES });
        assert!(refused(&Body::of_source(format!("{full}x"), "run")));
        let mut body = Body::of_source(&*full, "run");
        body.stdin = "x".to_owned();
        assert!(refused(&body));
        // Each of these takes six bytes of JSON.
        let worst = Draft::new(&Body::of_source("\u{1}".repeat(MAX_BYTES - 3), "run")).unwrap();
        assert!(worst.json.len() <= MAX_OBJECT_BYTES);
    }

    #[test]
    fn an_object_is_what_its_id_says_or_damaged() {
        let draft = draft(r#"{"source":"package main\n","mode":"run"}"#).unwrap();
        let id = draft.digest().ids().next().unwrap();
        let json = draft.json.clone();
        assert!(matches!(Stored::read(&id, json.clone()), Some(Stored::Share { json: read, .. }) if read == json));
        let tomb = |digest| tombstone(digest).iter().flat_map(|bytes| bytes.to_vec()).collect::<Vec<u8>>();
        assert_eq!(Stored::read(&id, tomb(draft.digest())), Some(Stored::Deleted(draft.digest())));
        for at in 0..json.len() {
            let mut damaged = json.clone();
            damaged[at] ^= 1;
            assert_eq!(Stored::read(&id, damaged), None, "the bit at {at}");
            assert_eq!(Stored::read(&id, json[..at].to_vec()), None, "cut at {at}");
        }
        assert_eq!(Stored::read(&id, tomb(Digest::of(b"another"))), None);
        assert_eq!(Stored::read(&id, br#"{"deleted":"x"}"#.to_vec()), None);
    }
}
