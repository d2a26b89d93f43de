//! A run that is over, as clients want it that take no events: its output in order, and how it ended.

use std::collections::BTreeMap;

use crate::protocol::{Ending, Event, Exit, event::Stream};
use crate::run::Told;
use crate::run::limits::Limits;
use crate::site::endings;

/// A run that is over.
#[derive(Debug)]
pub struct Answer {
    /// What was printed, in the order in which it came.
    pub pieces: Vec<Piece>,
    /// How it ended.
    pub exit: Exit,
    /// When the program began, in milliseconds since the request was accepted; `None` when there was none.
    pub program_ms: Option<u64>,
    /// When it was over, in the same.
    pub end_ms: u64,
    /// What is to be said of the run as a whole, beside its output.
    pub notes: Vec<String>,
}

/// Text that came at once.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it was printed.
    pub stream: Stream,
    /// In milliseconds since the request was accepted.
    pub t_ms: u64,
    /// Whole characters.
    pub text: String,
}

impl Answer {
    /// Waits for the end. Its size is bounded by the limit of output. Dropping the future ends the run.
    pub async fn of(mut told: Told, limits: &Limits) -> Self {
        let mut answer = Self {
            pieces: Vec::new(),
            exit: Exit::without_process(Ending::Internal),
            program_ms: None,
            end_ms: 0,
            notes: Vec::new(),
        };
        while let Some(stamped) = told.recv().await {
            answer.end_ms = stamped.t_ms;
            match stamped.event {
                Event::Stdout { text } => answer.print(Stream::Stdout, stamped.t_ms, text),
                Event::Stderr { text } => answer.print(Stream::Stderr, stamped.t_ms, text),
                Event::Step { name, wall_ms: None } if name == EXEC => answer.program_ms = Some(stamped.t_ms),
                Event::Exit(exit) => answer.exit = exit,
                // The output's limit is told by the ending too.
                Event::Truncated { .. } | Event::Artifact { .. } => {}
                other => answer.notes.extend(endings::note(&other)),
            }
        }
        answer.notes.extend(own_words(&answer.exit, &endings::sentences(limits)));
        answer
    }

    /// All that was printed on one stream, or on both.
    pub fn text(&self, of: Option<Stream>) -> String {
        let pieces = self.pieces.iter().filter(|piece| of.is_none_or(|stream| piece.stream == stream));
        pieces.map(|piece| piece.text.as_str()).collect()
    }

    fn print(&mut self, stream: Stream, t_ms: u64, text: String) {
        match self.pieces.last_mut() {
            Some(last) if (last.stream, last.t_ms) == (stream, t_ms) => last.text.push_str(&text),
            _ => self.pieces.push(Piece { stream, t_ms, text }),
        }
    }
}

/// The step in which the program runs.
const EXEC: &str = "exec";

/// What no program or tool says: that we ended it, or failed.
pub fn own_words(exit: &Exit, sentences: &BTreeMap<String, String>) -> Option<String> {
    match exit.status {
        Ending::Ok | Ending::BuildFailed | Ending::Failed | Ending::Signalled => None,
        _ => Some(endings::filled(exit, sentences)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Stamped;

    #[tokio::test]
    async fn text_that_comes_at_once_is_one_piece() {
        let out = |stream, text: &str| Event::output(stream, text.to_owned());
        let events = [
            (5, Event::Step { name: "link".into(), wall_ms: None }),
            (7, Event::Step { name: "exec".into(), wall_ms: None }),
            (9, out(Stream::Stdout, "a")),
            (9, out(Stream::Stdout, "b")),
            (9, out(Stream::Stderr, "c")),
            (12, out(Stream::Stderr, "d")),
            (20, Event::Exit(Exit::without_process(Ending::TimedOut))),
        ];
        let told = (0..).zip(events).map(|(seq, (t_ms, event))| Stamped { seq, t_ms, event });
        let answer = Answer::of(Told::whole(told.collect()), &Limits::default()).await;
        let pieces: Vec<_> = answer.pieces.iter().map(|piece| (piece.t_ms, piece.text.as_str())).collect();
        assert_eq!(pieces, [(9, "ab"), (9, "c"), (12, "d")]);
        assert_eq!((answer.program_ms, answer.end_ms), (Some(7), 20));
        assert_eq!((answer.text(None), answer.text(Some(Stream::Stdout))), ("abcd".into(), "ab".into()));
        assert!(answer.notes[0].contains("time was up"), "{:?}", answer.notes);
    }
}
