//! The body of a lesson: CommonMark and tables, with runnable examples and drawings.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template as _;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd, html};

use super::drawing::{self, DrawingError};
use super::highlight;
use super::mistakes::Mistake;
use super::prediction::prediction;
use super::search::{Part, Parts};
use super::view::{Entry, NotShown, SentWith, SnippetView, Variant};
use crate::examples::{Catalogue, Example};

/// What a body may refer to.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The examples.
    pub examples: &'a Catalogue,
    /// The text of a drawing, by its path from the folder of lessons.
    pub drawing: &'a dyn Fn(&str) -> Option<String>,
    /// The examples that cannot be read.
    pub broken: &'a Broken,
}

/// Paths of examples that cannot be read, with what is wrong with each.
pub type Broken = BTreeMap<String, Vec<Mistake>>;

/// A body as HTML.
#[derive(Debug, Default)]
pub struct Rendered {
    /// Trusted, since it comes from the lesson.
    pub html: String,
    /// Its headings of the second level.
    pub contents: Vec<Entry>,
    /// Paths of the examples that it names, in order.
    pub examples: Vec<String>,
    /// What it says, for the search.
    pub parts: Vec<Part>,
    /// What is wrong, in order. Each is told in the HTML as well, in the place of the block.
    pub errors: Vec<MarkdownError>,
}

/// What is wrong, and on which line of the file, from 1.
#[derive(Debug)]
pub struct MarkdownError {
    /// The line where the block begins.
    pub line: usize,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with a block.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    #[error("headings start at `##`; the title stands in the front matter")]
    TopHeading,
    #[error("an example is written as `example TOPIC/NAME [VARIANT]`, not {0:?}")]
    Info(String),
    #[error("there is no example {0:?} in examples-go")]
    NoExample(String),
    #[error("example {path:?} has no variant {variant:?}; it has {}", .has.join(", "))]
    NoVariant { path: String, variant: String, has: Vec<String> },
    #[error("the id {0:?} is on this page already; an example or a drawing can be shown once in a lesson")]
    SameId(String),
    #[error("an image stands in a paragraph of its own")]
    InlineImage,
    #[error("only drawings/NAME.svg can be shown, not {0:?}")]
    Image(String),
    #[error("there is no file lessons/{0}")]
    NoDrawing(String),
    #[error("{file}: {error}")]
    Drawing { file: String, error: DrawingError },
    #[error("the example cannot be rendered: {0}")]
    Render(#[from] askama::Error),
}

/// Renders the body of a file that begins on this line of it.
pub fn render(body: &str, (file, first): (&str, usize), sources: Sources<'_>) -> Rendered {
    let mut renderer = Renderer::new(sources);
    let mut events = parser(body).into_offset_iter();
    while let Some((event, range)) = events.next() {
        if let Err(flaw) = renderer.block(event, &mut events) {
            let line = body[..range.start].matches('\n').count() + first;
            renderer.not_shown(&flaw, format!("{file}:{line}"));
            renderer.done.errors.push(MarkdownError { line, flaw });
        }
    }
    html::push_html(&mut renderer.done.html, renderer.events.into_iter());
    renderer.done.parts = renderer.parts.done();
    renderer.done
}

/// Renders a text without headings, examples or drawings.
pub fn render_plain(text: &str) -> String {
    let mut out = String::new();
    html::push_html(&mut out, parser(text));
    out
}

/// Renders a text within a paragraph.
pub fn render_inline(text: &str) -> String {
    let mut out = String::new();
    let inner =
        parser(text).filter(|event| !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph)));
    html::push_html(&mut out, inner);
    out
}

/// An example as a page shows it; the first variant unless one is named.
///
/// # Errors
/// When it has no such variant.
pub fn snippet(example: &Example, variant: Option<&str>, caption_html: String) -> Result<SnippetView, Flaw> {
    marked_snippet(example, variant, caption_html, highlight::go(&example.source))
}

/// The same with code that is marked already.
///
/// # Errors
/// As [`snippet`].
pub fn marked_snippet(
    example: &Example,
    variant: Option<&str>,
    caption_html: String,
    marked_html: String,
) -> Result<SnippetView, Flaw> {
    let named = match variant {
        Some(name) => example.variant(name),
        None => example.variants.first(),
    };
    let Some(named) = named else {
        return Err(Flaw::NoVariant {
            path: example.path.clone(),
            variant: variant.unwrap_or_default().to_owned(),
            has: example.variants.iter().map(|variant| variant.name.clone()).collect(),
        });
    };
    let variants = example.variants.iter().map(|variant| Variant {
        name: variant.name.clone(),
        mode: variant.mode.name().to_owned(),
        label: variant.name.clone(),
        options: variant.options.clone(),
        env: variant.env.clone(),
        knobs: variant.knobs.clone(),
        predict: variant.question.as_ref().map(|question| prediction(question, &example.source)),
        sent_with: SentWith::default(),
    });
    Ok(SnippetView {
        example: example.path.clone(),
        title: example.title.clone(),
        caption_html,
        source: example.source.clone(),
        marked_html,
        variants: variants.collect(),
        variant: named.name.clone(),
    })
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// Code in a table is long from here on, in bytes: it takes half of a narrow screen.
const LONG_CODE: usize = 20;

struct Renderer<'a> {
    sources: Sources<'a>,
    events: Vec<Event<'a>>,
    ids: BTreeSet<String>,
    parts: Parts,
    is_table: bool,
    done: Rendered,
}

impl<'a> Renderer<'a> {
    fn new(sources: Sources<'a>) -> Self {
        // The frame of the page has these.
        let ids = ["main", "underhood-page"].map(str::to_owned).into();
        Self { sources, events: Vec::new(), ids, parts: Parts::default(), is_table: false, done: Rendered::default() }
    }

    fn block<'b: 'a>(&mut self, event: Event<'b>, rest: &mut OffsetIter<'b>) -> Result<(), Flaw> {
        match event {
            Event::Start(Tag::Heading { level, .. }) => self.heading(level, until(rest, TagEnd::Heading(level))),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if is_example(&info) => {
                let caption = text_of(&until(rest, TagEnd::CodeBlock));
                self.example(&info, &caption)
            }
            Event::Start(Tag::Paragraph) => self.paragraph(until(rest, TagEnd::Paragraph)),
            Event::Start(Tag::Image { .. }) => Err(Flaw::InlineImage),
            other => {
                self.parts.event(&other);
                match &other {
                    Event::Start(Tag::Table(_)) => self.is_table = true,
                    Event::End(TagEnd::Table) => self.is_table = false,
                    _ => {}
                }
                match other {
                    Event::Code(code) if self.is_table && code.len() > LONG_CODE => self.long_code(&code),
                    other => self.events.push(other),
                }
                Ok(())
            }
        }
    }

    /// Code that may be broken behind its punctuation, so that it does not push a narrow table's other columns out of sight.
    fn long_code(&mut self, code: &str) {
        let html = |html: &'static str| Event::InlineHtml(CowStr::from(html));
        self.events.push(html("<code>"));
        for (at, piece) in code.split_inclusive(['/', ':', '=', ',', '.', '(']).enumerate() {
            if at > 0 {
                self.events.push(html("<wbr>"));
            }
            self.events.push(Event::Text(piece.to_owned().into()));
        }
        self.events.push(html("</code>"));
    }

    fn heading(&mut self, level: HeadingLevel, inner: Vec<Event<'a>>) -> Result<(), Flaw> {
        if level == HeadingLevel::H1 {
            return Err(Flaw::TopHeading);
        }
        refuse_images(&inner)?;
        let text = text_of(&inner);
        let id = self.free_id(&slug(&text));
        self.parts.heading(&id, &text);
        if level == HeadingLevel::H2 {
            self.done.contents.push(Entry { id: id.clone(), text });
        }
        self.events.push(Event::Start(Tag::Heading { level, id: Some(id.into()), classes: vec![], attrs: vec![] }));
        self.events.extend(inner);
        self.events.push(Event::End(TagEnd::Heading(level)));
        Ok(())
    }

    fn example(&mut self, info: &str, caption: &str) -> Result<(), Flaw> {
        let words: Vec<&str> = info.split_whitespace().collect();
        let (path, variant) = match words.as_slice() {
            [_, path] => (*path, None),
            [_, path, variant] => (*path, Some(*variant)),
            _ => return Err(Flaw::Info(info.to_owned())),
        };
        self.done.examples.push(path.to_owned());
        let example = self.sources.examples.get(path).ok_or_else(|| Flaw::NoExample(path.to_owned()))?;
        let view = snippet(example, variant, render_plain(caption))?;
        self.claim(path)?;
        self.parts.example(&view, parser(caption));
        self.push_html(view.render()?);
        Ok(())
    }

    fn paragraph(&mut self, inner: Vec<Event<'a>>) -> Result<(), Flaw> {
        if let ([Event::Start(Tag::Image { dest_url, title, .. }), .., Event::End(TagEnd::Image)], 1) =
            (inner.as_slice(), images(&inner))
        {
            return self.drawing(dest_url, title);
        }
        refuse_images(&inner)?;
        let paragraph =
            [Event::Start(Tag::Paragraph)].into_iter().chain(inner).chain([Event::End(TagEnd::Paragraph)]);
        for event in paragraph {
            self.parts.event(&event);
            self.events.push(event);
        }
        Ok(())
    }

    fn drawing(&mut self, path: &str, caption: &str) -> Result<(), Flaw> {
        let name = path.strip_prefix("drawings/").and_then(|rest| rest.strip_suffix(".svg"));
        if !name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')) {
            return Err(Flaw::Image(path.to_owned()));
        }
        let svg = (self.sources.drawing)(path).ok_or_else(|| Flaw::NoDrawing(path.to_owned()))?;
        for id in drawing::ids(&svg) {
            self.claim(id)?;
        }
        self.parts.drawing(drawing::words(&svg).chain([caption]));
        let figure = drawing::figure(&svg, caption);
        self.push_html(figure.map_err(|error| Flaw::Drawing { file: path.to_owned(), error })?);
        Ok(())
    }

    /// Tells what is wrong where the block would stand. An example that is broken is wrong in its own files.
    fn not_shown(&mut self, flaw: &Flaw, place: String) {
        let example = match flaw {
            Flaw::NoExample(path) | Flaw::NoVariant { path, .. } => Some(path.clone()),
            _ => None,
        };
        let broken = example.as_ref().and_then(|path| self.sources.broken.get(path)).cloned();
        let mistakes = broken.unwrap_or_else(|| vec![Mistake { at: None, place, what: flaw.to_string() }]);
        // The template writes to a string, which cannot fail.
        self.push_html(NotShown { example, mistakes }.render().unwrap_or_default());
    }

    fn push_html(&mut self, html: String) {
        self.events.push(Event::Html(CowStr::from(html)));
    }

    fn claim(&mut self, id: &str) -> Result<(), Flaw> {
        if self.ids.insert(id.to_owned()) { Ok(()) } else { Err(Flaw::SameId(id.to_owned())) }
    }

    /// `slug`, or with a number behind it when it is taken.
    fn free_id(&mut self, slug: &str) -> String {
        let mut id = slug.to_owned();
        let mut number = 2;
        while !self.ids.insert(id.clone()) {
            id = format!("{slug}-{number}");
            number += 1;
        }
        id
    }
}

fn is_example(info: &str) -> bool {
    info.split_whitespace().next() == Some("example")
}

/// What is inside of an element that cannot hold another of its kind.
fn until<'a>(events: &mut OffsetIter<'a>, end: TagEnd) -> Vec<Event<'a>> {
    events.map(|(event, _)| event).take_while(|event| *event != Event::End(end)).collect()
}

fn images(events: &[Event<'_>]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Start(Tag::Image { .. }))).count()
}

fn refuse_images(events: &[Event<'_>]) -> Result<(), Flaw> {
    if images(events) == 0 { Ok(()) } else { Err(Flaw::InlineImage) }
}

fn text_of(events: &[Event<'_>]) -> String {
    let text = events.iter().map(|event| match event {
        Event::Text(text) | Event::Code(text) => text,
        Event::SoftBreak | Event::HardBreak => " ",
        _ => "",
    });
    text.collect()
}

/// Words of a heading, for its address.
pub(super) fn slug(text: &str) -> String {
    let lower = text.replace(['\'', '’'], "").to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    if slug.is_empty() { "section".to_owned() } else { slug }
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
