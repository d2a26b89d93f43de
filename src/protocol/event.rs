//! What a run tells, as it happens.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::{Object, ObjectBuilder, Type};

use super::mode;

/// An event with its place and time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = RunEvent)]
pub struct Stamped {
    /// Counts from 0 without gaps.
    pub seq: u64,
    /// Milliseconds since the request was accepted.
    pub t_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// One of the program's output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What happened. The names are the API's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Event {
    /// Waiting; so many runs are ahead.
    Queued {
        /// 1 is next.
        position: usize,
    },
    /// It has begun.
    Started {
        /// The toolchain, such as `go1.27.3`.
        go: String,
        /// The mode's name.
        #[schema(schema_with = mode::schema::name)]
        mode: Cow<'static, str>,
        /// Whether the answer comes from a cache.
        cached: bool,
        /// What to paste into a terminal to see the same.
        command: String,
    },
    /// A part of the work begins, or ends when `wall_ms` is there.
    Step {
        /// `build`, `compile`, `exec`, …
        name: Cow<'static, str>,
        /// How long it took.
        #[serde(skip_serializing_if = "Option::is_none")]
        wall_ms: Option<u64>,
    },
    /// Text on standard output.
    Stdout {
        /// Whole characters; invalid bytes are replaced.
        text: String,
    },
    /// Text on standard error.
    Stderr {
        /// Whole characters; invalid bytes are replaced.
        text: String,
    },
    /// Something about a place in the code.
    Diagnostic(Diagnostic),
    /// A file that a tool made.
    Artifact {
        /// Its name, such as `ssa.html`.
        name: Cow<'static, str>,
        /// Its type, such as `text/html`. It is made of what a stranger wrote: a page must not trust it.
        mime: Cow<'static, str>,
        /// What is in it. It is none of the output, whose limit does not hold for it.
        text: String,
    },
    /// Output was cut here.
    Truncated {
        /// Which stream.
        stream: Stream,
        /// How much both streams may hold together.
        limit_bytes: u64,
    },
    /// It is over. Comes exactly once, last.
    Exit(Exit),
}

/// Something said about a place in the code, or about the run as a whole where no place is given. Names and meaning are
/// those of LSP diagnostics; lines and columns count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Diagnostic {
    /// One of the request's files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// From 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// In bytes, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// `error`, `warning`, `information` or `hint`.
    #[schema(schema_with = severity)]
    pub severity: Cow<'static, str>,
    /// What kind of message it is, in words that do not change.
    pub code: Cow<'static, str>,
    /// For the reader.
    pub message: String,
    /// Other places that it has to do with, in the order in which they explain it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
}

/// A place that a diagnostic has to do with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Related {
    /// One of the request's files, or as a tool names it: one of Go's own begins with `$GOROOT`.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// In bytes, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// For the reader.
    pub message: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The program, or the tool, returned 0.
    Ok,
    /// It did not build.
    BuildFailed,
    /// The program returned another code.
    Failed,
    /// A signal killed the program.
    Signalled,
    /// It ran longer than it may.
    TimedOut,
    /// It needed more memory than it may.
    OutOfMemory,
    /// It printed more than it may.
    OutputLimit,
    /// The client went away.
    Cancelled,
    /// We failed, not the program.
    Internal,
}

/// The last event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Exit {
    /// How it ended.
    pub status: Ending,
    /// The exit code, where there is one.
    pub code: Option<i32>,
    /// The signal's name, such as `SIGSEGV`, where one killed it.
    pub signal: Option<String>,
    /// The same as its number; not sent, since numbers differ between systems.
    #[serde(skip)]
    pub signal_number: Option<u8>,
    /// From the start of the last step to its end.
    pub wall_ms: u64,
    /// User and system time of the last step.
    pub cpu_ms: u64,
    /// The largest resident set of one process in the last step.
    pub max_rss_bytes: u64,
}

/// The severities of LSP in words.
fn severity() -> Object {
    let names = ["error", "warning", "information", "hint"];
    let says = "How bad it is.";
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).description(Some(says)).build()
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::BuildFailed,
        Self::Failed,
        Self::Signalled,
        Self::TimedOut,
        Self::OutOfMemory,
        Self::OutputLimit,
        Self::Cancelled,
        Self::Internal,
    ];

    /// Its name in the API, such as `timed_out`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::BuildFailed => "build_failed",
            Self::Failed => "failed",
            Self::Signalled => "signalled",
            Self::TimedOut => "timed_out",
            Self::OutOfMemory => "out_of_memory",
            Self::OutputLimit => "output_limit",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }
}

impl Exit {
    /// An end without a process to tell of.
    pub fn without_process(status: Ending) -> Self {
        Self { status, code: None, signal: None, signal_number: None, wall_ms: 0, cpu_ms: 0, max_rss_bytes: 0 }
    }
}

impl Event {
    /// The output that it holds.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Stdout { text } | Self::Stderr { text } => Some(text),
            _ => None,
        }
    }

    /// Text of a stream.
    pub fn output(stream: Stream, text: String) -> Self {
        match stream {
            Stream::Stdout => Self::Stdout { text },
            Stream::Stderr => Self::Stderr { text },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_has_one_name() {
        for ending in Ending::ALL {
            assert_eq!(serde_json::to_value(ending).unwrap(), ending.name());
        }
    }
}
