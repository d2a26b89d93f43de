//! What a snippet shows while nothing runs: the output of a golden, or of one run, and where it comes from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use askama::Template;
use serde_json::{Value, json};

use crate::authoring::golden::Golden;
use crate::authoring::output::{Form, Output};
use crate::examples::{Example, QuestionKind, Variant};
use crate::findings::{Reading, Sources, diagnostics};
use crate::protocol::event::Diagnostic;
use crate::protocol::files::Files;
use crate::protocol::{Ending, Event, Exit, Stream};
use crate::site::endings;
use crate::site::view::ScriptJson;

/// What was captured of all examples, by their paths and the names of their variants.
#[derive(Debug, Default)]
pub struct Captures(BTreeMap<(String, String), Capture>);

/// What was captured of one variant.
#[derive(Debug)]
pub struct Capture {
    /// Where it comes from, in words that go on after "Captured", or why there is none, after "Not captured".
    stamp: String,
    go: String,
    command: Option<String>,
    pieces: Vec<(Stream, String)>,
    notes: Vec<Event>,
    /// What was understood of it, where a question is about that.
    said: Vec<Diagnostic>,
    /// How it ended; absent where nothing was captured.
    exit: Option<Exit>,
    /// Whether what it cost was measured.
    is_measured: bool,
}

/// One piece of output; its last newline stands outside of its element, so that its mark does not reach the next line.
struct Piece<'a> {
    class: &'static str,
    text: &'a str,
    newline: bool,
}

/// What was captured of an example, below its code.
#[derive(Template)]
#[template(path = "captured.html")]
pub struct Captured<'a> {
    /// Title of the example.
    pub title: &'a str,
    /// The variants, the one to begin with first.
    pub variants: Vec<CapturedVariant<'a>>,
    /// The sentence for each exit status.
    pub endings: &'a BTreeMap<String, String>,
}

/// What was captured of a variant, as it stands in its example.
pub struct CapturedVariant<'a> {
    /// Its name.
    pub name: &'a str,
    /// What was captured.
    pub capture: &'a Capture,
    /// Whether there is a question first, whose answer it gives away.
    pub is_asked: bool,
}

/// What is shown where nothing is known of a variant.
static NOTHING: LazyLock<Capture> = LazyLock::new(|| Capture {
    stamp: "since it varies from run to run, and these pages were made without running it.".to_owned(),
    go: String::new(),
    command: None,
    pieces: Vec::new(),
    notes: Vec::new(),
    said: Vec::new(),
    exit: None,
    is_measured: false,
});

impl Captures {
    /// Adds what was captured of a variant.
    pub fn insert(&mut self, example: &str, variant: &str, capture: Capture) {
        self.0.insert((example.to_owned(), variant.to_owned()), capture);
    }

    /// What was captured of a variant.
    pub fn get(&self, example: &str, variant: &str) -> &Capture {
        self.0.get(&(example.to_owned(), variant.to_owned())).unwrap_or(&NOTHING)
    }
}

impl Capture {
    /// Of a golden, whose run ended as its author expects. `command` shows the same in a terminal, where it is known.
    pub fn of_golden(golden: &Golden, example: &Example, variant: &Variant, command: Option<String>) -> Self {
        let mode = variant.mode.name();
        let form = Form::of(mode);
        let how = match form {
            Form::Messages => ", each message once, in the order of lines",
            Form::Listing => ", without addresses and bytes",
            Form::Text => "",
        };
        // The tools' own code; a program's is not kept.
        let code = match variant.exit {
            Ending::Ok => Some(0),
            Ending::BuildFailed => Some(1),
            Ending::Failed => matches!(mode, "vet" | "fmt").then_some(1),
            _ => None,
        };
        let files = Files::from_source(&example.source).ok().filter(|_| is_about_lines(variant));
        let said = files.map(|files| {
            let sources = Sources::new("", files.iter().map(|(name, _)| name));
            diagnostics(Reading::of_mode(mode), &golden.body, false, &sources)
        });
        Self {
            stamp: format!("with {}{how}.", golden.go),
            go: golden.go.clone(),
            command,
            pieces: form.pieces(&golden.body, variant.exit),
            notes: Vec::new(),
            said: said.unwrap_or_default(),
            exit: Some(Exit { code, ..Exit::without_process(variant.exit) }),
            is_measured: false,
        }
    }

    /// Of a run that ended just now.
    pub fn of_run(output: Output, variant: &Variant) -> Self {
        let Output { go, command, pieces, notes, diagnostics, exit, .. } = output;
        let said = if is_about_lines(variant) { diagnostics } else { Vec::new() };
        let stamp = format!("output of one run, {go}, varies.");
        Self { stamp, go, command: Some(command), pieces, notes, said, exit: Some(exit), is_measured: true }
    }

    /// Whether there is an output.
    pub fn is_there(&self) -> bool {
        self.exit.is_some()
    }

    fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.pieces.iter().map(|(stream, text)| Piece {
            class: match stream {
                Stream::Stdout => "out",
                Stream::Stderr => "err",
            },
            text: text.strip_suffix('\n').unwrap_or(text),
            newline: text.ends_with('\n'),
        })
    }

    fn has_stderr(&self) -> bool {
        self.pieces.iter().any(|(stream, _)| *stream == Stream::Stderr)
    }

    fn ending(&self, sentences: &BTreeMap<String, String>) -> String {
        self.exit.as_ref().map(|exit| endings::filled(exit, sentences)).unwrap_or_default()
    }

    fn is_good(&self) -> bool {
        self.exit.as_ref().is_some_and(|exit| exit.status == Ending::Ok)
    }

    fn costs(&self) -> Vec<(String, String)> {
        self.exit.iter().filter(|_| self.is_measured).flat_map(endings::costs).collect()
    }

    fn notes(&self) -> impl Iterator<Item = String> {
        self.notes.iter().filter_map(endings::note)
    }

    /// The events of the run as the API tells them, but for its output, which the script finds in the page.
    fn data(&self) -> ScriptJson {
        let mut events = Vec::new();
        if let Some(exit) = &self.exit {
            events.push(json!({"type": "started", "go": self.go, "cached": false, "command": self.command}));
            events.extend(self.notes.iter().map(|note| json!(note)));
            events.extend(self.said.iter().cloned().map(|said| json!(Event::Diagnostic(said))));
            events.push(exit_event(exit, self.is_measured));
        }
        ScriptJson::of(&json!({"stamp": self.stamp, "events": events}))
    }
}

/// Whether readers are asked about lines of its code.
fn is_about_lines(variant: &Variant) -> bool {
    variant.question.as_ref().is_some_and(|question| matches!(question.kind, QuestionKind::Lines(_)))
}

fn exit_event(exit: &Exit, is_measured: bool) -> Value {
    let mut event = json!(Event::Exit(exit.clone()));
    if let Some(fields) = event.as_object_mut().filter(|_| !is_measured) {
        for cost in ["wall_ms", "cpu_ms", "max_rss_bytes"] {
            fields.remove(cost);
        }
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::Catalogue;
    use crate::run::limits::Limits;

    fn html(capture: &Capture) -> String {
        let endings = endings::sentences(&Limits::default());
        let variants = vec![CapturedVariant { name: "escape", capture, is_asked: false }];
        Captured { title: "T", variants, endings: &endings }.render().unwrap()
    }

    fn of_golden(example: &str, variant: &str, body: &str) -> String {
        let examples = Catalogue::load().unwrap();
        let example = examples.get(example).unwrap();
        let golden = Golden { go: "go1.27.3".into(), body: body.into() };
        html(&Capture::of_golden(&golden, example, example.variant(variant).unwrap(), None))
    }

    #[test]
    fn a_golden_is_shown_on_the_streams_that_it_came_on() {
        let html_of = of_golden("escape/return-pointer", "escape", "main.go:10:2: moved to heap: <u>\n");
        assert!(
            html_of.contains("<span class=\"err\">main.go:10:2: moved to heap: &#60;u&#62;</span>\n</pre>"),
            "{html_of}"
        );
        assert!(html_of.contains("<b>Captured</b> with go1.27.3, each message once"), "{html_of}");
        assert!(html_of.contains("Finished without an error.") && !html_of.contains("Memory"), "{html_of}");
        let listing = of_golden("escape/return-pointer", "asm", "main.f\n");
        assert!(listing.contains("<span class=\"out\">main.f</span>\n</pre>"), "{listing}");
        assert!(listing.contains("without addresses"), "{listing}");
    }

    #[test]
    fn what_was_not_captured_is_told() {
        let html = html(&NOTHING);
        assert!(html.contains("Not captured") && !html.contains("<span class=\"out\">"), "{html}");
    }

    #[test]
    fn text_of_both_streams_is_taken_apart_as_it_was_put_together() {
        let pieces = Form::Text.pieces("out\n-- standard error --\nerr\n", Ending::Ok);
        assert_eq!(pieces, [(Stream::Stdout, "out\n".to_owned()), (Stream::Stderr, "err\n".to_owned())]);
        assert_eq!(Form::Text.pieces("", Ending::Ok), []);
        assert_eq!(Form::Listing.pieces("x", Ending::BuildFailed), [(Stream::Stderr, "x".to_owned())]);
    }
}
