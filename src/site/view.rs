//! The pages as plain data, and the templates that turn them into HTML.
//!
//! Nothing here reads a file or knows a lesson: others fill these structs in. All text is escaped
//! by the templates, apart from the fields that say `html`, which must be trusted.

use std::collections::BTreeMap;
use std::fmt;

use askama::Template;
use sandbox::report::Level;
use serde::Serialize;

use super::map::SkillMap;
use super::mistakes::Mistake;
use super::questions::Question;

/// What all pages share. Made once, when the server starts.
#[derive(Debug, Clone)]
pub struct Site {
    /// How strong the sandbox is; every page warns when it is [`Level::Reduced`].
    pub sandbox: Level,
    /// Addresses of the bundled files.
    pub assets: Assets,
    /// Version of the toolchain that runs examples, as `go1.27.3`; named at the foot of each page.
    pub go: String,
    /// The sentence for each exit status. `{code}`, `{signal}` and `{limit}` are filled in by the
    /// page's script from fields of the exit event.
    pub endings: BTreeMap<String, String>,
    /// The modes that a reader may switch to, in the order shown.
    pub modes: Vec<Mode>,
}

/// Addresses of the bundled files, with a query that changes with their content if wanted.
#[derive(Debug, Clone)]
pub struct Assets {
    /// `site.css`. Its fonts are named relative to it, in `fonts/`.
    pub css: String,
    /// `site.js`, an ES module.
    pub js: String,
    /// `watch.js`, an ES module for watch mode.
    pub watch_js: String,
    /// `theme.js`, a classic script that blocks the first paint.
    pub theme_js: String,
    /// `revise.js`, an ES module for the page of questions.
    pub revise_js: String,
    /// `icon.svg`.
    pub icon: String,
}

/// A mode of the runner.
#[derive(Debug, Clone, Serialize)]
pub struct Mode {
    /// Name in requests: `escape`.
    pub name: String,
    /// Name for readers: `Escape analysis`.
    pub label: String,
}

/// What every page's frame needs.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    /// What all pages share.
    pub site: &'a Site,
    /// Title of the page, without the site's name.
    pub title: String,
    /// One sentence for search engines and link previews.
    pub description: String,
    /// Path of the page, from the slash on.
    pub path: String,
    /// What is wrong with what authors wrote, as far as this page tells of it.
    pub mistakes: Vec<Mistaken>,
    /// In watch mode, what is on the page, in short: another word means that it has changed.
    pub mark: Option<String>,
}

/// Mistakes that belong together.
#[derive(Debug, Clone)]
pub struct Mistaken {
    /// The page that they are told on, where that is another one.
    pub link: Option<Link>,
    /// At least one.
    pub mistakes: Vec<Mistake>,
}

/// What stands in the place of a part of a lesson that cannot be shown.
#[derive(Debug, Clone, Template)]
#[template(path = "not-shown.html")]
pub struct NotShown {
    /// Path of the example that it would be.
    pub example: Option<String>,
    /// Why.
    pub mistakes: Vec<Mistake>,
}

impl<'a> Page<'a> {
    /// A page without mistakes.
    pub fn new(site: &'a Site, path: &str, title: &str, description: &str) -> Self {
        let (path, title, description) = (path.to_owned(), title.to_owned(), description.to_owned());
        Self { site, title, description, path, mistakes: Vec::new(), mark: None }
    }

    /// The `underhood-page` JSON, for the page's script.
    fn data(&self) -> ScriptJson {
        #[derive(Serialize)]
        struct Data<'a> {
            endings: &'a BTreeMap<String, String>,
            modes: &'a [Mode],
            sandbox: Level,
        }
        ScriptJson::of(&Data { endings: &self.site.endings, modes: &self.site.modes, sandbox: self.site.sandbox })
    }

    fn is_reduced(&self) -> bool {
        self.site.sandbox == Level::Reduced
    }

    fn count_of_mistakes(&self) -> usize {
        self.mistakes.iter().map(|together| together.mistakes.len()).sum()
    }

    fn is_home(&self) -> bool {
        self.is_at("/")
    }

    fn is_at(&self, path: &str) -> bool {
        self.path == path
    }
}

/// The home page.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub struct HomePage<'a> {
    /// The frame.
    pub page: Page<'a>,
    /// A rendered [`SnippetView`] to show at the top. Trusted.
    pub snippet_html: Option<String>,
    /// Sections in order; those without cards are left out of the page.
    pub sections: Vec<Section>,
}

impl HomePage<'_> {
    /// Where to begin: the first lesson that is written.
    fn first(&self) -> Option<&Card> {
        self.sections.iter().find_map(|section| section.cards.first())
    }
}

/// A group of lessons.
#[derive(Debug, Clone)]
pub struct Section {
    /// Title of the section.
    pub title: String,
    /// Its lessons that are written.
    pub cards: Vec<Card>,
}

/// A lesson on the home page.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Stays the same when the lesson moves: what a reader has learned is kept under it.
    pub id: String,
    /// Ids of the lessons that it builds on.
    pub needs: Vec<String>,
    /// Address of the lesson.
    pub href: String,
    /// Number of the lesson on the whole site, from 1.
    pub number: u32,
    /// Title of the lesson.
    pub title: String,
    /// What it is about, in a sentence or two.
    pub summary: String,
    /// `Intermediate`, `Advanced` or `Reference`.
    pub level: String,
    /// Minutes that it takes to read.
    pub minutes: u32,
    /// How many questions it asks.
    pub questions: usize,
}

/// A lesson.
#[derive(Debug, Template)]
#[template(path = "lesson.html")]
pub struct LessonPage<'a> {
    /// The frame.
    pub page: Page<'a>,
    /// What it is marked as learned under.
    pub id: String,
    /// Title of its section.
    pub section: String,
    /// Number of the lesson on the whole site, from 1.
    pub number: u32,
    /// Title of the lesson.
    pub title: String,
    /// What it is about, in a sentence or two.
    pub summary: String,
    /// `Intermediate`, `Advanced` or `Reference`.
    pub level: String,
    /// Minutes that it takes to read.
    pub minutes: u32,
    /// The headings of the body, in order.
    pub contents: Vec<Entry>,
    /// The body, with its snippets and drawings. Trusted.
    pub body_html: String,
    /// The lesson before this one.
    pub previous: Option<Link>,
    /// The lesson after this one.
    pub next: Option<Link>,
}

/// The skill map.
#[derive(Debug, Template)]
#[template(path = "map.html")]
pub struct MapPage<'a> {
    /// The frame.
    pub page: Page<'a>,
    /// Where each lesson stands.
    pub map: SkillMap,
}

/// The questions of all lessons.
#[derive(Debug, Template)]
#[template(path = "revise.html")]
pub struct RevisePage<'a> {
    /// The frame.
    pub page: Page<'a>,
    /// Lessons with their questions, in order.
    pub lessons: Vec<Asked>,
}

/// A lesson, and what it asks.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The lesson.
    pub card: Card,
    /// Its questions.
    pub questions: Vec<Question>,
}

/// An entry of the table of contents.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The heading's `id`.
    pub id: String,
    /// Its text.
    pub text: String,
}

/// A link with its text.
#[derive(Debug, Clone)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: String,
}

/// A runnable example, as it stands in a lesson: a caption, and a form that scripts turn into an editor.
#[derive(Debug, Clone, Template)]
#[template(path = "snippet.html")]
pub struct SnippetView {
    /// Path of the example: `escape/return-pointer`.
    pub example: String,
    /// Title of the example.
    pub title: String,
    /// What to do and what to look for; may be empty. Trusted.
    pub caption_html: String,
    /// The code: one file, or txtar.
    pub source: String,
    /// The ways of running it.
    pub variants: Vec<Variant>,
    /// Name of the variant to begin with.
    pub variant: String,
}

/// One way of running an example.
#[derive(Debug, Clone, Serialize)]
pub struct Variant {
    /// Name within the example.
    pub name: String,
    /// Mode of the runner.
    pub mode: String,
    /// Name for readers.
    pub label: String,
    /// Options of the mode, as a request has them.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// Environment of the run.
    pub env: BTreeMap<String, String>,
    /// Variables of the environment that the reader is offered to change.
    pub knobs: Vec<String>,
}

/// A knob in the form without scripts, where one input serves all variants.
struct FormKnob<'a> {
    name: &'a str,
    value: &'a str,
    placeholder: &'static str,
}

/// The text area grows with its code up to this many lines; the editor stops at the same height.
const MAX_ROWS: usize = 40;

impl SnippetView {
    fn data(&self) -> ScriptJson {
        #[derive(Serialize)]
        struct Data<'a> {
            example: &'a str,
            title: &'a str,
            source: &'a str,
            variants: &'a [Variant],
            variant: &'a str,
        }
        ScriptJson::of(&Data {
            example: &self.example,
            title: &self.title,
            source: &self.source,
            variants: &self.variants,
            variant: &self.variant,
        })
    }

    /// As many rows as an editor shows lines: a newline at the end opens another one.
    fn rows(&self) -> usize {
        (self.source.matches('\n').count() + 1).clamp(2, MAX_ROWS)
    }

    /// Each variable once. With one variant its value stands in the field; with several a field
    /// starts empty, which means what the chosen variant says.
    fn form_knobs(&self) -> Vec<FormKnob<'_>> {
        let only = match self.variants.as_slice() {
            [variant] => Some(variant),
            _ => None,
        };
        let mut knobs: Vec<FormKnob<'_>> = Vec::new();
        for name in self.variants.iter().flat_map(|variant| &variant.knobs) {
            if knobs.iter().any(|knob| knob.name == name) {
                continue;
            }
            let value = only.and_then(|variant| variant.env.get(name));
            knobs.push(FormKnob {
                name,
                value: value.map_or("", String::as_str),
                placeholder: if only.is_some() { "not set" } else { "as the variant" },
            });
        }
        knobs
    }
}

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

/// A page that could not be shown, or a run that was refused.
#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub struct ProblemPage<'a> {
    /// The frame.
    pub page: Page<'a>,
    /// HTTP status.
    pub status: u16,
    /// What went wrong, in a few words.
    pub title: String,
    /// What to do about it.
    pub detail: String,
    /// What would have been accepted; may be empty.
    pub allowed: Vec<String>,
}

impl<'a> ProblemPage<'a> {
    /// Its title is the page's.
    pub fn new(page: Page<'a>, status: u16, detail: String, allowed: Vec<String>) -> Self {
        Self { title: page.title.clone(), page, status, detail, allowed }
    }
}

/// JSON that is safe inside a `<script>` element: nothing in it can close the element.
struct ScriptJson(String);

impl ScriptJson {
    fn of(value: &impl Serialize) -> Self {
        // These types have string keys and no serializer of their own, so that this cannot fail.
        let json = serde_json::to_string(value).unwrap_or_default();
        Self(json.replace('<', "\\u003c"))
    }
}

impl fmt::Display for ScriptJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippet(source: &str) -> SnippetView {
        SnippetView {
            example: "escape/quote".into(),
            title: "Quotes & <tags>".into(),
            caption_html: "<p>Press Run.</p>".into(),
            source: source.into(),
            variants: vec![Variant {
                name: "gc".into(),
                mode: "run".into(),
                label: "Run".into(),
                options: serde_json::Map::new(),
                env: BTreeMap::from([("GOGC".into(), "50".into())]),
                knobs: vec!["GOGC".into()],
            }],
            variant: "gc".into(),
        }
    }

    #[test]
    fn code_cannot_leave_the_script_or_the_text_area() {
        let html = snippet("// </script></textarea><!--\n").render().unwrap();
        assert_eq!(html.matches("</script>").count(), 1, "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(!html.contains("<!--"), "{html}");
    }

    #[test]
    fn the_json_holds_the_source_unchanged() {
        let source = "package main\n\n// a < b && \"c\" </script>\n";
        let html = snippet(source).render().unwrap();
        let (_, rest) = html.split_once(r#"class="snippet-data">"#).unwrap();
        let (json, _) = rest.split_once("</script>").unwrap();
        let data: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(data["source"], source);
        assert_eq!(data["variants"][0]["env"]["GOGC"], "50");
    }

    #[test]
    fn a_leading_newline_survives_the_text_area() {
        // HTML drops one newline right after <textarea>.
        let html = snippet("\npackage main\n").render().unwrap();
        let (_, rest) = html.split_once("<textarea").unwrap();
        let (_, text) = rest.split_once('>').unwrap();
        assert!(text.starts_with("\n\npackage main"), "{text}");
    }

    #[test]
    fn the_only_variants_environment_stands_in_the_form() {
        let html = snippet("package main\n").render().unwrap();
        assert!(html.contains(r#"name="env.GOGC" value="50""#), "{html}");
    }
}
