//! The page of a run without scripts, in the pieces that it is sent in.

use askama::Template;

use super::{Link, Page};

/// The page of a run without scripts, up to its output: what follows is streamed.
///
/// After it come pieces of [`OutputPiece`], then one [`ResultTail`].
#[derive(Debug, Template)]
#[template(path = "result-head.html")]
pub struct ResultHead<'a> {
    /// The frame.
    pub page: Page<'a>,
    /// Title of the example.
    pub title: String,
    /// Back to the example in its lesson.
    pub back: Link,
    /// The code that was run.
    pub source: String,
    /// What a reader can paste into a terminal to get the same.
    pub command: String,
}

/// A piece of output between [`ResultHead`] and [`ResultTail`]. A stretch of one stream is one element,
/// which stays open until the next stretch or the tail closes it; its last newline stands outside of it,
/// so that its mark does not reach the empty line after it.
#[derive(Debug, Template)]
#[template(
    ext = "html",
    source = "{% if closes %}</span>{% endif %}{% if newline %}\n{% endif %}\
              {% if opens %}<span class=\"{% if stderr %}err{% else %}out{% endif %}\">{% endif %}{{ text }}"
)]
pub struct OutputPiece<'a> {
    /// Whether a stretch ends here.
    pub closes: bool,
    /// Whether the text before ended with a newline that was held back.
    pub newline: bool,
    /// Whether a stretch begins here.
    pub opens: bool,
    /// Whether it came on standard error.
    pub stderr: bool,
    /// The text, without its last newline.
    pub text: &'a str,
}

/// The rest of the page of a run without scripts.
#[derive(Debug, Template)]
#[template(path = "result-tail.html")]
pub struct ResultTail<'a> {
    /// The frame, as in the head.
    pub page: Page<'a>,
    /// How it ended, with every blank filled in.
    pub ending: String,
    /// Whether it ended well.
    pub ok: bool,
    /// Names and values: wall time, CPU, memory.
    pub costs: Vec<(String, String)>,
    /// What was cut or else needs saying.
    pub notes: Vec<String>,
    /// Back to the example in its lesson.
    pub back: Link,
}
