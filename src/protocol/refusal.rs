//! Why a request is not even tried.

use std::time::Duration;

/// A request that is turned away, in words for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be understood (400).
    #[error("{0}")]
    Malformed(String),
    /// It is longer than this many bytes (413).
    #[error("the request is larger than {limit_bytes} bytes; send a shorter program")]
    TooLarge {
        /// The most that is taken.
        limit_bytes: usize,
    },
    /// It asks for something that is not on offer (422).
    #[error("{detail}")]
    NotAllowed {
        /// What and why.
        detail: String,
        /// What may be asked for instead; empty when a list would not help.
        allowed: Vec<String>,
    },
    /// There is no room now (503).
    #[error("every place is taken and the queue is full; try again in {} seconds", .retry_after.as_secs())]
    NoRoom {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// What it needs is being made (503).
    #[error("{detail}; try again in {} seconds", .retry_after.as_secs())]
    NotYet {
        /// What that is.
        detail: String,
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// This client has too many runs waiting (429).
    #[error("you have many runs waiting; try again in {} seconds", .retry_after.as_secs())]
    TooMany {
        /// When it is worth trying again.
        retry_after: Duration,
    },
}

impl Refusal {
    /// What [`Refusal::reason`] may say.
    pub const REASONS: [&str; 6] = ["malformed", "too_large", "not_allowed", "no_room", "not_yet", "too_many"];

    /// The kind in one word that does not change, for those who count.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::TooLarge { .. } => "too_large",
            Self::NotAllowed { .. } => "not_allowed",
            Self::NoRoom { .. } => "no_room",
            Self::NotYet { .. } => "not_yet",
            Self::TooMany { .. } => "too_many",
        }
    }

    /// Shorthand for [`Refusal::NotAllowed`].
    pub fn not_allowed<S: Into<String>>(detail: impl Into<String>, allowed: impl IntoIterator<Item = S>) -> Self {
        Self::NotAllowed { detail: detail.into(), allowed: allowed.into_iter().map(Into::into).collect() }
    }
}
