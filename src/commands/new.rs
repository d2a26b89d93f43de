//! `underhood new`: the first files of what an author writes.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Subcommand;

use super::authoring;
use crate::authoring::{project, sketch};

/// Begin a new example
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: underhood new example escape/return-pointer")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A small program with two variants and a want, which check accepts once capture has run
    #[command(after_help = "Example: underhood new example escape/return-pointer")]
    Example {
        /// TOPIC/NAME, of small letters, digits and hyphens
        path: String,
    },
}

/// Runs the subcommand. What is there already is never changed.
pub fn run(args: &Args) -> ExitCode {
    let What::Example { path } = &args.what;
    match example(path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => authoring::could_not(&error),
    }
}

fn example(path: &str) -> anyhow::Result<()> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let name = path.split_once('/').filter(|(topic, name)| is_word(topic) && is_word(name)).map(|(_, name)| name);
    let name = name.with_context(|| format!("{path:?} is not TOPIC/NAME, of small letters, digits and hyphens"))?;
    let folder = folder_of_examples()?;
    let place = folder.join(path);
    ensure!(!place.exists(), "{} is there already", place.display());
    // All of ours share one schema.
    let schema = "docs/example.schema.json";
    let has_schema = folder.parent().is_some_and(|above| above.join(schema).is_file());
    let schema = has_schema.then(|| format!("../../../{schema}"));
    fs::create_dir_all(&place).with_context(|| place.display().to_string())?;
    for (file, text) in sketch::example(name, schema.as_deref()) {
        write(&place.join(file), &text)?;
    }
    println!("\nShow it in a lesson:\n\n```example {path}\nWhat to do, and what to look for.\n```\n");
    println!("Then: underhood capture {0} && underhood check {0}", place.display());
    Ok(())
}

/// The folder of examples here, or a new one.
fn folder_of_examples() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir()?.canonicalize()?;
    if let Some(folder) = project::folder_at(&here)? {
        return Ok(folder);
    }
    let folder = PathBuf::from("examples-go");
    let module = folder.join("go.mod");
    if !module.exists() {
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        write(&module, "module example/go\n\ngo 1.25\n")?;
    }
    Ok(folder)
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let mut new = fs::File::create_new(file).with_context(|| file.display().to_string())?;
    new.write_all(text.as_bytes()).with_context(|| file.display().to_string())?;
    println!("wrote {}", file.display());
    Ok(())
}
