//! One configuration: options, the environment, and a TOML file whose keys are the long names of the options.
//!
//! There is one parser, clap's. What the file says becomes the default of the option: the option's own checks hold for it,
//! what is typed or stands in the environment goes before it, and a new option can be set in the file at once. Every
//! subcommand that has an option `--config` takes a file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::builder::ValueParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use toml::de::{DeTable, DeValue};

use crate::examples::line_at;

/// The option that names the file.
const CONFIG: &str = "config";

/// A command line that was read, with what the file and the environment say.
#[derive(Debug)]
pub struct Settings {
    matches: ArgMatches,
    /// The subcommand that was called, as it is without a file.
    called: Command,
    file: Option<File>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command line: the option's long name.
    Option(String),
    /// The environment: the variable.
    Environment(String),
    /// A line of a file, counted from 1.
    File(PathBuf, usize),
    /// Nobody has said anything.
    Default,
}

/// Why a command line or its file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Clap's own words, or the help that was asked for.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// There is no such file, or it is no text.
    #[error("cannot read the settings in {}: {cause}", .path.display())]
    Read {
        /// As it was named.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// All that is wrong in the file, a line each.
    #[error("{}", .0.join("\n"))]
    Flaws(Vec<String>),
}

/// What a file says.
#[derive(Debug)]
struct File {
    path: PathBuf,
    /// By the option's id: the line, and the texts that clap would be given.
    said: BTreeMap<String, (usize, Vec<String>)>,
}

/// What is in force where the option itself does not say it.
pub struct InForce {
    /// The value, where nobody has set another.
    pub value: Option<toml::Value>,
    /// Why it is so, or what it comes to.
    pub note: String,
}

/// What an option takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: it is there or not.
    Flag,
    /// A number.
    Number,
    /// A text.
    Text,
    /// Something that has a form of its own, such as a size.
    Own,
}

/// Reads a command line and, if it or the environment names one, a file.
pub fn read(command: Command, words: &[OsString]) -> Result<Settings, Unusable> {
    let matches = command.clone().try_get_matches_from(words)?;
    let (name, below) = matches.subcommand().unwrap_or(("", &matches));
    let called = command.find_subcommand(name).unwrap_or(&command).clone();
    let Some(path) = below.try_get_one::<PathBuf>(CONFIG).ok().flatten().cloned() else {
        return Ok(Settings { matches, called, file: None });
    };
    let name = name.to_owned();
    let file = File::read(&path, &command, &called)?;
    let with_file = command.mut_subcommand(name, |called| {
        file.said
            .iter()
            .fold(called, |called, (id, (_, texts))| called.mut_arg(id, |arg| arg.default_values(texts.clone())))
    });
    Ok(Settings { matches: with_file.try_get_matches_from(words)?, called, file: Some(file) })
}

/// The options of a subcommand that can be set in a file.
pub fn of(command: &Command) -> impl Iterator<Item = &Arg> {
    let plain = |action: &ArgAction| matches!(action, ArgAction::Set | ArgAction::Append | ArgAction::SetTrue);
    command.get_arguments().filter(move |arg| {
        arg.get_long().is_some_and(|key| key != CONFIG) && arg.get_env().is_some() && plain(arg.get_action())
    })
}

/// What an option takes.
pub fn kind(arg: &Arg) -> Kind {
    if !arg.get_action().takes_values() {
        return Kind::Flag;
    }
    let is = |parsers: &[ValueParser]| parsers.iter().any(|p| p.type_id() == arg.get_value_parser().type_id());
    let unsigned = [value_parser!(u8).into(), value_parser!(u16).into(), value_parser!(u32).into()];
    let large = [value_parser!(u64).into(), value_parser!(usize).into()];
    let others = [value_parser!(i32).into(), value_parser!(i64).into(), value_parser!(f64).into()];
    if is(&unsigned) || is(&large) || is(&others) {
        Kind::Number
    } else if is(&[ValueParser::string(), ValueParser::os_string(), ValueParser::path_buf()]) {
        Kind::Text
    } else {
        Kind::Own
    }
}

/// Whether an option may have several values.
pub fn is_list(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append) || arg.get_value_delimiter().is_some()
}

impl Settings {
    /// For the fields of a parser.
    pub fn matches(&self) -> &ArgMatches {
        &self.matches
    }

    /// The options that a file can set, of the subcommand that was called.
    pub fn options(&self) -> impl Iterator<Item = &Arg> {
        of(&self.called)
    }

    /// What an option is given, as texts; nothing if it has no value.
    pub fn texts(&self, arg: &Arg) -> Option<Vec<OsString>> {
        let raw = self.below().get_raw(arg.get_id().as_str())?;
        Some(raw.map(std::ffi::OsStr::to_owned).collect())
    }

    /// Where that comes from.
    pub fn origin(&self, arg: &Arg) -> Origin {
        let id = arg.get_id().as_str();
        let said = || self.file.as_ref().and_then(|file| file.said.get(id).map(|(line, _)| (&file.path, *line)));
        match (self.below().value_source(id), said()) {
            (Some(ValueSource::CommandLine), _) => Origin::Option(arg.get_long().unwrap_or(id).to_owned()),
            (Some(ValueSource::EnvVariable), _) => {
                Origin::Environment(arg.get_env().unwrap_or_default().to_string_lossy().into_owned())
            }
            (_, Some((path, line))) => Origin::File(path.clone(), line),
            _ => Origin::Default,
        }
    }

    fn below(&self) -> &ArgMatches {
        self.matches.subcommand().map_or(&self.matches, |(_, below)| below)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(name) => write!(f, "--{name}"),
            Self::Environment(variable) => write!(f, "from the environment: {variable}"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display().to_string().escape_debug()),
            Self::Default => f.write_str("default"),
        }
    }
}

impl File {
    /// Reads a file for a subcommand of `program`, and finds all that is wrong with it.
    fn read(path: &Path, program: &Command, called: &Command) -> Result<Self, Unusable> {
        let text = std::fs::read_to_string(path).map_err(|cause| Unusable::Read { path: path.to_owned(), cause })?;
        let at = |byte: usize, flaw: &str| format!("{}:{}: {flaw}", path.display(), line_at(&text, byte));
        let table = DeTable::parse(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            Unusable::Flaws(vec![at(start, &error.message().replace('\n', ", "))])
        })?;
        let (mut said, mut flaws) = (BTreeMap::new(), Vec::new());
        for (key, value) in table.get_ref() {
            let entry = option(key.get_ref(), called).and_then(|arg| {
                let texts = texts(arg, value.get_ref(), &text[value.span()])?;
                is_accepted(arg, &texts, program, called).map(|()| (arg, texts))
            });
            match entry {
                Ok((arg, texts)) => {
                    said.insert(arg.get_id().to_string(), (line_at(&text, key.span().start), texts));
                }
                Err(flaw) => flaws.push((key.span().start, flaw)),
            }
        }
        flaws.sort();
        if flaws.is_empty() {
            Ok(Self { path: path.to_owned(), said })
        } else {
            Err(Unusable::Flaws(flaws.iter().map(|(byte, flaw)| at(*byte, flaw)).collect()))
        }
    }
}

fn option<'a>(key: &str, called: &'a Command) -> Result<&'a Arg, String> {
    if let Some(arg) = of(called).find(|arg| arg.get_long() == Some(key)) {
        return Ok(arg);
    }
    let keys: Vec<&str> = of(called).filter_map(Arg::get_long).collect();
    // What is written in the way of a variable is meant as well.
    let meant = key.to_lowercase().trim_start_matches("underhood_").replace('_', "-");
    Err(match similar::get_close_matches(meant.as_str(), &keys, 1, 0.6).first() {
        Some(near) => format!("there is no setting {key:?}; {near:?} is one"),
        None => format!("there is no setting {key:?}; these are: {}", keys.join(", ")),
    })
}

/// The texts that an option is given for a value of the file. `source` is how it is written there.
fn texts(arg: &Arg, value: &DeValue<'_>, source: &str) -> Result<Vec<String>, String> {
    let key = arg.get_long().unwrap_or_default();
    if let (DeValue::Array(values), true) = (value, is_list(arg)) {
        let each = values.iter().map(|value| text(arg, value.get_ref(), None));
        return each.collect::<Result<_, _>>().map_err(|wanted| format!("each value of {key} is {wanted}"));
    }
    let written = (!matches!(value, DeValue::Array(_) | DeValue::Table(_))).then_some(source);
    text(arg, value, written).map(|text| vec![text]).map_err(|wanted| format!("{key} is {wanted}"))
}

/// One of them, or what is wanted instead.
fn text(arg: &Arg, value: &DeValue<'_>, written: Option<&str>) -> Result<String, String> {
    let (kind, key) = (kind(arg), arg.get_long().unwrap_or_default());
    match (kind, value) {
        (Kind::Flag, DeValue::Boolean(is_set)) => Ok(is_set.to_string()),
        (Kind::Text | Kind::Own, DeValue::String(text)) => Ok(text.to_string()),
        (Kind::Number | Kind::Own, DeValue::Integer(number)) => {
            let number = i128::from_str_radix(number.as_str(), number.radix());
            number.map(|number| number.to_string()).map_err(|_| "a smaller number".to_owned())
        }
        (Kind::Number, DeValue::Float(number)) => Ok(number.as_str().to_owned()),
        (Kind::Flag, _) => Err("true or false".to_owned()),
        (Kind::Number, _) => Err("a number, without quotes".to_owned()),
        (Kind::Text | Kind::Own, DeValue::Array(_)) => Err("one text, not several".to_owned()),
        // 1.30 would be another version than "1.30".
        (Kind::Text | Kind::Own, _) => Err(match written {
            Some(written) => format!("a text, in quotes: {key} = \"{written}\""),
            None => "a text, in quotes".to_owned(),
        }),
    }
}

/// Has clap read the texts as if they had been typed.
fn is_accepted(arg: &Arg, texts: &[String], program: &Command, called: &Command) -> Result<(), String> {
    let key = arg.get_long().unwrap_or_default();
    let mut words = vec![program.get_name().to_owned(), called.get_name().to_owned()];
    match kind(arg) {
        Kind::Flag => return Ok(()),
        _ => words.extend(texts.iter().map(|text| format!("--{key}={text}"))),
    }
    match program.clone().try_get_matches_from(words) {
        // What else would have to be given is seen when all is read together.
        Err(error) if matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) => {
            let told = error.to_string();
            let told = told.strip_prefix("error: ").unwrap_or(&told);
            let told = told.split("\n\nFor more information").next().unwrap_or(told);
            Err(told.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
