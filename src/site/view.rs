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

mod api;
mod predict;
mod result;
mod shared;
mod snippet;

pub use api::{Answer, ApiPage, CommandLine, Field, Form, Group, Kind, Operation, SchemaView, Shape, Word};
pub use predict::{Prediction, PredictionChoice, PredictionKind, PredictionLine};
pub use result::{OutputPiece, ResultHead, ResultTail};
pub use shared::{Fact, SharedPage};
pub use snippet::{SentWith, SnippetView, Variant};

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
    /// Present where pages are files on any server.
    pub exported: Option<Exported>,
    /// Whether readers can share code here.
    pub shares: bool,
}

/// What an exported site has in place of its own service.
#[derive(Debug, Clone, Serialize)]
pub struct Exported {
    /// The service that runs what readers send, without a slash at its end: `https://run.example.org`.
    pub api: Option<String>,
}

/// Addresses of the bundled files, with a query that changes with their content if wanted.
#[derive(Debug, Clone)]
pub struct Assets {
    /// `site.css`.
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
    /// What `site.js` shares with its parts that are loaded later, named in the head so that it comes at once.
    pub shared_js: Vec<String>,
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
            #[serde(skip_serializing_if = "Option::is_none")]
            exported: Option<&'a Exported>,
            shares: bool,
        }
        ScriptJson::of(&Data {
            endings: &self.site.endings,
            modes: &self.site.modes,
            sandbox: self.site.sandbox,
            exported: self.site.exported.as_ref(),
            shares: self.site.shares,
        })
    }

    /// Whether what its text says of Run cannot be done here.
    fn cannot_run(&self) -> bool {
        let is_exported = self.site.exported.as_ref().is_some_and(|exported| exported.api.is_none());
        is_exported && (self.is_home() || self.path.starts_with("/lessons/"))
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
pub struct ScriptJson(String);

impl ScriptJson {
    /// A value as JSON.
    pub fn of(value: &impl Serialize) -> Self {
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
