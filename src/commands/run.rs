//! `underhood run`: one run in the sandbox, on a terminal.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use sandbox::report::Level;
use serde_json::Value;
use tokio::signal::unix::SignalKind;

use super::capacity::{Places, Runs};
use super::start;
use crate::protocol::files::name_of;
use crate::protocol::mode::option_from_text;
use crate::protocol::{Ending, Event, Exit, Files, Mode, Request};
use crate::run::{Client, Reuse, Told};
use crate::toolchain::DataDir;

/// Run Go code in the sandbox and show what the toolchain or the program prints
///
/// Exit code: the program's own; 1 when it does not build; 124 when it runs too long, 137 when it needs too much
/// memory, 141 when it prints too much, 128 and the number of the signal that killed it, 130 on Ctrl-C, 125 when
/// Underhood itself fails, 2 on bad usage.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  underhood run --env GODEBUG=gctrace=1 main.go
  underhood run --mode escape --opt level=2 main.go
  underhood run --mode asm --opt func=main.f - < main.go
  underhood run --mode ssa --opt func=main.f --json main.go
  underhood run --mode bench --opt filter=Sum main.go main_test.go")]
pub struct Args {
    /// Go files, or files in txtar format; - reads standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What to do: run, escape, asm, ssa, bounds, objdump, nm, test, bench, vet, fmt, build or layout
    #[arg(long, env = "UNDERHOOD_MODE", default_value = "run")]
    mode: String,
    /// An option of the mode, such as level=2
    #[arg(long = "opt", value_name = "KEY=VALUE", value_parser = option_from_text)]
    options: Vec<(String, Value)>,
    /// An environment variable of the run, such as GODEBUG=gctrace=1
    #[arg(long = "env", value_name = "KEY=VALUE", value_parser = pair)]
    variables: Vec<(String, String)>,
    /// The Go version, or a GOROOT folder
    #[arg(long, env = "UNDERHOOD_GO", value_name = "VERSION")]
    go: Option<String>,
    /// An argument of the program
    #[arg(long = "arg", value_name = "A", allow_hyphen_values = true)]
    arguments: Vec<String>,
    /// A file that the program reads as its standard input
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// Print events, one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    runs: Runs,
}

const BAD_USAGE: u8 = 2;
const OUR_FAILURE: u8 = 125;

/// After Ctrl-C and after SIGTERM, as shells have it.
const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;

/// Runs the subcommand.
pub fn run(args: Args) -> ExitCode {
    start::logs("warn");
    let how = How { go: args.go.clone(), json: args.json, runs: args.runs.clone() };
    let request = match request(args) {
        Ok(request) => request,
        Err(error) => return fail(&error, BAD_USAGE),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into(), OUR_FAILURE),
    };
    match runtime.block_on(drive(request, how)) {
        Ok(code) => ExitCode::from(code),
        Err(Failed::Usage(error)) => fail(&error, BAD_USAGE),
        Err(Failed::Ours(error)) => fail(&error, OUR_FAILURE),
    }
}

enum Failed {
    Usage(anyhow::Error),
    Ours(anyhow::Error),
}

fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("underhood: {error:#}");
    ExitCode::from(code)
}

fn request(args: Args) -> anyhow::Result<Request> {
    let mode = Mode::new(&args.mode, args.options.into_iter().collect()).map_err(with_list)?;
    let stdin = args.stdin.as_deref().map(read).transpose()?.unwrap_or_default();
    let files = files(&args.files)?;
    let env: BTreeMap<String, String> = args.variables.into_iter().collect();
    let request = Request { files, mode, env, args: args.arguments, stdin, go: None };
    request.check().map_err(with_list)
}

fn files(paths: &[PathBuf]) -> anyhow::Result<Files> {
    if let [path] = paths {
        let text = read(path)?;
        // A lone Go file keeps its name; anything else is one text, which may be txtar.
        let source = Files::from_source(&text).map_err(with_list)?;
        let is_lone = source.iter().count() == 1 && source.has(crate::protocol::files::MAIN);
        if !is_lone || path.as_os_str() == "-" || path.extension().is_none_or(|extension| extension != "go") {
            return Ok(source);
        }
    }
    let named = paths.iter().map(|path| Ok((name_of(path)?, read(path)?)));
    Files::new(named.collect::<anyhow::Result<Vec<_>>>()?).map_err(with_list)
}

fn read(path: &Path) -> anyhow::Result<String> {
    let text = if path.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    text.with_context(|| format!("cannot read {}", shown(path)))
}

/// A path for a message.
fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not KEY=VALUE"))?;
    Ok((key.to_owned(), value.to_owned()))
}

/// A refusal with what would be allowed.
fn with_list(refusal: crate::protocol::Refusal) -> anyhow::Error {
    match &refusal {
        crate::protocol::Refusal::NotAllowed { allowed, .. } if !allowed.is_empty() => {
            anyhow!("{refusal}\nallowed: {}", allowed.join(", "))
        }
        _ => refusal.into(),
    }
}

/// How a request is run.
struct How {
    go: Option<String>,
    json: bool,
    runs: Runs,
}

async fn drive(request: Request, how: How) -> Result<u8, Failed> {
    let data = DataDir::from_env().map_err(|error| Failed::Usage(error.into()))?;
    let toolchains = start::toolchains(how.go.as_deref(), &data).map_err(Failed::Usage)?;
    let limits = how.runs.each.limits();
    let runner = start::runner(toolchains, &Places::ONE, limits, &how.runs.caches()).await.map_err(Failed::Ours)?;
    if runner.sandbox().report().level == Level::Reduced {
        eprintln!("underhood: the sandbox is reduced, for this host grants no namespaces; see `underhood doctor`");
    }
    let refused = |refusal| Failed::Usage(with_list(refusal));
    if let Some((target, libraries)) = runner.lacks(&request).map_err(refused)?
        && !start::compile_ahead(libraries, &target).map_err(Failed::Ours)?
    {
        return Ok(INTERRUPTED);
    }
    let mut events = runner.start(request, Client::Local, Reuse::Full).map_err(refused)?;
    let code = tokio::select! {
        code = print(&mut events, how.json) => code.map_err(|error| Failed::Ours(error.into()))?,
        // Dropping the events ends the run.
        _ = tokio::signal::ctrl_c() => return Ok(INTERRUPTED),
        () = terminate() => return Ok(TERMINATED),
    };
    runner.settled().await;
    Ok(code)
}

/// Waits for SIGTERM, which has a handler of ours once something was compiled ahead.
async fn terminate() {
    match tokio::signal::unix::signal(SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

async fn print(events: &mut Told, json: bool) -> io::Result<u8> {
    let mut code = OUR_FAILURE;
    while let Some(stamped) = events.recv().await {
        if json {
            let mut line = serde_json::to_vec(&stamped)?;
            line.push(b'\n');
            io::stdout().write_all(&line)?;
        } else {
            show(&stamped.event)?;
        }
        if let Event::Exit(exit) = stamped.event {
            code = exit_code(&exit);
        }
    }
    Ok(code)
}

fn show(event: &Event) -> io::Result<()> {
    match event {
        Event::Stdout { text } => {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()
        }
        Event::Stderr { text } => io::stderr().write_all(text.as_bytes()),
        Event::Queued { position } => writeln!(io::stderr(), "underhood: waiting, number {position} in the queue"),
        // What is said of a file is there in the tools' own words.
        Event::Diagnostic(diagnostic) if diagnostic.file.is_some() => Ok(()),
        Event::Diagnostic(diagnostic) => writeln!(io::stderr(), "underhood: {}", diagnostic.message),
        // What others are made of was printed too.
        Event::Artifact { name, mime, text } if mime == "text/html" => {
            writeln!(io::stderr(), "underhood: made {name}, {} bytes; --json prints it", text.len())
        }
        Event::Truncated { limit_bytes, .. } => {
            writeln!(io::stderr(), "\nunderhood: stopped; a run may print {limit_bytes} bytes")
        }
        Event::Exit(exit) => match ending(exit) {
            Some(text) => writeln!(io::stderr(), "underhood: {text}"),
            None => Ok(()),
        },
        Event::Started { .. } | Event::Step { .. } | Event::Artifact { .. } => Ok(()),
    }
}

/// What a terminal does not see by itself.
fn ending(exit: &Exit) -> Option<&'static str> {
    match exit.status {
        Ending::TimedOut => Some("stopped; it ran longer than it may"),
        Ending::OutOfMemory => Some("stopped; it needed more memory than it may"),
        _ => None,
    }
}

fn exit_code(exit: &Exit) -> u8 {
    let own = exit.code.and_then(|code| u8::try_from(code).ok());
    match exit.status {
        Ending::Ok => 0,
        Ending::BuildFailed => 1,
        Ending::Failed => own.unwrap_or(1),
        Ending::Signalled => exit.signal_number.map_or(128, |number| 128u8.saturating_add(number)),
        Ending::TimedOut => 124,
        Ending::OutOfMemory => 137,
        Ending::OutputLimit => 141,
        Ending::Cancelled | Ending::Internal => OUR_FAILURE,
    }
}
