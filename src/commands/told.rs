//! Each command that a message, a help text or a document tells somebody to type is one that is understood.

use std::fs;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use regex::Regex;
use walkdir::WalkDir;

use super::Cli;

/// A command as it is told, and where.
#[derive(Debug)]
struct Told {
    place: String,
    line: String,
}

/// What is not ours, or is no text for people.
const PASSED_OVER: [&str; 8] = ["target", "node_modules", ".git", "corpus", "golden", "tests", "fuzz", "told.rs"];

const KINDS: [&str; 8] = [".rs", ".md", ".html", ".toml", ".yml", ".yaml", ".service", ".sh"];

#[test]
fn every_command_that_is_told_is_understood() {
    let mut told = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_ours = |entry: &walkdir::DirEntry| !PASSED_OVER.iter().any(|name| entry.file_name() == *name);
    for entry in WalkDir::new(root).into_iter().filter_entry(is_ours) {
        let entry = entry.unwrap();
        let place = entry.path().strip_prefix(root).unwrap().display().to_string();
        let is_text = KINDS.iter().any(|kind| place.ends_with(kind)) && !place.ends_with("_tests.rs");
        if entry.file_type().is_file() && is_text {
            let text = fs::read_to_string(entry.path()).unwrap();
            told.extend(commands(&text).into_iter().map(|line| Told { place: place.clone(), line }));
        }
    }
    for place in ["README.md", "docs/authoring.md", "docs/ci.md", "action.yml", "src/toolchain/find.rs"] {
        assert!(told.iter().any(|told| told.place == place), "{place} tells of none: it is read wrongly");
    }
    helps(&Cli::command(), &mut told);
    for Told { place, line } in told {
        is_understood(&line).unwrap_or_else(|error| panic!("{place}: `{line}`: {error}"));
    }
}

#[test]
fn what_is_not_understood_is_found() {
    for (text, count, bad) in [
        ("see `underhood doctor` or `underhood run`; underhood is a word", 2, None),
        ("`target/debug/underhood check` and `underhood chekc`", 2, Some("chekc")),
        ("#[error(\"no; type: underhood toolchain install {version} --if-missing\")]", 1, None),
        ("#[error(\"no; type: underhood toolchain install {version} --if-absent\")]", 1, Some("--if-absent")),
        ("println!(\"Then: underhood capture {0} && underhood check {0} {0:?}\");", 2, None),
        ("```sh\nunderhood check --format yaml > x   # why\n```\n", 1, Some("yaml")),
        ("$ underhood run - <<'EOF'\n", 1, None),
        ("\"$UNDERHOOD_BIN/underhood\" toolchain lst\n", 1, Some("lst")),
        ("`underhood toolchain install --go`", 1, Some("--go")),
    ] {
        let commands = commands(text);
        assert_eq!(commands.len(), count, "{text}: {commands:?}");
        let error = commands.iter().find_map(|line| is_understood(line).err());
        assert_eq!(error.is_some(), bad.is_some(), "{text}: {error:?}");
        assert!(bad.is_none_or(|bad| error.unwrap().contains(bad)), "{text}");
    }
}

/// In backticks, behind a colon or a prompt, or below a variable's folder. At the start of a line or of a text in quotes it
/// may be a word of prose as well, so there only subcommands that there are count.
fn commands(text: &str) -> Vec<String> {
    let names: Vec<_> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let sure = r#"(?:`[\w./-]*|[a-z]: |\$ |\$\(|"\$\w+/)underhood"? ([a-z][^`"\n]*)"#;
    let unsure = format!(r#"(?:^ *(?:[\w./-]+/)?|")underhood ((?:{})\b[^`"\n]*)"#, names.join("|"));
    let told = Regex::new(&format!("(?m){sure}|{unsure}")).unwrap();
    told.captures_iter(text)
        .filter_map(|found| found.get(1).or_else(|| found.get(2)))
        .flat_map(|line| line.as_str().split(" && underhood ").map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// What is typed of it, up to where a shell or a comment goes on.
fn is_understood(line: &str) -> Result<(), String> {
    let typed = [" | ", " > ", " < ", " <<", " && ", ";", ")", " #"]
        .into_iter()
        .filter_map(|end| line.find(end))
        .min()
        .map_or(line, |end| &line[..end]);
    // What a message fills in.
    let blank = Regex::new(r"\{[^}]*\}").unwrap();
    let version = blank.replace_all(typed, |_: &regex::Captures<'_>| match typed {
        _ if typed.starts_with("toolchain install {") => "1.27.3",
        _ if typed.starts_with("shares ") => "86ubu1h4y1gmw",
        _ => "x",
    });
    // What a reader fills in, where not every word will do.
    let filled = Regex::new(r"\b(ORIGIN|URL)\b").unwrap().replace_all(&version, "https://go.example");
    let words = shlex::split(&filled).ok_or("a quote is open")?;
    let is_name = !words.iter().any(|word| word.starts_with('-')) && words.len() <= 2;
    match Cli::try_parse_from(std::iter::once("underhood").chain(words.iter().map(String::as_str))) {
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(()),
            // Only named, as in: `underhood run` prints what the program prints.
            ErrorKind::MissingRequiredArgument | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if is_name => {
                Ok(())
            }
            _ => Err(error.to_string()),
        },
        Ok(_) => Ok(()),
    }
}

/// The examples in the help of a command and of all below it.
fn helps(command: &clap::Command, told: &mut Vec<Told>) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let name = command.get_name();
    let before = told.len();
    told.extend(commands(&help).into_iter().map(|line| Told { place: format!("the help of {name}"), line }));
    assert!(told.len() > before, "the help of {name} has no example");
    command.get_subcommands().for_each(|command| helps(command, told));
}
