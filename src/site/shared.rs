//! A share as its page shows it, and as its form runs it without scripts.

use std::collections::BTreeMap;
use std::time::Duration;

use askama::Template as _;

use super::content::marked_snippet;
use super::view::{Fact, Page, SentWith, SharedPage};
use super::{highlight, modes};
use crate::examples::versions::Versions;
use crate::examples::{Example, Variant};
use crate::protocol::{Body, Ending, Files, Refusal, Request};

/// Begins the path of a share, where an example has its own.
pub const FOLDER: &str = "s/";

/// What all of them are called: no word of a stranger's is a title here.
const TITLE: &str = "Shared code";

/// A share to be shown.
#[derive(Debug)]
pub struct Shared {
    /// It, in place of an example.
    pub example: Example,
    /// What its form sends along.
    pub sent_with: SentWith,
    id: String,
    /// Whether the example's source is all its files.
    is_whole: bool,
}

/// Colours are worth so much of a reader's time.
const COLOURING: Duration = Duration::from_millis(250);

/// So many characters of a fact are shown.
const LONGEST_FACT: usize = 400;

/// So many odd lines are named.
const NAMED_LINES: usize = 5;

impl Shared {
    /// As it was shared under this id.
    ///
    /// # Errors
    /// When this version of the program would not take it.
    pub fn new(id: &str, body: Body) -> Result<Self, Refusal> {
        let options = body.options.0.clone().into_iter().collect();
        let (source, request) = (body.source.clone(), body.request()?);
        let (source, is_whole) = match source {
            Some(source) => (source, true),
            None => text_of(&request.files),
        };
        let Request { mode, env, args, stdin, go, .. } = request;
        let variant = Variant {
            name: mode.name().to_owned(),
            mode,
            options,
            knobs: env.keys().cloned().collect(),
            env,
            exit: Ending::Ok,
            expectations: Vec::new(),
            question: None,
            go: Versions::default(),
            golden: None,
            line: 0,
        };
        let example = Example {
            path: format!("{FOLDER}{id}"),
            title: TITLE.to_owned(),
            source: as_a_page_can_hold_it(&source),
            variants: vec![variant],
            wants: Vec::new(),
        };
        Ok(Self { example, sent_with: SentWith { args, stdin, go }, id: id.to_owned(), is_whole })
    }

    /// Its page.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub fn page(&self, page: Page<'_>) -> askama::Result<String> {
        let code_html = highlight::go_within(&self.example.source, COLOURING);
        let snippet_html = match marked_snippet(&self.example, None, String::new(), code_html.clone()) {
            Ok(mut view) if self.is_whole => {
                for variant in &mut view.variants {
                    variant.sent_with = self.sent_with.clone();
                }
                Some(view.render()?)
            }
            _ => None,
        };
        let odd_lines = odd_lines(&self.example.source).take(NAMED_LINES).collect();
        SharedPage { page, id: self.id.clone(), facts: self.facts(), odd_lines, snippet_html, code_html }.render()
    }

    /// What is not to be seen in the code or beside it.
    fn facts(&self) -> Vec<Fact> {
        let SentWith { args, stdin, go } = &self.sent_with;
        let mut facts = Vec::new();
        let mut add = |name, value: String| {
            if !value.is_empty() {
                facts.push(Fact { name, value: cut(value) });
            }
        };
        for Variant { mode, options, env, .. } in &self.example.variants {
            add("Mode", modes::label(mode.name()).to_owned());
            let options: BTreeMap<_, _> = options.iter().collect();
            add("Options", listed(options.into_iter().map(|(name, value)| format!("{name}: {}", plain(value)))));
            add("Environment", listed(env.iter().map(|(name, value)| format!("{name}={value}"))));
        }
        add("Go", go.clone().unwrap_or_default());
        add("Arguments", args.iter().map(|arg| format!("{arg:?}")).collect::<Vec<_>>().join(" "));
        add("Standard input", stdin.clone());
        facts
    }
}

/// All files as one text, and whether that is read as the same files, but for a newline at the end of one.
fn text_of(files: &Files) -> (String, bool) {
    let is_alone = files.iter().count() == 1;
    let ended = files.iter().map(|(name, text)| {
        let end = if is_alone || text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        (name.to_owned(), format!("{text}{end}"))
    });
    match Files::new(ended).ok().and_then(|files| files.to_source()) {
        Some(source) => (source, true),
        None => (files.iter().map(|(name, text)| format!("-- {name} --\n{text}\n")).collect(), false),
    }
}

/// A text area turns other ends of lines into newlines, and a NUL into this (HTML, "preprocessing the input stream" and
/// "RCDATA state"). Code that differs from what the page's script reads would count as changed by the reader.
fn as_a_page_can_hold_it(source: &str) -> String {
    source.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}")
}

/// Lines with marks of direction (Unicode, UAX 9) or characters without width, other than at the very beginning; those
/// that join letters and pictures are not meant.
fn odd_lines(source: &str) -> impl Iterator<Item = usize> {
    let is_odd = |letter: char| {
        matches!(letter, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    source.split('\n').enumerate().filter(move |(_, line)| line.chars().any(is_odd)).map(|(at, _)| at + 1)
}

fn cut(value: String) -> String {
    match value.char_indices().nth(LONGEST_FACT) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &value[..end], value.len()),
        None => value,
    }
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(json: &str) -> Shared {
        Shared::new("0123456789bcd", Body::from_json(json.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_share_is_an_example_of_one_variant() {
        let shared = shared(
            r#"{"files": {"a.go": "package main\r\n", "b.go": "package main"}, "mode": "escape", "options": {"level": 2},
                "env": {"GOEXPERIMENT": "x"}, "args": ["a b"], "stdin": "in", "go": "1.27"}"#,
        );
        assert_eq!(shared.example.path, "s/0123456789bcd");
        assert_eq!(shared.example.source, "-- a.go --\npackage main\n-- b.go --\npackage main\n");
        assert!(shared.is_whole);
        let facts: Vec<_> = shared.facts().into_iter().map(|fact| format!("{}: {}", fact.name, fact.value)).collect();
        let expected = [
            "Mode: Escape analysis",
            "Options: level: 2",
            "Environment: GOEXPERIMENT=x",
            "Go: 1.27",
            "Arguments: \"a b\"",
            "Standard input: in",
        ];
        assert_eq!(facts, expected);
        assert_eq!((shared.sent_with.stdin.as_str(), shared.example.variants[0].knobs.len()), ("in", 1));
    }

    #[test]
    fn files_that_no_text_holds_are_shown_all_the_same() {
        let shared = shared(r#"{"files": {"main.go": "package main\n-- x.go --\n"}, "mode": "run"}"#);
        assert!(!shared.is_whole && shared.example.source.contains("-- x.go --"), "{:?}", shared.example.source);
    }

    #[test]
    fn what_is_not_what_it_seems_is_told() {
        let lines = |source: &str| odd_lines(source).collect::<Vec<_>>();
        assert_eq!(lines("\u{feff}package main // é 世界 🙂\n"), [0; 0]);
        assert_eq!(lines("a\n// \u{202e}b\nc\u{200b}d\n\u{2066}\n"), [2, 3, 4]);
    }
}
