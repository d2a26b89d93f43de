//! `underhood shares`: what readers shared, for the operator; and the options of those who keep it.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use bytesize::ByteSize;
use clap::Subcommand;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_stream::StreamExt as _;

use super::capacity::any_size;
use crate::http::shares::Sharing;
use crate::protocol::Body;
use crate::shares::id::Id;
use crate::shares::place::Place;
use crate::shares::{Deletion, Error, Found, Shares};
use crate::toolchain::DataDir;

/// What readers shared: list it, look at it, delete it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  underhood shares list
  underhood shares show 86ubu1h4y1gmw
  underhood shares delete 86ubu1h4y1gmw")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List all shares, the oldest first
    #[command(after_help = "Example: underhood shares list --json --shares s3://bucket/shares")]
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        at: At,
    },
    /// Print a share
    #[command(after_help = "Example: underhood shares show 86ubu1h4y1gmw --json")]
    Show {
        /// Its id: the end of its link
        id: Id,
        /// Print it as `POST /api/v1/runs` takes it, just as it is stored
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        at: At,
    },
    /// Delete shares for good, also while a service runs
    ///
    /// Their links then say that they were deleted, and the same code cannot be shared again. Browsers and proxies may
    /// keep what they have of it for a day.
    #[command(after_help = "Example: underhood shares delete 86ubu1h4y1gmw")]
    Delete {
        /// Their ids: the ends of their links
        #[arg(required = true)]
        ids: Vec<Id>,
        #[command(flatten)]
        at: At,
    },
}

/// Where shares are.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Shares")]
pub struct At {
    /// Where shares are kept: a folder, s3://BUCKET/PREFIX with its keys in AWS_… variables, or off [default: the
    /// folder shares in the data folder]
    #[arg(long, env = "UNDERHOOD_SHARES", value_name = "PLACE")]
    shares: Option<Place>,
}

/// How shares are kept.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Shares")]
pub struct Keeping {
    #[command(flatten)]
    at: At,
    /// What each client may share in a day, each share in blocks of 4 KiB; 0B lets nobody share
    #[arg(long, env = "UNDERHOOD_SHARE_BYTES", value_name = "SIZE", default_value = "1MiB", value_parser = any_size)]
    share_bytes: ByteSize,
    /// What all shares together may take, in the same blocks; of several services on one store, each counts what the
    /// others added once an hour
    #[arg(long, env = "UNDERHOOD_SHARES_TOTAL", value_name = "SIZE", default_value = "1GiB", value_parser = any_size)]
    shares_total: ByteSize,
}

/// What the list says of a share.
struct Entry {
    id: Id,
    /// When it was shared, or deleted.
    at: String,
    bytes: u64,
    what: What,
}

enum What {
    Share(Body),
    Deleted,
    Damaged,
}

/// So many objects are read at once.
const AT_ONCE: usize = 16;

impl Keeping {
    /// Opens the place, in `data` unless another was named. Where nobody named one and there is none, nothing can be shared, and a log line says why.
    ///
    /// # Errors
    /// When the place that was named cannot be used.
    pub fn open(&self, data: &DataDir) -> anyhow::Result<Option<Sharing>> {
        let total = self.shares_total.as_u64();
        let store = match (self.at.place(data).open(), &self.at.shares) {
            (Ok(store), _) => store,
            (Err(error), None) => {
                tracing::warn!("{error}");
                None
            }
            (Err(error), Some(_)) => return Err(error.into()),
        };
        Ok(store.map(|store| Sharing::new(Shares::new(store, total), self.share_bytes.as_u64(), total)))
    }
}

impl At {
    fn place(&self, data: &DataDir) -> Place {
        self.shares.clone().unwrap_or_else(|| Place::Folder(data.shares()))
    }

    fn open(&self) -> anyhow::Result<Shares> {
        let store = self.place(&DataDir::from_env()?).open()?.context("--shares is off, so there are none")?;
        Ok(Shares::new(store, 0))
    }
}

/// Exit code 1 when something that was named is not there.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &args.command {
            Command::List { json, at } => list(&at.open()?, *json).await,
            Command::Show { id, json, at } => show(&at.open()?, id, *json).await,
            Command::Delete { ids, at } => delete(&at.open()?, ids).await,
        }
    })
}

async fn list(shares: &Shares, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut entries = Vec::new();
    let mut reading = JoinSet::new();
    let all = shares.list();
    tokio::pin!(all);
    while let Some(listed) = all.next().await {
        let (id, meta) = listed?;
        if reading.len() >= AT_ONCE
            && let Some(read) = reading.join_next().await
        {
            entries.extend(read??);
        }
        let shares = shares.clone();
        reading.spawn(async move {
            let what = match shares.get(&id).await {
                Ok(Found::Share { body, .. }) => What::Share(*body),
                Ok(Found::Deleted) => What::Deleted,
                Err(Error::Damaged(_)) => What::Damaged,
                // It went while we looked.
                Ok(Found::Missing) => return Ok(None),
                Err(error) => return Err(error),
            };
            let at = meta.last_modified.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            Ok(Some(Entry { id, at, bytes: meta.size, what }))
        });
    }
    while let Some(read) = reading.join_next().await {
        entries.extend(read??);
    }
    entries.sort_by(|one, other| (&one.at, &one.id).cmp(&(&other.at, &other.id)));
    let mut out = std::io::stdout().lock();
    for Entry { id, at, bytes, what } in entries {
        let (state, mode, files) = match &what {
            What::Share(body) => ("shared", body.mode.as_str(), names(body)),
            What::Deleted => ("deleted", "", Vec::new()),
            What::Damaged => ("damaged", "", Vec::new()),
        };
        if as_json {
            let line =
                json!({"id": id.as_str(), "at": at, "bytes": bytes, "state": state, "mode": mode, "files": files});
            writeln!(out, "{line}")?;
        } else {
            let mode = if mode.is_empty() { state } else { mode };
            writeln!(out, "{id:13}  {at}  {:>9}  {mode:8}  {}", ByteSize::b(bytes).to_string(), files.join(" "))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(shares: &Shares, id: &Id, as_json: bool) -> anyhow::Result<ExitCode> {
    match shares.get(id).await? {
        Found::Missing => anyhow::bail!("nothing was shared as {id}"),
        Found::Deleted => anyhow::bail!("what was shared as {id} is deleted"),
        Found::Share { json, .. } if as_json => {
            let mut out = std::io::stdout().lock();
            out.write_all(&json)?;
            writeln!(out)?;
        }
        Found::Share { body, .. } => print!("{}", harmless(&text(&body))),
    }
    Ok(ExitCode::SUCCESS)
}

async fn delete(shares: &Shares, ids: &[Id]) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for id in ids {
        match shares.delete(id).await? {
            Deletion::Done => println!("{id} is deleted"),
            Deletion::Before => println!("{id} was deleted before"),
            Deletion::Damaged => println!("{id} was damaged, and is removed; the same code can be shared again"),
            Deletion::Missing => {
                eprintln!("underhood: nothing was shared as {id}");
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn names(body: &Body) -> Vec<&str> {
    let files = body.files.iter().flat_map(|files| files.0.keys().map(String::as_str));
    files.chain(body.source.as_ref().map(|_| crate::protocol::files::MAIN)).collect()
}

/// All of a share, for a reader: what it is run with, then its files.
fn text(body: &Body) -> String {
    let Body { files, source, mode, options, env, args, stdin, go } = body;
    let mut text = format!("mode: {mode}\n");
    for (name, value) in &options.0 {
        text += &format!("option: {name}={value}\n");
    }
    for (name, value) in &env.0 {
        text += &format!("environment: {name}={value}\n");
    }
    for arg in args {
        text += &format!("argument: {arg}\n");
    }
    if let Some(go) = go {
        text += &format!("go: {go}\n");
    }
    if !stdin.is_empty() {
        text += &format!("standard input: {stdin}\n");
    }
    let source = source.iter().map(|source| (None, source));
    for (name, file) in source.chain(files.iter().flat_map(|files| &files.0).map(|(name, file)| (Some(name), file))) {
        text += &name.map_or("\n".to_owned(), |name| format!("\n-- {name} --\n"));
        text += file;
        text += if file.ends_with('\n') { "" } else { "\n" };
    }
    text
}

/// Without what would steer a terminal or hide what is there.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_hidden = matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if (letter.is_control() && !"\n\t".contains(letter)) || is_hidden {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_steers_no_terminal() {
        let mut body = Body::of_source("package main // \u{1b}[2J\u{9b}31m\u{202e}é\tx\r", "run");
        body.env.0.insert("GOGC".to_owned(), "\u{7}".to_owned());
        let shown = harmless(&text(&body));
        let expected = "mode: run\nenvironment: GOGC=\\u{7}\n\n\
                        package main // \\u{1b}[2J\\u{9b}31m\\u{202e}é\tx\\u{d}\n";
        assert_eq!(shown, expected);
    }
}
