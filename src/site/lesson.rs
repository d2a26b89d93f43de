//! A lesson's file: its name, its front matter in TOML between two `+++` lines, and its body.

use serde::Deserialize;

use crate::examples::line_at;

/// A lesson, taken apart.
#[derive(Debug)]
pub struct LessonFile<'a> {
    /// Number on the whole site, from the file's name.
    pub number: u32,
    /// The file's name without number and `.md`: its address.
    pub slug: &'a str,
    /// What the front matter says.
    pub front: Front,
    /// The text below.
    pub body: &'a str,
    /// On which line of the file the body begins, from 1.
    pub body_line: usize,
}

/// The front matter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Front {
    /// Stays the same when the file is renamed.
    pub id: String,
    /// Title.
    pub title: String,
    /// Title of its section.
    pub section: String,
    /// For whom it is.
    pub level: Level,
    /// Minutes that it takes to read.
    pub minutes: u32,
    /// Ids of the lessons that it builds on.
    pub needs: Vec<String>,
    /// Text of its card.
    pub summary: String,
}

/// For whom a lesson is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Level {
    Intermediate,
    Advanced,
    Reference,
}

/// What is wrong with the file's name or its front matter.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    #[error("a lesson is named NN-slug.md, of digits, small letters and hyphens")]
    Name,
    #[error("it does not begin with a line `+++`")]
    NoOpening,
    #[error("the front matter does not end with a line `+++`")]
    NoClosing,
    #[error("front matter: {message}")]
    Toml { line: usize, message: String },
    #[error("front matter: {0} is empty")]
    Empty(&'static str),
}

impl FrontError {
    /// The line of the file, from 1, where one is meant.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Toml { line, .. } => Some(*line),
            _ => None,
        }
    }
}

impl Level {
    /// As it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intermediate => "Intermediate",
            Self::Advanced => "Advanced",
            Self::Reference => "Reference",
        }
    }
}

/// Takes a lesson's file apart.
///
/// # Errors
/// A file name or a front matter that is not as described above.
pub fn read<'a>(file: &'a str, text: &'a str) -> Result<LessonFile<'a>, FrontError> {
    let (number, slug) = name(file).ok_or(FrontError::Name)?;
    let rest = text.strip_prefix("+++\n").ok_or(FrontError::NoOpening)?;
    let (toml, body) = match rest.strip_prefix("+++\n") {
        Some(body) => ("", body),
        None => rest.split_once("\n+++\n").ok_or(FrontError::NoClosing)?,
    };
    let front: Front = toml::from_str(toml).map_err(|error| {
        // Its first line stands below the `+++`.
        let line = error.span().map_or(1, |span| line_at(toml, span.start)) + 1;
        FrontError::Toml { line, message: error.message().to_owned() }
    })?;
    for (key, value) in
        [("id", &front.id), ("title", &front.title), ("section", &front.section), ("summary", &front.summary)]
    {
        if value.trim().is_empty() {
            return Err(FrontError::Empty(key));
        }
    }
    let body_line = text[..text.len() - body.len()].matches('\n').count() + 1;
    Ok(LessonFile { number, slug, front, body, body_line })
}

/// The address of the lesson in a file, if it is named as a lesson's is.
pub fn slug(file: &str) -> Option<&str> {
    name(file).map(|(_, slug)| slug)
}

fn name(file: &str) -> Option<(u32, &str)> {
    let (number, slug) = file.strip_suffix(".md")?.split_once('-')?;
    let is_slug = !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_number = number.len() >= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_slug && is_number { Some((number.parse().ok()?, slug)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRONT: &str = "id = \"a\"\ntitle = \"A\"\nsection = \"S\"\nlevel = \"Advanced\"\nminutes = 5\nneeds = []\n\
                         summary = \"About a.\"\n";

    #[test]
    fn a_lesson_is_taken_apart() {
        let text = format!("+++\n{FRONT}+++\n\nText\n+++\n");
        let lesson = read("07-a-b.md", &text).unwrap();
        assert_eq!((lesson.number, lesson.slug, lesson.body, lesson.body_line), (7, "a-b", "\nText\n+++\n", 10));
        assert_eq!((lesson.front.level, lesson.front.minutes), (Level::Advanced, 5));
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let with = |front: &str| format!("+++\n{front}+++\nText\n");
        for (text, expected) in [
            ("Text\n".to_owned(), "does not begin"),
            (format!("+++\n{FRONT}"), "does not end"),
            (with(""), "missing field `id`"),
            (with(&format!("{FRONT}author = \"x\"\n")), "unknown field `author`"),
            (with(&FRONT.replace("Advanced", "Hard")), "unknown variant `Hard`"),
            (with(&FRONT.replace("= 5", "= -5")), "expected u32"),
            (with(&FRONT.replace("\"A\"", "\" \"")), "title is empty"),
            (with("id = \n"), "front matter: string values must be quoted"),
        ] {
            let error = read("01-a.md", &text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let line = |front: &str| read("01-a.md", &with(front)).unwrap_err().line();
        assert_eq!(line(&FRONT.replace("= 5", "= -5")), Some(6));
        assert_eq!(line(&format!("{FRONT}author = 1\n")), Some(9));
    }

    #[test]
    fn names_have_a_number_and_a_slug() {
        let text = with_front();
        for file in ["a.md", "1-a.md", "01-.md", "01-A.md", "01_a.md", "01-a.txt", "+1-a.md", "01-a/b.md"] {
            assert!(matches!(read(file, &text), Err(FrontError::Name)), "{file} was taken");
        }
        assert!(read("01-a.md", &text).is_ok());
    }

    fn with_front() -> String {
        format!("+++\n{FRONT}+++\n")
    }
}
