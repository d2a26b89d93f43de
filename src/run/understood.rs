//! What a build said of the reader's files, as diagnostics after its text.

use std::path::Path;

use super::function;
use super::places;
use super::plan::{Plan, Stage};
use crate::findings::{Reading, Sources, diagnostics};
use crate::protocol::{Ending, Event, Exit};

/// How a plan's build is read. Modes that build the same way may be read in other ways, so it belongs to the key of what is
/// kept.
pub fn reading(plan: &Plan) -> Reading {
    Reading::of_mode(plan.mode)
}

/// What there is to tell after the events of a build that ended so. The text stays as it is; this only adds to it.
pub fn understood(events: &[Event], reading: Reading, stage: &Stage, exit: &Exit) -> Vec<Event> {
    let has_failed = matches!(exit.status, Ending::BuildFailed | Ending::Failed);
    // A listing is large and says nothing that would be read here.
    if reading == Reading::Errors && !has_failed {
        return none_matched(events, stage, exit).into_iter().collect();
    }
    let folder = format!("{}/", places::CODE);
    let within = |path: &'_ Path| path.strip_prefix(&folder).ok()?.to_str().map(str::to_owned);
    let names: Vec<String> = stage.job.files.iter().filter_map(|file| within(&file.path)).collect();
    let sources = Sources::new(&folder, names.iter().map(String::as_str));
    let is_cut = events.iter().any(|event| matches!(event, Event::Truncated { .. }));
    streams(events)
        .into_iter()
        .map(|text| whole_lines(text, is_cut))
        .flat_map(|text| diagnostics(reading, &text, has_failed, &sources))
        .map(Event::Diagnostic)
        .collect()
}

/// Of `go tool objdump -s`, which prints nothing and is content where it finds no function.
fn none_matched(events: &[Event], stage: &Stage, exit: &Exit) -> Option<Event> {
    let is_objdump = exit.status == Ending::Ok && stage.steps.last() == Some(&"objdump");
    let is_silent = !events.iter().any(|event| matches!(event, Event::Stdout { .. }));
    let message = "the program has no such function; the mode nm lists what it has";
    (is_objdump && is_silent).then(|| function::missing(message.to_owned()))
}

fn streams(events: &[Event]) -> [String; 2] {
    let mut both = [String::new(), String::new()];
    for event in events {
        match event {
            Event::Stdout { text } => both[0].push_str(text),
            Event::Stderr { text } => both[1].push_str(text),
            _ => {}
        }
    }
    both
}

/// Half a line would say something else.
fn whole_lines(mut text: String, is_cut: bool) -> String {
    if is_cut {
        text.truncate(text.rfind('\n').map_or(0, |at| at + 1));
    }
    text
}
