//! The addresses of the Go Playground's own server, for the editors, plugins and pages that speak to it
//! (golang.org/x/playground; golang.org/x/tools/godoc/static/playground.js).
//!
//! What clients parse has one shape, whatever happens: what is wrong with the code stands in its field of errors. Only a
//! request that is turned away is an error of HTTP. Unlike there, the clock is real, and so are the delays of events.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;

use super::super::App;
use super::super::problem::Problem;
use super::answer::Answer;
use super::asked::Asked;
use super::program::{Program, release};
use crate::protocol::event::Stream;
use crate::protocol::{Ending, Refusal};
use crate::run::Client;

/// The answer of `/compile`, of the second version.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Compiled {
    /// What the toolchain said against the code, or that there was no time.
    errors: String,
    /// What the program printed.
    events: Vec<Printed>,
    /// The exit code.
    status: i32,
    is_test: bool,
    tests_failed: usize,
    /// What `go vet` found, if it was asked.
    #[serde(skip_serializing_if = "String::is_empty")]
    vet_errors: String,
    /// That it found nothing.
    #[serde(rename = "VetOK", skip_serializing_if = "std::ops::Not::not")]
    vet_ok: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    message: String,
    /// `stdout` or `stderr`.
    kind: Stream,
    /// In nanoseconds since the one before.
    delay: u64,
}

/// The same of the first version.
#[derive(Debug, Serialize)]
struct CompiledFirst {
    compile_errors: String,
    output: String,
}

/// The words by which clients know that they may show what came until then.
const TIME_IS_UP: &str = "process took too long";

/// How Go's tests say that one failed.
const FAILED: &str = "--- FAIL";

/// `POST /compile`.
pub async fn compile(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Result<Response, Problem> {
    let asked = Asked::read(request).await?;
    let is_first_version = asked.is_first_version;
    let compiled = match compiled(&app, client, &asked).await {
        // It is the code that is not taken: names of its files, say.
        Err(Refusal::NotAllowed { detail, .. }) => Compiled { errors: detail, ..Compiled::default() },
        other => other?,
    };
    Ok(if is_first_version {
        Json(CompiledFirst::from(compiled)).into_response()
    } else {
        Json(compiled).into_response()
    })
}

/// `POST /vet`, which older clients ask after `/compile`.
pub async fn vet(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Result<Response, Problem> {
    let asked = Asked::read(request).await?;
    let go = &app.runner.toolchains()[0].version;
    let found = match Program::read(&asked.body, go).and_then(|program| program.vet(go)) {
        Ok(request) => vetted(&app, client, request).await,
        Err(refusal) => Err(refusal),
    };
    let errors = match found {
        Err(Refusal::NotAllowed { detail, .. }) => detail,
        other => other?.1,
    };
    Ok(Json(Compiled { errors, ..Compiled::default() }).into_response())
}

/// `GET /version`: which Go it is.
pub async fn version(State(app): State<Arc<App>>) -> Response {
    let version = &app.runner.toolchains()[0].version;
    let release = release(version);
    let name = format!("Go {}", release.trim_start_matches("go"));
    Json(serde_json::json!({ "Version": version, "Release": release, "Name": name })).into_response()
}

async fn compiled(app: &App, client: Client, asked: &Asked) -> Result<Compiled, Refusal> {
    let go = &app.runner.toolchains()[0].version;
    let program = Program::read(&asked.body, go)?;
    let told = app.start(program.run(false), client, false)?;
    let compiled = async { of_answer(&Answer::of(told, app.runner.limits()).await, program.is_test) };
    if !asked.with_vet {
        return Ok(compiled.await);
    }
    // At once with the program. Where it gets no place or no time nothing is said of it, and a client may ask again.
    let vetted = async { vetted(app, client, program.vet(go)?).await };
    let (compiled, found) = tokio::join!(compiled, vetted);
    let is_built = compiled.errors.is_empty() || compiled.errors == TIME_IS_UP;
    Ok(match found {
        Ok((Ending::Ok, _)) if is_built => Compiled { vet_ok: true, ..compiled },
        Ok((Ending::Failed | Ending::BuildFailed, errors)) if is_built => Compiled { vet_errors: errors, ..compiled },
        _ => compiled,
    })
}

/// How `go vet` ended, and what it said.
async fn vetted(app: &App, client: Client, request: crate::protocol::Request) -> Result<(Ending, String), Refusal> {
    let told = app.start(request, client, false)?;
    let answer = Answer::of(told, app.runner.limits()).await;
    Ok((answer.exit.status, with_notes(without_headings(&answer.text(None)), &answer.notes)))
}

fn of_answer(answer: &Answer, is_test: bool) -> Compiled {
    let exit = &answer.exit;
    let Some(begun) = answer.program_ms.filter(|_| exit.status != Ending::BuildFailed) else {
        let errors = with_notes(without_headings(&answer.text(None)), &answer.notes);
        return Compiled { errors, is_test, ..Compiled::default() };
    };
    let mut events = Vec::new();
    let mut last = begun;
    for piece in &answer.pieces {
        // What the build said, without failing, came before.
        let delay = piece.t_ms.saturating_sub(last) * NANOSECONDS;
        last = last.max(piece.t_ms);
        events.push(Printed { message: piece.text.clone(), kind: piece.stream, delay });
    }
    let is_over = exit.status == Ending::TimedOut;
    if !is_over && !answer.notes.is_empty() {
        let message = with_notes(String::from("\n"), &answer.notes);
        events.push(Printed { message, kind: Stream::Stderr, delay: 0 });
    }
    let errors = if is_over { TIME_IS_UP } else { "" }.to_owned();
    let of_signal = exit.signal_number.map(|number| 128 + i32::from(number));
    let status = match exit.status {
        Ending::Ok | Ending::TimedOut => 0,
        // As a shell has it for SIGKILL.
        Ending::OutOfMemory => 137,
        _ => exit.code.or(of_signal).filter(|code| *code > 0).unwrap_or(1),
    };
    let tests_failed = if is_test { answer.text(None).matches(FAILED).count() } else { 0 };
    Compiled { errors, events, status, is_test, tests_failed, ..Compiled::default() }
}

const NANOSECONDS: u64 = 1_000_000;

/// Without the names of packages that the go command puts above what it says of each.
fn without_headings(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with("# ")).collect()
}

fn with_notes(mut text: String, notes: &[String]) -> String {
    for note in notes {
        text.push_str(note);
        text.push('\n');
    }
    text
}

impl From<Compiled> for CompiledFirst {
    fn from(compiled: Compiled) -> Self {
        let output = compiled.events.into_iter().map(|event| event.message).collect();
        Self { compile_errors: compiled.errors, output }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Exit;
    use crate::run::limits::Limits;

    use super::super::answer::{Piece, own_words};

    fn answer(status: Ending, code: Option<i32>) -> Answer {
        let piece = |stream, t_ms, text: &str| Piece { stream, t_ms, text: text.to_owned() };
        let exit = Exit { code, ..Exit::without_process(status) };
        let sentences = crate::site::endings::sentences(&Limits::default());
        Answer {
            pieces: vec![piece(Stream::Stdout, 40, "a"), piece(Stream::Stderr, 1040, "b")],
            notes: own_words(&exit, &sentences).into_iter().collect(),
            exit,
            program_ms: Some(30),
            end_ms: 1050,
        }
    }

    #[test]
    fn delays_are_the_real_ones() {
        let compiled = of_answer(&answer(Ending::Failed, Some(3)), false);
        let delays: Vec<_> = compiled.events.iter().map(|event| event.delay).collect();
        assert_eq!((delays, compiled.status), (vec![10_000_000, 1_000_000_000], 3));
    }

    #[test]
    fn each_ending_has_a_place_in_the_one_shape() {
        for (ending, errors, status) in [
            (Ending::Ok, "", 0),
            (Ending::TimedOut, TIME_IS_UP, 0),
            (Ending::OutOfMemory, "", 137),
            (Ending::OutputLimit, "", 1),
            (Ending::Internal, "", 1),
            (Ending::BuildFailed, "ab", 0),
        ] {
            let compiled = of_answer(&answer(ending, None), false);
            assert_eq!((compiled.errors.as_str(), compiled.status), (errors, status), "{ending:?}");
            let says_why = compiled.events.last().is_some_and(|event| event.message.starts_with('\n'));
            assert_eq!(says_why, matches!(ending, Ending::OutOfMemory | Ending::OutputLimit | Ending::Internal));
        }
        let of_build = Answer { program_ms: None, ..answer(Ending::TimedOut, None) };
        assert!(of_answer(&of_build, false).errors.contains("time was up"));
    }

    #[test]
    fn names_on_the_wire() {
        let text = serde_json::to_string(&Compiled { vet_ok: true, ..Compiled::default() }).unwrap();
        assert_eq!(text, r#"{"Errors":"","Events":[],"Status":0,"IsTest":false,"TestsFailed":0,"VetOK":true}"#);
        let printed = Printed { message: "x".into(), kind: Stream::Stderr, delay: 5 };
        assert_eq!(serde_json::to_string(&printed).unwrap(), r#"{"Message":"x","Kind":"stderr","Delay":5}"#);
    }
}
