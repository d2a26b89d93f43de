//! `POST /fmt`: the whole source, formatted as gofmt does it; with `imports`, imports of the standard library added and
//! removed first.
//!
//! The toolchain has no goimports, and gofmt tells differences only when it is asked for them by a mode. So a program of
//! ours (`format.go`) does both, built of Go's own packages. It is run as any other program is: in a cell, under the
//! limits of a run, counted against the client, and built once.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::super::App;
use super::super::problem::Problem;
use super::answer::Answer;
use super::asked::Asked;
use super::program::{PROG, request};
use crate::protocol::event::Stream;
use crate::protocol::mode::{RunOptions, Switch};
use crate::protocol::{Ending, Files, Mode, Refusal, files};
use crate::run::Client;

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Formatted {
    /// The source; empty when it cannot be formatted.
    body: String,
    /// Why not, with the place.
    error: String,
}

/// What our program says.
#[derive(Debug, Deserialize)]
struct Said {
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    error: String,
}

const PROGRAM: &str = include_str!("format.go");

/// `POST /fmt`.
pub async fn format(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Result<Json<Formatted>, Problem> {
    let asked = Asked::read(request).await?;
    let formatted = match formatted(&app, client, &asked).await {
        Err(Refusal::NotAllowed { detail, .. }) => Formatted { body: String::new(), error: detail },
        other => other?,
    };
    Ok(Json(formatted))
}

async fn formatted(app: &App, client: Client, asked: &Asked) -> Result<Formatted, Refusal> {
    let parts = files::parts(PROG, &asked.body);
    // Names are checked, and nothing else of it is needed.
    Files::new(parts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))?;
    let (go_files, is_lone) = (parts.iter().filter(|(name, _)| name.ends_with(".go")), asked.body == parts[0].1);
    let program = Files::new([("main.go".to_owned(), PROGRAM.to_owned())])?;
    let mut run = request(program, Mode::Run(RunOptions { race: Switch(false) }));
    if asked.imports {
        run.args.push(app.runner.toolchains()[0].library.public_packages().collect::<Vec<_>>().join(","));
    }
    run.stdin = go_files.map(|(name, text)| format!("{name} {}\n{text}", text.len())).collect();
    let told = app.start(run.check()?, client, false)?;
    let answer = Answer::of(told, app.runner.limits()).await;
    let said = serde_json::from_str::<Said>(&answer.text(Some(Stream::Stdout)));
    let said = match said {
        Ok(said) if answer.exit.status == Ending::Ok => said,
        // No program of a reader's ran. It may have been too much for the limits all the same.
        _ => {
            let error = answer.notes.first().cloned().unwrap_or_else(|| "it cannot be formatted here".to_owned());
            return Ok(Formatted { body: String::new(), error });
        }
    };
    if !said.error.is_empty() {
        return Ok(Formatted { body: String::new(), error: said.error });
    }
    Ok(Formatted { body: put_together(&parts, said.files, is_lone), error: String::new() })
}

/// The text with its Go files as they are now. What is no Go file stays as it was.
fn put_together(parts: &[(&str, &str)], go_files: Vec<String>, is_lone: bool) -> String {
    let mut go_files = go_files.into_iter();
    let mut body = String::new();
    for (at, (name, text)) in parts.iter().enumerate() {
        let text = if name.ends_with(".go") { go_files.next().unwrap_or_default() } else { (*text).to_owned() };
        let has_header = !is_lone && (at > 0 || *name != PROG);
        if has_header {
            body.push_str(&format!("-- {name} --\n"));
        }
        body.push_str(&text);
        if !is_lone && !text.is_empty() && !text.ends_with('\n') {
            body.push('\n');
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_go_files(source: &str, go_files: &[&str]) -> String {
        let parts = files::parts(PROG, source);
        put_together(&parts, go_files.iter().map(|text| (*text).to_owned()).collect(), source == parts[0].1)
    }

    #[test]
    fn what_is_no_go_file_stays_where_it_is() {
        assert_eq!(with_go_files("a", &["A\n"]), "A\n");
        let several = "a\n-- go.mod --\nmodule  x\n-- b/b.go --\nb";
        assert_eq!(with_go_files(several, &["A\n", "B\n"]), "A\n-- go.mod --\nmodule  x\n-- b/b.go --\nB\n");
        assert_eq!(with_go_files("-- b.go --\nb\n", &["B\n"]), "-- b.go --\nB\n");
    }
}
