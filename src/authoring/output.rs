//! What a run gave, and the form of it that is kept.

use std::borrow::Cow;

use super::{listing, messages};
use crate::protocol::event::Diagnostic;
use crate::protocol::{Ending, Event, Exit, Stream};
use crate::run::Told;

/// Stands between the streams of a text.
const STDERR: &str = "-- standard error --\n";

/// All that a run told.
#[derive(Clone, Debug)]
pub struct Output {
    /// The toolchain, such as `go1.27.3`.
    pub go: String,
    /// What shows the same in a terminal; empty where it did not come that far.
    pub command: String,
    /// Both streams in the order in which they came, no two pieces of one stream side by side.
    pub pieces: Vec<(Stream, String)>,
    /// What was said of the run as a whole: diagnostics without a file, and where output was cut.
    pub notes: Vec<Event>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// What was understood of it, each about a file.
    pub diagnostics: Vec<Diagnostic>,
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
            command: String::new(),
            pieces: Vec::new(),
            notes: Vec::new(),
            stdout: String::new(),
            stderr: String::new(),
            diagnostics: Vec::new(),
            exit: Exit::without_process(Ending::Internal),
            wall_ms: 0,
        };
        while let Some(stamped) = told.recv().await {
            output.wall_ms = stamped.t_ms;
            match stamped.event {
                Event::Started { go, command, .. } => (output.go, output.command) = (go, command),
                Event::Stdout { text } => output.say(Stream::Stdout, &text),
                Event::Stderr { text } => output.say(Stream::Stderr, &text),
                Event::Exit(exit) => output.exit = exit,
                Event::Diagnostic(diagnostic) if diagnostic.file.is_some() => output.diagnostics.push(diagnostic),
                note @ (Event::Diagnostic(_) | Event::Truncated { .. }) => output.notes.push(note),
                Event::Queued { .. } | Event::Step { .. } | Event::Artifact { .. } => {}
            }
        }
        output
    }

    fn say(&mut self, stream: Stream, text: &str) {
        match stream {
            Stream::Stdout => self.stdout += text,
            Stream::Stderr => self.stderr += text,
        }
        match self.pieces.last_mut() {
            Some((last, before)) if *last == stream => *before += text,
            _ => self.pieces.push((stream, text.to_owned())),
        }
    }

    /// Whether more was printed than is kept.
    pub fn is_cut(&self) -> bool {
        self.notes.iter().any(|note| matches!(note, Event::Truncated { .. }))
    }

    /// What a golden of it holds.
    pub fn normalised(&self, form: Form) -> String {
        match form {
            // What does not build is told in messages, whatever was asked for.
            _ if self.exit.status == Ending::BuildFailed => messages::normalise(&self.all()),
            Form::Messages => messages::normalise(&self.all()),
            Form::Listing => listing::normalise(&self.stdout),
            Form::Text if self.stderr.is_empty() => self.stdout.clone(),
            Form::Text => format!("{}{STDERR}{}", self.stdout, self.stderr),
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

    /// What a golden of this form holds, by streams: [`Output::normalised`] the other way round.
    pub fn pieces(self, golden: &str, ending: Ending) -> Vec<(Stream, String)> {
        let (stdout, stderr) = match self {
            _ if ending == Ending::BuildFailed => ("", golden),
            Self::Messages => ("", golden),
            Self::Listing => (golden, ""),
            Self::Text => golden.split_once(STDERR).unwrap_or((golden, "")),
        };
        let all = [(Stream::Stdout, stdout), (Stream::Stderr, stderr)];
        all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(stream, text)| (stream, text.to_owned())).collect()
    }

    /// Whether it has a golden unless its author says otherwise.
    pub fn is_steady(self) -> bool {
        self != Self::Text
    }
}
