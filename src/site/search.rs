//! The index of the search: what each page says, part by part, with where to land. The page's script makes it searchable.

use std::collections::BTreeSet;
use std::mem;

use pulldown_cmark::{Event, Tag, TagEnd};
use serde::{Serialize, Serializer};

use super::view::SnippetView;

/// What the address of the index answers with. Addresses in it are relative to its own.
#[derive(Debug, Serialize)]
pub struct Index<'a> {
    /// Pages in the order of the site.
    pub pages: Vec<IndexedPage<'a>>,
}

/// A page.
#[derive(Debug, Serialize)]
pub struct IndexedPage<'a> {
    /// Its address, from the slash on. Written without that slash, so that it is relative to the index.
    #[serde(rename = "href", serialize_with = "relative")]
    pub path: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Title of its section; empty where it belongs to none.
    pub section: &'a str,
    /// One sentence on what it is about.
    pub summary: &'a str,
    /// What it says, in order.
    pub parts: &'a [Part],
}

/// A part of a page that can be landed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The `id` of its element; empty for what stands above the first heading.
    pub id: String,
    /// The heading, or the title of the example; empty above the first heading.
    pub heading: String,
    /// Whether it is an example.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub example: bool,
    /// Its words, with single spaces between them.
    pub text: String,
}

/// Puts the parts of a body together, while its blocks come by.
#[derive(Debug, Default)]
pub struct Parts {
    done: Vec<Part>,
    current: Part,
    /// Examples stand within a part, and come after it.
    examples: Vec<Part>,
    /// Inside of a question's answer, which an excerpt would give away.
    is_answer: bool,
    /// Inside of a table's head, which says little without the columns below it.
    is_head: bool,
}

impl Parts {
    /// Begins the part below a heading.
    pub fn heading(&mut self, id: &str, text: &str) {
        self.close();
        self.current = Part { id: id.to_owned(), heading: text.to_owned(), ..Part::default() };
    }

    /// An example with its caption, and the variables that it sets or offers.
    pub fn example<'a>(&mut self, view: &SnippetView, caption: impl Iterator<Item = Event<'a>>) {
        let mut text = String::new();
        caption.for_each(|event| add(&mut text, &event));
        let mut variables = BTreeSet::new();
        for variant in &view.variants {
            variables.extend(variant.knobs.iter().cloned());
            variables.extend(variant.env.iter().map(|(name, value)| format!("{name}={value}")));
        }
        for variable in variables {
            append(&mut text, &variable);
            text.push(' ');
        }
        let (id, heading) = (view.example.clone(), view.title.clone());
        self.examples.push(Part { id, heading, example: true, text: text.trim_end().to_owned() });
    }

    /// More of the current part.
    pub fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Html(html) => self.html(html),
            Event::Start(Tag::TableHead) => self.is_head = true,
            Event::End(TagEnd::TableHead) => self.is_head = false,
            _ if self.is_answer || self.is_head => {}
            other => add(&mut self.current.text, other),
        }
    }

    /// A drawing, as it is told to those who do not see it, with its caption.
    pub fn drawing<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        for text in words {
            append(&mut self.current.text, text);
            append(&mut self.current.text, " ");
        }
    }

    /// All of them. Parts that say nothing are left out.
    pub fn done(mut self) -> Vec<Part> {
        self.close();
        self.done
    }

    /// A line of a block of HTML. Lessons have questions, `<details>` with a `<summary>`, and comments.
    fn html(&mut self, line: &str) {
        if line.contains("</details>") {
            self.is_answer = false;
        }
        if let Some((_, rest)) = line.split_once("<summary>") {
            append(&mut self.current.text, &without_tags(rest));
            append(&mut self.current.text, " ");
            self.is_answer = true;
        }
    }

    fn close(&mut self) {
        let mut part = mem::take(&mut self.current);
        part.text.truncate(part.text.trim_end_matches([' ', '·']).len());
        if !part.heading.is_empty() || !part.text.is_empty() {
            self.done.push(part);
        }
        self.done.append(&mut self.examples);
    }
}

/// `./` is the home page.
fn relative<S: Serializer>(path: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("./{}", path.trim_start_matches('/')))
}

/// Appends the words of an event, and keeps those of different blocks apart.
fn add(text: &mut String, event: &Event<'_>) {
    match event {
        Event::Text(words) | Event::Code(words) => append(text, words),
        Event::SoftBreak | Event::HardBreak => append(text, " "),
        Event::End(TagEnd::TableRow | TagEnd::Item) => append(text, " · "),
        Event::End(tag) if !is_inline(*tag) => append(text, " "),
        _ => {}
    }
}

/// Appends with every run of white space made one space.
fn append(to: &mut String, text: &str) {
    for char in text.chars() {
        if !char.is_whitespace() {
            to.push(char);
        } else if !to.is_empty() && !to.ends_with(' ') {
            to.push(' ');
        }
    }
}

fn is_inline(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
}

fn without_tags(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, after)| after));
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use crate::site::Content;

    #[test]
    fn every_lesson_is_there_with_parts_that_can_be_landed_on() {
        let content = Content::load().unwrap();
        let pages: Vec<_> = content.indexed().collect();
        assert!(pages.len() >= 12, "{}", pages.len());
        for page in pages {
            let (_, lesson, _) = content.lesson(page.path.strip_prefix("/lessons/").unwrap()).unwrap();
            assert_eq!((page.title, page.section), (lesson.card.title.as_str(), lesson.section.as_str()));
            assert!(page.parts.iter().any(|part| part.example && !part.text.is_empty()), "{page:?}");
            for part in page.parts {
                let lands = format!(" id=\"{}\"", part.id);
                assert!(part.id.is_empty() || lesson.body_html.contains(&lands), "{lands} of {}", page.path);
                assert!(!part.text.contains("  ") && part.text.trim() == part.text, "{part:?}");
                assert!(!part.text.contains("<details") && !part.text.contains("</"), "{part:?}");
            }
        }
    }
}
