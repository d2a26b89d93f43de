//! What a share is called: the beginning of a hash of its content, in letters that are safe anywhere.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_DNSCURVE;
use sha2::{Digest as _, Sha256};

/// SHA-256 of what is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

/// The first characters of a [`Digest`]: as many as one of [`LENGTHS`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

/// A text that names no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share is named by 13 digits and small letters without vowels, as at the end of its link")]
pub struct NoId;

/// How long an id is, in characters of five bits; the next is used only where the one before is taken by other content.
///
/// 65 bits: among a million shares two have the same with a chance of about one in 70 million, and who tries ids at
/// random finds one of a million shares in 37 million million tries. Whoever wants two programs with the same id can have
/// them, after 2^32 hashes or so; the second then gets a longer id. The last is the whole hash.
pub const LENGTHS: [usize; 3] = [13, 26, 52];

impl Digest {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Ids that content with this digest may have, in the order in which they are tried.
    pub fn ids(&self) -> impl Iterator<Item = Id> + use<> {
        // Digits and letters without a, e, i and o: so few ids spell a word.
        let text = BASE32_DNSCURVE.encode(&self.0);
        LENGTHS.into_iter().map(move |length| Id(text[..length].to_owned()))
    }

    /// Whether content with this digest may have this id.
    pub fn has(&self, id: &Id) -> bool {
        BASE32_DNSCURVE.encode(&self.0).starts_with(&id.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_DNSCURVE.encode(&self.0))
    }
}

impl FromStr for Digest {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        // The decoder takes capitals too; what is written is small.
        let is_small = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let bytes = BASE32_DNSCURVE.decode(text.as_bytes()).ok().filter(|_| is_small);
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(NoId)
    }
}

impl Id {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Id {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let is_letter = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase() && !b"aeio".contains(&byte);
        let is_id = LENGTHS.contains(&text.len()) && text.bytes().all(is_letter);
        is_id.then(|| Self(text.to_owned())).ok_or(NoId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_begin_the_digest_and_each_other() {
        let digest = Digest::of(b"package main\n");
        let ids: Vec<_> = digest.ids().collect();
        assert_eq!(ids.iter().map(|id| id.as_str().len()).collect::<Vec<_>>(), LENGTHS);
        assert!(ids.iter().all(|id| digest.has(id) && id.as_str().parse() == Ok(id.clone())));
        assert_eq!(ids[2].as_str(), digest.to_string());
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!(!Digest::of(b"package main").has(&ids[0]));
    }

    #[test]
    fn nothing_else_is_an_id() {
        let id = Digest::of(b"").ids().next().unwrap().as_str().to_owned();
        let upper = id.to_uppercase();
        let long = format!("{id}0");
        for text in [
            "",
            "0",
            &id[..12],
            &long,
            &upper,
            "../../../../x",
            "0123456789abc",
            "012345678901\u{e9}",
            "-bcdfghjklmnp",
        ] {
            assert_eq!(text.parse::<Id>(), Err(NoId), "{text:?}");
        }
        assert_eq!(Digest::of(b"").to_string().to_uppercase().parse::<Digest>(), Err(NoId));
    }
}
