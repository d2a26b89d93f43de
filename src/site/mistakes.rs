//! What is wrong with what authors wrote, and which pages tell of it.

use std::fmt;

use super::Content;
use super::view::{Link, Mistaken};

/// A lesson or an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A file, by its name relative to the folder of lessons.
    Lesson(String),
    /// An example, by its path.
    Example(String),
}

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What it belongs to; absent where it belongs to no lesson or example.
    pub at: Option<At>,
    /// The file, with a line where one is meant: `lessons/02-a.md:3`.
    pub place: String,
    /// What is wrong, in one line or more. May hold anything that a file may hold.
    pub what: String,
}

/// All mistakes, by the pages that tell of them.
#[derive(Debug, Default)]
pub struct Mistakes {
    of_no_lesson: Vec<Mistake>,
    /// By slug, in the order of files.
    of_lessons: Vec<(String, Mistaken)>,
}

impl At {
    /// Its name in this repository.
    pub fn in_repository(&self) -> String {
        match self {
            Self::Lesson(file) => format!("lessons/{file}"),
            Self::Example(path) => format!("examples-go/{path}"),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl Mistakes {
    /// Sorts out to which lessons of the content each belongs. An example's belong to each lesson that names it.
    pub fn new(content: &Content, all: &[Mistake]) -> Self {
        let mut mistakes = Self::default();
        for mistake in all {
            let slugs = mistake.at.as_ref().map(|at| content.slugs_of(at)).unwrap_or_default();
            if slugs.is_empty() {
                mistakes.of_no_lesson.push(mistake.clone());
            }
            for slug in slugs {
                mistakes.of_lesson(content, slug).push(mistake.clone());
            }
        }
        mistakes
    }

    /// What the home page tells: all.
    pub fn all(&self) -> Vec<Mistaken> {
        let of_lessons = self.of_lessons.iter().map(|(_, of_lesson)| of_lesson.clone());
        self.general().into_iter().chain(of_lessons).collect()
    }

    /// What the page of a lesson tells: its own, and those of no lesson.
    pub fn of_page(&self, slug: &str) -> Vec<Mistaken> {
        let own = self.of_lessons.iter().filter(|(of, _)| of == slug);
        let own = own.map(|(_, own)| Mistaken { link: None, mistakes: own.mistakes.clone() });
        own.chain(self.general()).collect()
    }

    /// Whether something is wrong with a lesson, be it one that cannot be read at all.
    pub fn concern(&self, slug: &str) -> bool {
        self.of_lessons.iter().any(|(of, _)| of == slug)
    }

    fn general(&self) -> Option<Mistaken> {
        let mistakes = self.of_no_lesson.clone();
        (!mistakes.is_empty()).then_some(Mistaken { link: None, mistakes })
    }

    fn of_lesson(&mut self, content: &Content, slug: String) -> &mut Vec<Mistake> {
        let at = self.of_lessons.iter().position(|(of, _)| *of == slug).unwrap_or_else(|| {
            let link = match content.lesson(&slug) {
                Some((_, lesson, _)) => lesson.link(),
                None => Link { href: format!("/lessons/{slug}"), text: slug.clone() },
            };
            self.of_lessons.push((slug, Mistaken { link: Some(link), mistakes: Vec::new() }));
            self.of_lessons.len() - 1
        });
        &mut self.of_lessons[at].1.mistakes
    }
}
