//! What pages show at a time, and the page at each address.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::Arc;

use askama::{Result, Template as _};
use axum::http::StatusCode;

use crate::http::reference;
use crate::site::content::{Neighbours, snippet};
use crate::site::search::{Index, IndexedPage};
use crate::site::view::{HomePage, LessonPage, MapPage, Mistaken, Page, ProblemPage, RevisePage, Site};
use crate::site::{Content, Mistake, Mistakes, map};

/// Content, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub content: Arc<Content>,
    mistakes: Arc<Mistakes>,
}

/// A page, or why it could not be rendered.
pub type Rendered = (StatusCode, Result<String>);

const HOME_TITLE: &str = "Go, under the hood";
const HOME_DESCRIPTION: &str = "Lessons on Go's memory, runtime and compiler. Change the code, press Run, and read \
                                what the real toolchain prints.";
const HOME_EXAMPLE: &str = "escape/return-pointer";
const HOME_CAPTION: &str = "<p>Say what you expect, then press Run.</p>\n";
/// Where the skill map is.
pub const MAP: &str = "/map";
const MAP_TITLE: &str = "Skill map";
const MAP_DESCRIPTION: &str =
    "What each lesson builds on. Mark lessons as learned on their pages, and the way onward shows here.";
/// Where the questions are.
pub const REVISE: &str = "/revise";
const REVISE_TITLE: &str = "Revise";
const REVISE_DESCRIPTION: &str =
    "The questions of all lessons. Those you know come back later each time, those you do not come back soon.";
const MISSING: &str = "Not found";
const MISSING_DETAIL: &str =
    "There is no page at this address. It may have moved; the lessons are all on the first page.";
const UNREADABLE: &str = "This lesson cannot be read";
const UNREADABLE_DETAIL: &str = "What is wrong with it stands above. The lesson is back when that is mended.";

impl Shown {
    /// Content with mistakes, which may be none.
    pub fn new(content: Arc<Content>, mistakes: &[Mistake]) -> Self {
        let mistakes = Arc::new(Mistakes::new(&content, mistakes));
        Self { content, mistakes }
    }

    /// The page at an address, with the mark that it has now.
    pub fn marked(&self, site: &Site, path: &str) -> Rendered {
        self.render(site, path, Some(self.mark(site, path)))
    }

    /// The page at an address.
    pub fn page(&self, site: &Site, path: &str) -> Rendered {
        self.render(site, path, None)
    }

    /// A word for all that is on the page at an address.
    pub fn mark(&self, site: &Site, path: &str) -> String {
        let (status, text) = self.page(site, path);
        word(&(status.as_u16(), text.unwrap_or_default()))
    }

    /// The index of the search, a word for it and its JSON.
    pub fn index(&self) -> (String, String) {
        let plain = |path, title, summary| IndexedPage { path, title, section: "", summary, parts: &[] };
        let others = [
            plain("/", HOME_TITLE, HOME_DESCRIPTION),
            plain(MAP, MAP_TITLE, MAP_DESCRIPTION),
            plain(REVISE, REVISE_TITLE, REVISE_DESCRIPTION),
        ];
        let index = Index { pages: self.content.indexed().chain(others).collect() };
        // These types have string keys and no way to fail.
        let json = serde_json::to_string(&index).unwrap_or_default();
        (word(&json), json)
    }

    fn render(&self, site: &Site, path: &str, mark: Option<String>) -> Rendered {
        let page = |title: &str, description: &str, mistakes: Vec<Mistaken>| Page {
            mistakes,
            mark,
            ..Page::new(site, path, title, description)
        };
        if path == "/" {
            return (StatusCode::OK, self.home(page(HOME_TITLE, HOME_DESCRIPTION, self.mistakes.all())));
        }
        if path == MAP {
            let page = page(MAP_TITLE, MAP_DESCRIPTION, Vec::new());
            return (StatusCode::OK, MapPage { page, map: map::draw(&self.content.sections()) }.render());
        }
        if path == REVISE {
            let page = page(REVISE_TITLE, REVISE_DESCRIPTION, Vec::new());
            return (StatusCode::OK, RevisePage { page, lessons: self.content.asked() }.render());
        }
        if path == reference::PATH {
            return (StatusCode::OK, reference::render(|title, description| page(title, description, Vec::new())));
        }
        let slug = path.strip_prefix("/lessons/").unwrap_or_default();
        let mistakes = self.mistakes.of_page(slug);
        if let Some(found) = self.content.lesson(slug) {
            let card = &found.1.card;
            return (StatusCode::OK, lesson(page(&card.title, &card.summary, mistakes), found));
        }
        let (status, title, detail) = if self.mistakes.concern(slug) {
            (StatusCode::INTERNAL_SERVER_ERROR, UNREADABLE, UNREADABLE_DETAIL)
        } else {
            (StatusCode::NOT_FOUND, MISSING, MISSING_DETAIL)
        };
        let page = page(title, title, mistakes);
        (status, ProblemPage::new(page, status.as_u16(), detail.to_owned(), Vec::new()).render())
    }

    fn home(&self, page: Page<'_>) -> Result<String> {
        let example = self.content.examples().get(HOME_EXAMPLE);
        let view = example.and_then(|example| snippet(example, None, HOME_CAPTION.to_owned()).ok());
        let snippet_html = view.and_then(|view| view.render().ok());
        HomePage { page, snippet_html, sections: self.content.sections() }.render()
    }
}

/// Another one for another content.
fn word(content: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn lesson(page: Page<'_>, (previous, lesson, next): Neighbours<'_>) -> Result<String> {
    let card = &lesson.card;
    let page = LessonPage {
        page,
        id: card.id.clone(),
        section: lesson.section.clone(),
        number: card.number,
        title: card.title.clone(),
        summary: card.summary.clone(),
        level: card.level.clone(),
        minutes: card.minutes,
        contents: lesson.contents.clone(),
        body_html: lesson.body_html.clone(),
        previous: previous.map(|lesson| lesson.link()),
        next: next.map(|lesson| lesson.link()),
    };
    page.render()
}
