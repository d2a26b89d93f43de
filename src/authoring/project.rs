//! A folder of examples, ours or anybody's, and the lessons beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Complaint;
use super::golden::Golden;
use super::output::Form;
use crate::examples::{self, Catalogue, DESCRIPTION, Example, Fault, GOLDEN, Variant};
use crate::site::content::{Broken, LessonFault};
use crate::site::{At, Content, Mistake};

/// The folder of lessons, beside that of examples.
const LESSONS: &str = "lessons";

/// What is checked.
#[derive(Debug)]
pub struct Project {
    /// The folder of examples, as messages name it: relative to the current folder where that is above it.
    pub folder: PathBuf,
    /// The chosen examples that are in order, by path.
    pub examples: Vec<Example>,
    /// All goldens, by file relative to the folder.
    pub goldens: BTreeMap<String, String>,
    /// The lessons; none where only some examples were chosen.
    pub lessons: Texts,
    /// What is wrong with files, the project's as a whole and those of the chosen examples.
    pub faults: Vec<Complaint>,
}

/// Texts of files, by their names as messages have them.
type Texts = BTreeMap<PathBuf, String>;

/// Why there is nothing to check.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("{0}: {1}")]
    Read(PathBuf, io::Error),
    #[error(
        "{0}: there is no folder of examples at or above it; one has a go.mod and folders TOPIC/NAME with an {DESCRIPTION}"
    )]
    None(PathBuf),
    #[error("{0}: several folders of examples: {1}; name one")]
    Several(PathBuf, String),
    #[error("{0} and {1} belong to different folders of examples; check one after the other")]
    Different(PathBuf, PathBuf),
    #[error("{0}: it holds no example")]
    NoExample(PathBuf),
}

impl Project {
    /// Reads the folder of examples that `paths` name, lie above, or lie in; if they lie in it, only the examples that they
    /// name or hold are chosen.
    ///
    /// # Errors
    /// When there is no such folder, or it cannot be read.
    pub fn open(paths: &[PathBuf]) -> Result<Self, ProjectError> {
        let mut folder: Option<PathBuf> = None;
        let mut chosen = BTreeSet::new();
        for path in paths {
            let path = path.canonicalize().map_err(|error| ProjectError::Read(path.clone(), error))?;
            let found = locate(&path)?;
            if let Some(folder) = folder.as_ref().filter(|folder| **folder != found) {
                return Err(ProjectError::Different(folder.clone(), found));
            }
            let inside = path.strip_prefix(&found).map_or_else(|_| PathBuf::new(), Path::to_owned);
            folder = Some(found);
            chosen.insert(inside);
        }
        let folder = folder.ok_or_else(|| ProjectError::None(".".into()))?;
        let project = Self::read(&folder, &chosen)?;
        if project.examples.is_empty() && project.faults.is_empty() {
            return Err(ProjectError::NoExample(project.folder));
        }
        Ok(project)
    }

    fn read(folder: &Path, chosen: &BTreeSet<PathBuf>) -> Result<Self, ProjectError> {
        let Folder { shown, reading, content, mut lessons, mut faults } = Folder::read(folder)?;
        let is_chosen =
            |path: &str| chosen.iter().any(|chosen| Path::new(path).starts_with(chosen) || chosen.starts_with(path));
        let all = chosen.iter().any(|chosen| chosen.as_os_str().is_empty());
        lessons.retain(|_, _| all);
        let place = self::shown(&lessons_beside(folder));
        let concerns = |file: &Path| match below(&place, file) {
            Some(lesson) => is_of_lesson(lesson, &content, &is_chosen),
            None => below(&shown, file).is_some_and(|file| is_in(file, &is_chosen)),
        };
        faults.retain(|fault| all || concerns(&fault.file));
        let examples = reading.examples.into_iter().filter(|example| is_chosen(&example.path)).collect();
        Ok(Self { folder: shown, examples, goldens: reading.goldens, lessons, faults })
    }

    /// Where a variant's golden lies, relative to the folder.
    pub fn golden_file(example: &Example, variant: &Variant) -> String {
        format!("{}/{GOLDEN}/{}.txt", example.path, variant.name)
    }

    /// A file of the folder, as messages name it.
    pub fn shown(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// The golden of a variant.
    pub fn golden(&self, example: &Example, variant: &Variant) -> Option<Golden> {
        self.goldens.get(&Self::golden_file(example, variant)).and_then(|text| Golden::read(text))
    }
}

/// All that lies in a folder of examples and in the lessons beside it.
struct Folder {
    /// As messages name it.
    shown: PathBuf,
    reading: examples::Reading,
    content: Content,
    lessons: Texts,
    /// By file and line.
    faults: Vec<Complaint>,
}

impl Folder {
    fn read(folder: &Path) -> Result<Self, ProjectError> {
        let shown = shown(folder);
        let reading = examples::read(files(folder)?);
        let mut faults: Vec<Complaint> = reading.faults.iter().map(|fault| of_fault(&shown, fault)).collect();
        faults.extend(strays_of_form(&shown, &reading.examples, &reading.goldens));
        let (content, lessons, of_lessons) = read_lessons(&lessons_beside(folder), &shown, &reading)?;
        faults.extend(of_lessons);
        faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        Ok(Self { shown, reading, content, lessons, faults })
    }
}

/// What the site shows of a folder of examples and the lessons beside it, with all that is wrong.
///
/// # Errors
/// When the folder cannot be read.
pub fn site(folder: &Path) -> Result<(Content, Vec<Mistake>), ProjectError> {
    let Folder { shown: examples, content, faults, .. } = Folder::read(folder)?;
    let lessons = shown(&lessons_beside(folder));
    Ok((content, faults.iter().map(|fault| mistake(&examples, &lessons, fault)).collect()))
}

fn mistake(examples: &Path, lessons: &Path, fault: &Complaint) -> Mistake {
    let name = |file: &Path| file.to_string_lossy().into_owned();
    let at = match below(lessons, &fault.file) {
        Some(file) => Some(At::Lesson(name(file))),
        None => below(examples, &fault.file).and_then(example_of).map(|path| At::Example(name(&path))),
    };
    Mistake { at, place: fault.place(), what: fault.message.clone() }
}

/// A file's name relative to a folder, where both are as messages name them: the current folder's own name is empty, and
/// a prefix of every path.
fn below<'a>(folder: &Path, file: &'a Path) -> Option<&'a Path> {
    file.strip_prefix(folder).ok().filter(|_| folder.is_absolute() == file.is_absolute())
}

/// The example that a file of the folder belongs to.
fn example_of(file: &Path) -> Option<PathBuf> {
    (file.components().count() > 2).then(|| file.components().take(2).collect())
}

/// The folder of examples at `path`, which is absolute, below it or above it, as messages name it.
///
/// # Errors
/// When there are several, or a folder cannot be read.
pub fn folder_at(path: &Path) -> Result<Option<PathBuf>, ProjectError> {
    match locate(path) {
        Ok(folder) => Ok(Some(shown(&folder))),
        Err(ProjectError::None(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a variant has a golden.
pub fn has_golden(variant: &Variant) -> bool {
    variant.golden.unwrap_or_else(|| Form::of(variant.mode.name()).is_steady())
}

/// Whether a file belongs to a chosen example.
fn is_in(file: &Path, is_chosen: &dyn Fn(&str) -> bool) -> bool {
    let example: PathBuf = file.components().take(2).collect();
    example.to_str().is_some_and(is_chosen)
}

/// Whether a file is a lesson that shows a chosen example, or may do so since it cannot be read.
fn is_of_lesson(file: &Path, content: &Content, is_chosen: &dyn Fn(&str) -> bool) -> bool {
    let named = file.to_str().filter(|file| file.ends_with(".md")).map(|file| content.named_by(file));
    named.is_some_and(|named| named.is_none_or(|paths| paths.iter().any(|path| is_chosen(path))))
}

/// The folder of examples at `path`, which is absolute, below it, or above it, whichever is nearest. What lies beside a folder
/// above is looked at only where that is the root of a repository or `path` is among its lessons: elsewhere it is somebody
/// else's.
///
/// # Errors
/// When there is none, or several, or a folder cannot be read.
pub fn locate(path: &Path) -> Result<PathBuf, ProjectError> {
    let first = path.ancestors().find(|above| above.is_dir());
    for above in path.ancestors().filter(|above| above.is_dir()) {
        if is_folder_of_examples(above) {
            return Ok(above.to_owned());
        }
        let is_root = above.join(".git").exists();
        if !is_root && first != Some(above) && !path.starts_with(above.join(LESSONS)) {
            continue;
        }
        // One that is called as ours is taken before others.
        let ours = above.join("examples-go");
        if is_folder_of_examples(&ours) {
            return Ok(ours);
        }
        let entries = fs::read_dir(above).map_err(|error| ProjectError::Read(above.to_owned(), error))?;
        let below = entries.flatten().map(|entry| entry.path()).filter(|path| is_folder_of_examples(path));
        let below: Vec<PathBuf> = below.collect();
        match below.as_slice() {
            [] => {}
            [one] => return Ok(one.clone()),
            several => {
                let names: Vec<_> = several.iter().map(|path| shown(path).display().to_string()).collect();
                return Err(ProjectError::Several(above.to_owned(), names.join(", ")));
            }
        }
        // What lies above a repository is another's.
        if is_root {
            break;
        }
    }
    Err(ProjectError::None(path.to_owned()))
}

fn is_folder_of_examples(folder: &Path) -> bool {
    let below = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    folder.join("go.mod").is_file()
        && below(folder).any(|topic| below(&topic).any(|example| example.join(DESCRIPTION).is_file()))
}

/// Where the lessons of a folder of examples lie, if there are any.
pub fn lessons_beside(folder: &Path) -> PathBuf {
    folder.with_file_name(LESSONS)
}

/// Relative to the current folder where it lies in it.
fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    match here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned)) {
        Some(relative) => relative,
        None => path.to_owned(),
    }
}

/// All files below a folder, by name relative to it. Links are not followed.
fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, ProjectError> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| ProjectError::Read(folder.to_owned(), error.into()))?;
        if entry.file_type().is_dir() {
            continue;
        }
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_string_lossy().into_owned();
        let bytes = fs::read(entry.path()).map_err(|error| ProjectError::Read(entry.path().to_owned(), error))?;
        files.push((name, bytes));
    }
    Ok(files)
}

fn of_fault(folder: &Path, fault: &Fault) -> Complaint {
    Complaint::new(folder.join(&fault.file), fault.line, fault.flaw.to_string())
}

/// Goldens of variants that have none, and those that cannot be read.
fn strays_of_form(folder: &Path, examples: &[Example], goldens: &BTreeMap<String, String>) -> Vec<Complaint> {
    let mut faults = Vec::new();
    for example in examples {
        for variant in &example.variants {
            let file = Project::golden_file(example, variant);
            let Some(text) = goldens.get(&file) else { continue };
            let place = folder.join(&file);
            if !has_golden(variant) && variant.golden.is_none() {
                let what = "its variant has no golden, since its output may differ each time; write golden = true, or \
                            remove it";
                faults.push(Complaint::new(place, None, what.to_owned()));
            } else if Golden::read(text).is_none() {
                faults.push(Complaint::uncaptured(place, "its first line does not say which Go made it"));
            }
        }
    }
    faults
}

/// The lessons and their texts, with what is wrong with them; nothing is wrong where there is no such folder.
fn read_lessons(
    lessons: &Path,
    folder: &Path,
    reading: &examples::Reading,
) -> Result<(Content, Texts, Vec<Complaint>), ProjectError> {
    let mut texts = BTreeMap::new();
    let mut complaints = Vec::new();
    let place = shown(lessons);
    let is_there = lessons.is_dir();
    for (name, bytes) in if is_there { files(lessons)? } else { Vec::new() } {
        if !name.ends_with(".md") && !name.ends_with(".svg") {
            continue;
        }
        match String::from_utf8(bytes) {
            Ok(text) => drop(texts.insert(name, text)),
            Err(_) => complaints.push(Complaint::new(place.join(&name), None, "it is not UTF-8".to_owned())),
        }
    }
    let mut broken: Broken = reading.broken.iter().map(|path| (path.clone(), Vec::new())).collect();
    for fault in &reading.faults {
        let example = example_of(Path::new(&fault.file)).and_then(|path| broken.get_mut(path.to_str()?));
        if let Some(mistakes) = example {
            mistakes.push(mistake(folder, &place, &of_fault(folder, fault)));
        }
    }
    let (content, faults) = Content::gather(&texts, Catalogue::new(reading.examples.clone()), &broken);
    // An example that is broken is told of already, and so are the lessons that name it.
    let is_news = |fault: &LessonFault| fault.missing().is_none_or(|path| !reading.broken.contains(path));
    complaints.extend(faults.into_iter().filter(|fault| is_there && is_news(fault)).map(|fault| {
        let file = match &fault.at {
            At::Lesson(file) => place.join(file),
            At::Example(path) => folder.join(path).join(DESCRIPTION),
        };
        Complaint::new(file, Some(fault.line.unwrap_or(1)), fault.what.to_string())
    }));
    texts.retain(|name, _| name.ends_with(".md"));
    let texts = texts.into_iter().map(|(name, text)| (place.join(name), text)).collect();
    Ok((content, texts, complaints))
}
