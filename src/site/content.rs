//! All lessons and examples, read and checked against each other.

use std::collections::{BTreeMap, BTreeSet};

use rust_embed::RustEmbed;

use super::lesson::{self, FrontError, LessonFile};
use super::map;
use super::markdown::{self, Flaw, MarkdownError, Sources};
use super::mistakes::At;
use super::questions::{self, Question};
use super::search::{IndexedPage, Part};
use super::view::{Asked, Card, Entry, Link, Section};
use crate::examples::{Catalogue, ExampleError};

pub use super::markdown::{Broken, marked_snippet, snippet};

/// Everything that pages show.
#[derive(Debug)]
pub struct Content {
    lessons: Vec<Lesson>,
    examples: Catalogue,
}

/// A lesson, ready to be shown.
#[derive(Debug)]
pub struct Lesson {
    /// Its address is `/lessons/SLUG`.
    pub slug: String,
    /// What the home page shows of it.
    pub card: Card,
    /// Title of its section.
    pub section: String,
    /// Its headings of the second level.
    pub contents: Vec<Entry>,
    /// Its body. Trusted.
    pub body_html: String,
    /// What it asks.
    pub questions: Vec<Question>,
    /// What it says, for the search.
    parts: Vec<Part>,
    /// Those that it names, be they there or not.
    examples: Vec<String>,
}

/// A lesson between the ones before and after it.
pub type Neighbours<'a> = (Option<&'a Lesson>, &'a Lesson, Option<&'a Lesson>);

/// What is wrong with a lesson or an example of ours; the file is named relative to the repository.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    #[error(transparent)]
    Example(#[from] ExampleError),
    #[error("lessons/{file}: it is not UTF-8")]
    NotText { file: String },
    #[error(transparent)]
    Fault(#[from] LessonFault),
}

/// Something wrong with lessons, or with how they and the examples fit.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {what}", .at.in_repository(), .line.map_or_else(String::new, |line| format!(":{line}")))]
pub struct LessonFault {
    /// Where it is.
    pub at: At,
    /// From 1; absent where the whole file is meant.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: Wrong,
}

/// What is wrong with lessons.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error(transparent)]
    Front(Box<FrontError>),
    #[error(transparent)]
    Body(Box<Flaw>),
    #[error("{other} has the same {what}")]
    Same { other: String, what: &'static str },
    #[error("it needs {id:?}, but no lesson has this id")]
    Needs { id: String },
    #[error("it needs itself, by way of the lessons that it needs")]
    Circle,
    #[error("no lesson shows this drawing")]
    DrawingNotShown,
    #[error("no lesson shows this example")]
    ExampleNotShown,
    #[error("it shows no example")]
    ShowsNone,
}

impl LessonFault {
    /// The example that a lesson names and that is not there.
    pub fn missing(&self) -> Option<&str> {
        match &self.what {
            Wrong::Body(flaw) => match &**flaw {
                Flaw::NoExample(path) => Some(path),
                _ => None,
            },
            _ => None,
        }
    }
}

#[derive(RustEmbed)]
#[folder = "lessons"]
struct Folder;

impl Content {
    /// Reads what is part of the binary; a debug build reads it from the working copy.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn load() -> Result<Self, ContentError> {
        let mut files = BTreeMap::new();
        for file in Folder::iter().filter(|file| file.ends_with(".md") || file.ends_with(".svg")) {
            let Some(read) = Folder::get(&file) else { continue };
            let text = String::from_utf8(read.data.into_owned())
                .map_err(|_| ContentError::NotText { file: file.to_string() })?;
            files.insert(file.to_string(), text);
        }
        Ok(Self::read(&files, Catalogue::load()?)?)
    }

    /// Puts lessons and drawings, by their names relative to `lessons`, together with the examples.
    fn read(files: &BTreeMap<String, String>, examples: Catalogue) -> Result<Self, LessonFault> {
        let (content, mut faults) = Self::gather(files, examples, &Broken::new());
        if faults.is_empty() { Ok(content) } else { Err(faults.swap_remove(0)) }
    }

    /// The same, with all that is wrong. A lesson whose front matter cannot be read is left out. In one whose body has
    /// flaws, each is shown where it stands; so are the mistakes of examples that are `broken`.
    pub fn gather(
        files: &BTreeMap<String, String>,
        examples: Catalogue,
        broken: &Broken,
    ) -> (Self, Vec<LessonFault>) {
        let mut faults = Vec::new();
        let mut taken_apart = Vec::new();
        for (file, text) in files.iter().filter(|(file, _)| file.ends_with(".md")) {
            match lesson::read(file, text) {
                Ok(lesson) => taken_apart.push((file, lesson)),
                Err(error) => {
                    faults.push(LessonFault {
                        at: At::Lesson(file.clone()),
                        line: error.line(),
                        what: Wrong::Front(error.into()),
                    });
                }
            }
        }
        // What a lesson shows, and its id, is known only when it can be read.
        let all_are_read = faults.is_empty();
        check_names(&taken_apart, &mut faults);
        if all_are_read {
            check_needs(&taken_apart, &mut faults);
        }
        let mut lessons = Vec::new();
        for (file, lesson) in taken_apart {
            let drawing = |path: &str| files.get(path).cloned();
            let sources = Sources { examples: &examples, drawing: &drawing, broken };
            lessons.push(render(file, lesson, sources, &mut faults));
        }
        lessons.sort_by_key(|lesson| lesson.card.number);
        let content = Self { lessons, examples };
        if all_are_read {
            content.check_shown(files, &mut faults);
        }
        (content, faults)
    }

    /// The sections, in the order of their first lessons.
    pub fn sections(&self) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        for lesson in &self.lessons {
            match sections.iter_mut().find(|section| section.title == lesson.section) {
                Some(section) => section.cards.push(lesson.card.clone()),
                None => sections.push(Section { title: lesson.section.clone(), cards: vec![lesson.card.clone()] }),
            }
        }
        sections
    }

    /// What each lesson asks, in order; those that ask nothing are left out.
    pub fn asked(&self) -> Vec<Asked> {
        let asked = |lesson: &Lesson| Asked { card: lesson.card.clone(), questions: lesson.questions.clone() };
        self.lessons.iter().map(asked).filter(|asked| !asked.questions.is_empty()).collect()
    }

    /// What each lesson says, in order.
    pub fn indexed(&self) -> impl Iterator<Item = IndexedPage<'_>> {
        self.lessons.iter().map(|lesson| IndexedPage {
            path: &lesson.card.href,
            title: &lesson.card.title,
            section: &lesson.section,
            summary: &lesson.card.summary,
            parts: &lesson.parts,
        })
    }

    /// A lesson with the ones before and after it.
    pub fn lesson(&self, slug: &str) -> Option<Neighbours<'_>> {
        let at = self.lessons.iter().position(|lesson| lesson.slug == slug)?;
        let previous = at.checked_sub(1).and_then(|at| self.lessons.get(at));
        Some((previous, &self.lessons[at], self.lessons.get(at + 1)))
    }

    /// Where an example is shown first.
    pub fn place(&self, example: &str) -> Option<Link> {
        let lesson = self.lessons.iter().find(|lesson| lesson.examples.iter().any(|shown| shown == example))?;
        Some(Link { href: format!("{}#{example}", lesson.card.href), text: lesson.card.title.clone() })
    }

    /// Lessons on whose pages something is shown, by slug; they may be lessons that cannot be read.
    pub fn slugs_of(&self, at: &At) -> Vec<String> {
        match at {
            At::Lesson(file) => lesson::slug(file).map(str::to_owned).into_iter().collect(),
            At::Example(path) => {
                let show = |lesson: &&Lesson| lesson.examples.contains(path);
                self.lessons.iter().filter(show).map(|lesson| lesson.slug.clone()).collect()
            }
        }
    }

    /// The examples that the lesson in a file names, be they there or not; `None` where it cannot be read.
    pub fn named_by(&self, file: &str) -> Option<&[String]> {
        let slug = lesson::slug(file)?;
        self.lessons.iter().find(|lesson| lesson.slug == slug).map(|lesson| lesson.examples.as_slice())
    }

    /// The examples.
    pub fn examples(&self) -> &Catalogue {
        &self.examples
    }

    fn check_shown(&self, files: &BTreeMap<String, String>, faults: &mut Vec<LessonFault>) {
        let hidden = self.examples.iter().filter(|example| self.place(&example.path).is_none());
        faults.extend(hidden.map(|example| LessonFault {
            at: At::Example(example.path.clone()),
            line: None,
            what: Wrong::ExampleNotShown,
        }));
        let empty = |file: &&String| self.named_by(file).is_some_and(<[_]>::is_empty);
        faults.extend(files.keys().filter(empty).map(|file| fault(file, Wrong::ShowsNone)));
        let hidden = files.keys().filter(|file| file.ends_with(".svg")).filter(|drawing| {
            let image = format!("]({drawing}");
            !files.iter().any(|(file, text)| file.ends_with(".md") && text.contains(&image))
        });
        faults.extend(hidden.map(|drawing| LessonFault {
            at: At::Lesson(drawing.clone()),
            line: None,
            what: Wrong::DrawingNotShown,
        }));
    }
}

impl Lesson {
    /// A link to it.
    pub fn link(&self) -> Link {
        Link { href: self.card.href.clone(), text: self.card.title.clone() }
    }
}

/// Ids, numbers and addresses are each lesson's own.
fn check_names(lessons: &[(&String, LessonFile<'_>)], faults: &mut Vec<LessonFault>) {
    for (at, (file, lesson)) in lessons.iter().enumerate() {
        for (other, before) in &lessons[..at] {
            let what = if before.front.id == lesson.front.id {
                "id"
            } else if before.slug == lesson.slug {
                "slug"
            } else if before.number == lesson.number {
                "number"
            } else {
                continue;
            };
            faults.push(fault(file, Wrong::Same { other: (*other).clone(), what }));
        }
    }
}

/// What a lesson needs is there.
fn check_needs(lessons: &[(&String, LessonFile<'_>)], faults: &mut Vec<LessonFault>) {
    let ids: BTreeSet<&str> = lessons.iter().map(|(_, lesson)| lesson.front.id.as_str()).collect();
    for (file, lesson) in lessons {
        for id in lesson.front.needs.iter().filter(|id| !ids.contains(id.as_str())) {
            faults.push(fault(file, Wrong::Needs { id: id.clone() }));
        }
    }
    let needs = lessons.iter().map(|(_, lesson)| (lesson.front.id.as_str(), lesson.front.needs.as_slice()));
    if let Some(id) = map::circle(needs)
        && let Some((file, _)) = lessons.iter().find(|(_, lesson)| lesson.front.id == id)
    {
        faults.push(fault(file, Wrong::Circle));
    }
}

fn fault(file: &str, what: Wrong) -> LessonFault {
    LessonFault { at: At::Lesson(file.to_owned()), line: None, what }
}

fn render(file: &str, lesson: LessonFile<'_>, sources: Sources<'_>, faults: &mut Vec<LessonFault>) -> Lesson {
    let LessonFile { number, slug, front, body, body_line } = lesson;
    let questions = questions::of(body);
    let body = markdown::render(body, (file, body_line), sources);
    faults.extend(body.errors.into_iter().map(|MarkdownError { line, flaw }| {
        let what = Wrong::Body(flaw.into());
        LessonFault { at: At::Lesson(file.to_owned()), line: Some(line), what }
    }));
    let card = Card {
        id: front.id,
        needs: front.needs,
        questions: questions.len(),
        href: format!("/lessons/{slug}"),
        number,
        title: front.title,
        summary: front.summary,
        level: front.level.name().to_owned(),
        minutes: front.minutes,
    };
    Lesson {
        slug: slug.to_owned(),
        card,
        section: front.section,
        contents: body.contents,
        body_html: body.html,
        questions,
        parts: body.parts,
        examples: body.examples,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(id: &str, needs: &str, body: &str) -> String {
        format!(
            "+++\nid = \"{id}\"\ntitle = \"Title of {id}\"\nsection = \"S\"\nlevel = \"Advanced\"\nminutes = 1\n\
             needs = [{needs}]\nsummary = \"Text.\"\n+++\n{body}"
        )
    }

    fn read(files: &[(&str, String)]) -> Result<Content, String> {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
        Content::read(&files, Catalogue::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_example_of_the_repository_is_shown_by_a_lesson() {
        let content = Content::load().unwrap();
        assert!(content.examples().iter().all(|example| content.place(&example.path).is_some()));
        let place = content.place("gc/trace").unwrap();
        assert_eq!(place.href, "/lessons/garbage-collector#gc/trace");
        let sections = content.sections();
        assert_eq!(sections[0].title, "Memory & Garbage Collection");
        let numbers: Vec<_> = sections.iter().flat_map(|section| &section.cards).map(|card| card.number).collect();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
        let (previous, _, next) = content.lesson("stack-and-heap").unwrap();
        assert!(previous.is_none());
        assert_eq!(next.map(|lesson| lesson.slug.as_str()), Some("escape-analysis"));
    }

    #[test]
    fn lessons_follow_their_numbers() {
        let files = [("10-b.md", lesson("b", "\"a\"", "")), ("02-a.md", lesson("a", "", ""))];
        let files = files.map(|(name, text)| (name.to_owned(), text)).into();
        let (content, faults) = Content::gather(&files, Catalogue::default(), &BTreeMap::new());
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults, ["lessons/02-a.md: it shows no example", "lessons/10-b.md: it shows no example"]);
        let numbers: Vec<_> = content.sections()[0].cards.iter().map(|card| card.number).collect();
        assert_eq!(numbers, [2, 10]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file() {
        let plain = || lesson("a", "", "");
        for (files, expected) in [
            (vec![("01-a.md", "Text\n".to_owned())], "lessons/01-a.md: it does not begin"),
            (vec![("01-a.md", lesson("a", "", "\n# T\n"))], "lessons/01-a.md:11: headings"),
            (vec![("01-a.md", plain()), ("02-b.md", plain())], "lessons/02-b.md: 01-a.md has the same id"),
            (vec![("01-a.md", plain()), ("02-a.md", lesson("b", "", ""))], "same slug"),
            (vec![("01-a.md", plain()), ("01-b.md", lesson("b", "", ""))], "same number"),
            (vec![("01-a.md", lesson("a", "\"x\"", ""))], "it needs \"x\""),
            (vec![("01-a.md", lesson("a", "\"b\"", "")), ("02-b.md", lesson("b", "\"a\"", ""))], "it needs itself"),
            (vec![("drawings/a.svg", "<svg ></svg>".to_owned())], "lessons/drawings/a.svg: no lesson"),
        ] {
            let error = read(&files).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let hidden = Content::read(&BTreeMap::new(), Catalogue::load().unwrap()).unwrap_err().to_string();
        assert_eq!(hidden, "examples-go/alloc/batch: no lesson shows this example");
    }
}
