//! One output stream on its way from a pipe to events.

use std::cell::RefCell;
use std::path::Path;

use sandbox::Layout;
use serde::{Deserialize, Serialize};
use tokio::net::unix::pipe;

use super::as_go_command::AsGoCommand;
use super::exhaustion::Exhaustion;
use super::function;
use super::only::Part;
use super::output::{Replace, Utf8};
use super::places;
use crate::protocol::{Event, Stream};

/// How much a run may still print, both streams and both stages together.
#[derive(Debug)]
pub struct Budget {
    limit_bytes: u64,
    left_bytes: u64,
    told: bool,
}

impl Budget {
    /// So much is spent already.
    pub fn new(limit_bytes: u64, spent_bytes: u64) -> Self {
        Self { limit_bytes, left_bytes: limit_bytes.saturating_sub(spent_bytes), told: false }
    }

    /// How many of `wanted` bytes may be shown.
    fn spend(&mut self, wanted: usize) -> usize {
        let granted = usize::try_from(self.left_bytes).map_or(wanted, |left| left.min(wanted));
        self.left_bytes -= granted as u64;
        granted
    }
}

/// Which folders are shown under another name: where each lies for the programs, and how a reader knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownPaths(Vec<(String, String)>);

impl ShownPaths {
    /// GOROOT is shown as `$GOROOT`, wherever it lies; so are a cell's own folders where they are not in their places.
    pub fn of(layout: &Layout) -> Self {
        let mut shown = vec![(layout.place(Path::new(places::GOROOT)), "$GOROOT")];
        for folder in [places::CODE, places::TMP, places::OUT, places::CACHE] {
            let place = layout.place(Path::new(folder));
            if place != Path::new(folder) {
                shown.push((place, folder));
            }
        }
        Self(shown.into_iter().map(|(place, shown)| (format!("{}/", place.display()), format!("{shown}/"))).collect())
    }

    /// A whole text with these paths as a reader knows them.
    pub fn shown(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (place, shown)| text.replace(place, shown))
    }

    /// Those of both.
    pub fn and(mut self, others: &Self) -> Self {
        self.0.extend(others.0.iter().cloned());
        self
    }
}

/// A stream.
#[derive(Debug)]
pub struct Channel {
    stream: Stream,
    pipe: Option<pipe::Receiver>,
    utf8: Utf8,
    paths: Vec<Replace>,
    only: Option<Part>,
    exhaustion: Option<Exhaustion>,
    as_go_command: Option<AsGoCommand>,
    is_cut: bool,
}

/// What one read brought.
#[derive(Debug)]
pub struct Read {
    /// What to tell.
    pub events: Vec<Event>,
    /// Whether there was more than the budget allows.
    pub over: bool,
    /// Whether it was the stream's end.
    pub is_end: bool,
}

/// The most that one read takes, and so about the largest text of one event: all that a pipe holds by itself (pipe(7)).
const READ_BYTES: usize = 64 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Channel {
    /// `paths` are places of the cell and how they are shown; `only` passes one function of a listing.
    pub fn new(stream: Stream, pipe: pipe::Receiver, paths: &ShownPaths, only: Option<Part>) -> Self {
        Self {
            stream,
            pipe: Some(pipe),
            utf8: Utf8::default(),
            paths: paths.0.iter().map(|(place, shown)| Replace::new(place, shown)).collect(),
            only,
            exhaustion: None,
            as_go_command: None,
            is_cut: false,
        }
    }

    /// Passes nothing of a tool's own crash for want of memory.
    pub fn without_exhaustion(self) -> Self {
        Self { exhaustion: Some(Exhaustion::default()), ..self }
    }

    /// Passes what a tool says as the go command would, which says it on standard error.
    pub fn told_by_go(self) -> Self {
        Self { stream: Stream::Stderr, as_go_command: Some(AsGoCommand::default()), ..self }
    }

    /// Whether there was such a crash.
    pub fn is_exhausted(&self) -> bool {
        self.exhaustion.as_ref().is_some_and(Exhaustion::is_found)
    }

    /// Whether its end was reached.
    pub fn is_closed(&self) -> bool {
        self.pipe.is_none()
    }

    /// Waits until a read will not have to wait.
    pub async fn readable(&self) {
        match &self.pipe {
            // An error will come back from the read.
            Some(pipe) => drop(pipe.readable().await),
            None => std::future::pending().await,
        }
    }

    /// What is there, or its end; `None` when nothing is there yet after all.
    pub fn try_read(&mut self, budget: &mut Budget) -> Option<Read> {
        let pipe = self.pipe.as_mut()?;
        // A buffer of the thread's, not of the stream's: most streams only wait.
        let read = BUFFER.with_borrow_mut(|buffer| {
            buffer.resize(READ_BYTES, 0);
            let length = match pipe.try_read(buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return None,
                // A pipe of our own fails only when its end is reached in another way.
                length => length.unwrap_or(0),
            };
            let granted = budget.spend(length);
            Some((length, granted, self.utf8.push(&buffer[..granted])))
        });
        let (length, granted, text) = read?;
        if length == 0 {
            self.pipe = None;
            return Some(Read { events: self.finish(), over: false, is_end: true });
        }
        let text = self.pass(&text);
        let mut events = Vec::new();
        if !text.is_empty() {
            events.push(Event::output(self.stream, text));
        }
        let over = granted < length;
        if over {
            // A character that the limit cuts is not shown, and nothing comes after the word that output was cut.
            self.utf8 = Utf8::default();
            events.extend(self.finish());
            self.is_cut = true;
        }
        // The program may go on printing until the kill arrives; that its output was cut is told once.
        if over && !std::mem::replace(&mut budget.told, true) {
            events.push(Event::Truncated { stream: self.stream, limit_bytes: budget.limit_bytes });
        }
        Some(Read { events, over, is_end: false })
    }

    fn pass(&mut self, text: &str) -> String {
        let text = self.paths.iter_mut().fold(text.to_owned(), |text, paths| paths.push(&text));
        let mut text = text;
        if let Some(exhaustion) = &mut self.exhaustion {
            text = exhaustion.push(&text);
        }
        if let Some(report) = &mut self.as_go_command {
            report.push(&text);
            text.clear();
        }
        if let Some(only) = &mut self.only {
            text = only.push(&text);
        }
        text
    }

    fn finish(&mut self) -> Vec<Event> {
        if self.is_cut {
            return Vec::new();
        }
        let mut text = self.utf8.finish();
        for paths in &mut self.paths {
            text = paths.push(&text) + &paths.finish();
        }
        if let Some(exhaustion) = &mut self.exhaustion {
            text = exhaustion.push(&text) + &exhaustion.finish();
        }
        if let Some(report) = &mut self.as_go_command {
            report.push(&text);
            text = report.finish();
        }
        let mut events = Vec::new();
        if let Some(only) = &mut self.only {
            text = only.push(&text) + &only.finish();
            events.extend(only.missing().map(function::missing));
        }
        if !text.is_empty() {
            events.insert(0, Event::output(self.stream, text));
        }
        events
    }
}
