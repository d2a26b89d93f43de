//! `POST /v1/exec` and `HEAD /v1/health`: what codapi's widget asks of its server (github.com/nalgeon/codapi).
//!
//! The sandbox is `go`, and its commands are our modes. The widget has one place for output and shows standard output or,
//! where that is empty, standard error. So where a run prints on both, both stand in `stdout`, in the order in which
//! they came.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::super::observe::unique;
use super::super::{App, bodies, problem};
use super::answer::Answer;
use super::program::request;
use crate::protocol::event::Stream;
use crate::protocol::files::{MAIN, parts};
use crate::protocol::mode::{NAMES, option_from_text};
use crate::protocol::request::{MAX_BODY_BYTES, Unique};
use crate::protocol::{Ending, Files, Mode, Refusal, Request};
use crate::run::Client;

/// The request. Names that are not known are left alone, as codapi does.
#[derive(Debug, Deserialize)]
struct Asked {
    sandbox: String,
    /// Which Go; the default one when absent or empty.
    #[serde(default)]
    version: String,
    /// A mode, perhaps with options and variables: `escape`, `escape?level=2`, `run?GODEBUG=gctrace=1`.
    command: String,
    /// By name; the code has none.
    files: Unique<String>,
}

/// The answer, whatever happens.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Execution {
    id: String,
    ok: bool,
    /// In milliseconds.
    duration: u64,
    stdout: String,
    stderr: String,
}

/// The one sandbox.
const SANDBOX: &str = "go";

/// Its answer is a page, for which the widget has no place.
const WITHOUT_TEXT: &str = "ssa";

/// Why something is not executed.
#[derive(Debug, PartialEq, Eq)]
enum Turned {
    /// There is no such sandbox or command.
    Unknown(String),
    /// As in all of the API.
    Away(Refusal),
    /// The request did not come as a whole, or is too large.
    Unread(StatusCode, String),
}

/// `POST /v1/exec`.
pub async fn exec(State(app): State<Arc<App>>, Extension(client): Extension<Client>, body: Body) -> Response {
    let body = match bodies::read(body, MAX_BODY_BYTES).await {
        Ok(body) => body,
        Err(problem) => return Turned::Unread(problem.status(), problem.detail().to_owned()).into_response(),
    };
    let told =
        read(&body).and_then(|(name, request)| Ok((name, app.start(request, client, false).map_err(Turned::Away)?)));
    match told {
        Ok((name, told)) => Json(execution(name, &Answer::of(told, app.runner.limits()).await)).into_response(),
        Err(turned) => turned.into_response(),
    }
}

/// `HEAD /v1/health`, by which the widget's older versions and codapi's own tools ask whether somebody is there.
pub async fn health() -> Response {
    Json(serde_json::json!({ "ok": true })).into_response()
}

fn read(body: &[u8]) -> Result<(&'static str, Request), Turned> {
    let asked: Asked = serde_json::from_slice(body).map_err(|error| {
        let example = r#"{"sandbox": "go", "command": "run", "files": {"": "package main…"}}"#;
        Turned::Away(Refusal::Malformed(format!("send JSON such as {example}: {error}")))
    })?;
    if asked.sandbox != SANDBOX {
        return Err(Turned::Unknown(format!("there is no sandbox {:?}; there is \"go\"", asked.sandbox)));
    }
    let (mode, env) = command(&asked.command)?;
    let is_test = matches!(mode, Mode::Test(_) | Mode::Bench(_));
    let files = files(asked.files.0, if is_test { "main_test.go" } else { MAIN }).map_err(Turned::Away)?;
    let go = Some(asked.version).filter(|version| !version.is_empty() && version != "latest");
    let name = mode.name();
    let request = Request { env, go, ..request(files, mode) };
    Ok((name, request.check().map_err(Turned::Away)?))
}

/// A command: the mode's name and, after a question mark, `KEY=VALUE` with `&` between. A key in capitals is a variable.
fn command(text: &str) -> Result<(Mode, BTreeMap<String, String>), Turned> {
    let (name, rest) = text.split_once('?').unwrap_or((text, ""));
    if !NAMES.contains(&name) || name == WITHOUT_TEXT {
        let all: Vec<_> = NAMES.into_iter().filter(|name| *name != WITHOUT_TEXT).collect();
        return Err(Turned::Unknown(format!("there is no command {name:?}; there are {}", all.join(", "))));
    }
    let (mut options, mut env) = (serde_json::Map::new(), BTreeMap::new());
    for (key, value) in pairs(rest)? {
        let is_new = if key.starts_with(|first: char| first.is_ascii_uppercase()) {
            env.insert(key.clone(), value).is_none()
        } else {
            let (key, value) = option_from_text(&format!("{key}={value}")).expect("a sign between");
            options.insert(key, value).is_none()
        };
        if !is_new {
            return Err(Turned::Away(Refusal::Malformed(format!("the command has {key:?} twice"))));
        }
    }
    Ok((Mode::new(name, options).map_err(Turned::Away)?, env))
}

fn pairs(query: &str) -> Result<Vec<(String, String)>, Turned> {
    let uri = axum::http::Uri::builder().path_and_query(format!("/?{query}")).build();
    let pairs = uri.ok().and_then(|uri| axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
    let malformed = || Refusal::Malformed("after `?` a command has KEY=VALUE, with & between".to_owned());
    pairs.map(|pairs| pairs.0).ok_or_else(|| Turned::Away(malformed()))
}

/// The reader's files. The code may be several in txtar, if it comes alone.
fn files(mut named: BTreeMap<String, String>, nameless: &str) -> Result<Files, Refusal> {
    if let Some((name, _)) = named.iter().find(|(name, text)| !name.is_empty() && text.starts_with(BINARY)) {
        return Err(Refusal::not_allowed(format!("{name:?} is binary; only files of text are taken"), [""; 0]));
    }
    let code = named.remove("").unwrap_or_default();
    let own = if code.is_empty() { Vec::new() } else { parts(nameless, &code) };
    let own = own.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
    Files::new(own.chain(named))
}

/// How the widget sends a file that is no text.
const BINARY: &str = "data:application/octet-stream;base64,";

fn execution(command: &str, answer: &Answer) -> Execution {
    let mut stdout = answer.text(Some(Stream::Stdout));
    let mut stderr = answer.text(Some(Stream::Stderr));
    if !stdout.is_empty() && !stderr.is_empty() {
        stdout = answer.text(None);
    }
    for note in &answer.notes {
        let text = if stdout.is_empty() { &mut stderr } else { &mut stdout };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(note);
        text.push('\n');
    }
    Execution { id: id(command), ok: answer.exit.status == Ending::Ok, duration: answer.end_ms, stdout, stderr }
}

/// Like codapi's own: names, and something that differs.
fn id(command: &str) -> String {
    format!("{SANDBOX}_{command}_{}", unique())
}

impl IntoResponse for Turned {
    /// In the form of an execution, so that what reads one reads this too.
    fn into_response(self) -> Response {
        let (status, stderr, retry_after) = match self {
            Self::Unknown(detail) => (StatusCode::NOT_FOUND, detail, None),
            Self::Unread(status, detail) => (status, detail, None),
            // To codapi a server that is busy is 429 too.
            Self::Away(refusal @ Refusal::NoRoom { .. }) => {
                (StatusCode::TOO_MANY_REQUESTS, refusal.to_string(), refusal.retry_after())
            }
            Self::Away(refusal) => (problem::status(&refusal), refusal.to_string(), refusal.retry_after()),
        };
        let execution = Execution { id: "-".to_owned(), stderr, ..Execution::default() };
        let mut response = (status, Json(execution)).into_response();
        if let Some(retry_after) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::mode::{EscapeOptions, Level, Switch};
    use crate::protocol::{Event, Exit, Stamped};
    use crate::run::Told;
    use crate::run::limits::Limits;

    #[test]
    fn commands_are_modes_with_options() {
        assert_eq!(command("escape").unwrap().0, Mode::Escape(EscapeOptions::default()));
        let with = Mode::Escape(EscapeOptions { level: Level::Two, inline: Switch(false) });
        assert_eq!(command("escape?level=2&inline=off").unwrap().0, with);
        let (mode, env) = command("run?GODEBUG=gctrace=1&GOGC=50").unwrap();
        assert_eq!((mode.name(), env.len(), env["GODEBUG"].as_str()), ("run", 2, "gctrace=1"));
        for unknown in ["", "exec", "ssa", "ssa?func=f", "run ", "RUN", "../run"] {
            assert!(matches!(command(unknown), Err(Turned::Unknown(_))), "{unknown}");
        }
        for away in
            ["escape?level=3", "escape?gcflags=-x", "run?race=1&race=0", "run?A=1&A=2", "run?\u{0}", "escape?level"]
        {
            assert!(matches!(command(away), Err(Turned::Away(_))), "{away}");
        }
    }

    #[test]
    fn files_have_names_and_the_code_has_none() {
        let of = |files: &str, command: &str| {
            read(format!(r#"{{"sandbox": "go", "command": "{command}", "files": {files}}}"#).as_bytes())
        };
        let names = |files: &str, command: &str| {
            let (_, request) = of(files, command).unwrap();
            request.files.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(r#"{"": "x", "data.json": "{}"}"#, "run"), ["data.json", "main.go"]);
        assert_eq!(names(r#"{"": "x"}"#, "test"), ["main_test.go"]);
        assert_eq!(names(r#"{"": "x\n-- a.go --\n"}"#, "run"), ["a.go", "main.go"]);
        for (files, status) in [
            ("{}", 422),
            (r#"{"": "x", "../a": ""}"#, 422),
            (r#"{"": "x", "main.go": "y"}"#, 422),
            (r#"{"": "x", "a": "data:application/octet-stream;base64,AA=="}"#, 422),
            (r#"{"": "x", "": "y"}"#, 400),
            ("[]", 400),
        ] {
            let response = of(files, "run").map(|_| ()).unwrap_err().into_response();
            assert_eq!(response.status().as_u16(), status, "{files}");
        }
    }

    async fn executed(events: Vec<Event>, status: Ending) -> Execution {
        let events = events.into_iter().chain([Event::Exit(Exit::without_process(status))]);
        let told = (0..).zip(events).map(|(seq, event)| Stamped { seq, t_ms: seq, event });
        execution("run", &Answer::of(Told::whole(told.collect()), &Limits::default()).await)
    }

    #[tokio::test]
    async fn both_streams_stand_where_the_widget_looks() {
        let out = |stream, text: &str| Event::output(stream, text.to_owned());
        let (a, b) = (out(Stream::Stderr, "a\n"), out(Stream::Stdout, "b\n"));
        let both = executed(vec![a.clone(), b.clone()], Ending::Ok).await;
        assert_eq!((both.stdout.as_str(), both.stderr.as_str(), both.ok), ("a\nb\n", "a\n", true));
        let one = executed(vec![a], Ending::Failed).await;
        assert_eq!((one.stdout.as_str(), one.stderr.as_str(), one.ok), ("", "a\n", false));
        let over = executed(vec![b], Ending::TimedOut).await;
        assert!(over.stdout.starts_with("b\nStopped: the time was up"), "{}", over.stdout);
    }
}
