//! What a run gave, and the form of it that is kept.

use std::borrow::Cow;

use super::{listing, messages};
use crate::protocol::event::Diagnostic;
use crate::protocol::{Ending, Event, Exit, Stream};
use crate::run::Told;

/// All that a run told.
#[derive(Clone, Debug)]
pub struct Output {
    /// The toolchain, such as `go1.27.3`.
    pub go: String,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// What was understood of it.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether more was printed than is kept.
    pub is_cut: bool,
    /// How it ended.
    pub exit: Exit,
    /// Milliseconds from the request to its end.
    pub wall_ms: u64,
}

/// How an output is made comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A set of messages about places.
    Messages,
    /// An assembly listing.
    Listing,
    /// As it is; may differ each time.
    Text,
}

impl Output {
    /// Hears a run to its end.
    pub async fn hear(mut told: Told) -> Self {
        let mut output = Self {
            go: String::new(),
            stdout: String::new(),
            stderr: String::new(),
            diagnostics: Vec::new(),
            is_cut: false,
            exit: Exit::without_process(Ending::Internal),
            wall_ms: 0,
        };
        while let Some(stamped) = told.recv().await {
            output.wall_ms = stamped.t_ms;
            match stamped.event {
                Event::Started { go, .. } => output.go = go,
                Event::Stdout { text } => output.stdout += &text,
                Event::Stderr { text } => output.stderr += &text,
                Event::Diagnostic(diagnostic) => output.diagnostics.push(diagnostic),
                Event::Truncated { .. } => output.is_cut = true,
                Event::Exit(exit) => output.exit = exit,
                _ => {}
            }
        }
        output
    }

    /// What a golden of it holds.
    pub fn normalised(&self, form: Form) -> String {
        match form {
            // What does not build is told in messages, whatever was asked for.
            _ if self.exit.status == Ending::BuildFailed => messages::normalise(&self.all()),
            Form::Messages => messages::normalise(&self.all()),
            Form::Listing => listing::normalise(&self.stdout),
            Form::Text if self.stderr.is_empty() => self.stdout.clone(),
            Form::Text => format!("{}-- standard error --\n{}", self.stdout, self.stderr),
        }
    }

    /// One of the outputs, or both where none is named.
    pub fn of(&self, stream: Option<Stream>) -> Cow<'_, str> {
        match stream {
            None => self.all().into(),
            Some(Stream::Stdout) => self.stdout.as_str().into(),
            Some(Stream::Stderr) => self.stderr.as_str().into(),
        }
    }

    /// Standard output, then standard error.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl Form {
    /// The form of a mode's output. A mode that is not named prints what may differ each time: times, addresses, whatever
    /// a program says.
    pub fn of(mode: &str) -> Self {
        match mode {
            "escape" | "bounds" | "vet" => Self::Messages,
            "asm" => Self::Listing,
            _ => Self::Text,
        }
    }

    /// Whether it has a golden unless its author says otherwise.
    pub fn is_steady(self) -> bool {
        self != Self::Text
    }
}
