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
    #[error("every place is taken and the queue is full; try again in {}", seconds(*.retry_after))]
    NoRoom {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// What it needs is being made (503).
    #[error("{detail}; try again in {}", seconds(*.retry_after))]
    NotYet {
        /// What that is.
        detail: String,
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// This client has too many runs waiting (429).
    #[error("you have many runs waiting; try again in {}", seconds(*.retry_after))]
    TooMany {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// This client has asked for more in a short time than one may (429).
    #[error("one address may have {rate} here; try again in {}", seconds(*.retry_after))]
    TooFast {
        /// How much of what in how long, such as `60 runs a minute`.
        rate: String,
        /// When as much as was asked for is allowed again, in whole seconds, at least 1.
        retry_after: Duration,
    },
    /// The service is about to end, and takes on nothing new (503).
    #[error("this service is being stopped or replaced; try again in {}", seconds(*.retry_after))]
    Stopping {
        /// When another may have taken its place.
        retry_after: Duration,
    },
}

impl Refusal {
    /// What [`Refusal::reason`] may say.
    pub const REASONS: [&str; 8] =
        ["malformed", "too_large", "not_allowed", "no_room", "not_yet", "too_many", "too_fast", "stopping"];

    /// The kind in one word that does not change, for those who count.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::TooLarge { .. } => "too_large",
            Self::NotAllowed { .. } => "not_allowed",
            Self::NoRoom { .. } => "no_room",
            Self::NotYet { .. } => "not_yet",
            Self::TooMany { .. } => "too_many",
            Self::TooFast { .. } => "too_fast",
            Self::Stopping { .. } => "stopping",
        }
    }

    /// Shorthand for [`Refusal::NotAllowed`].
    pub fn not_allowed<S: Into<String>>(detail: impl Into<String>, allowed: impl IntoIterator<Item = S>) -> Self {
        Self::NotAllowed { detail: detail.into(), allowed: allowed.into_iter().map(Into::into).collect() }
    }

    /// When it is worth trying again, if waiting helps. Whole seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NoRoom { retry_after }
            | Self::NotYet { retry_after, .. }
            | Self::TooMany { retry_after }
            | Self::TooFast { retry_after, .. }
            | Self::Stopping { retry_after } => Some(*retry_after),
            Self::Malformed(_) | Self::TooLarge { .. } | Self::NotAllowed { .. } => None,
        }
    }
}

fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        1 => "a second".to_owned(),
        seconds @ 0..120 => format!("{seconds} seconds"),
        // Never too early.
        seconds @ 120..7200 => format!("{} minutes", seconds.div_ceil(60)),
        seconds => format!("{} hours", seconds.div_ceil(3600)),
    }
}
