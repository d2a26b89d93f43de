//! `underhood run`, as a person types it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::tempfile;
use wait_timeout::ChildExt as _;

use super::events::Events;
use super::host::Host;
use super::{go, processes, suite};

/// Longer than any run may take; what is not over by then hangs.
pub const HANGS: Duration = Duration::from_secs(400);

/// A command line that is being put together.
pub struct Run {
    host: Host,
    file: PathBuf,
    arguments: Vec<OsString>,
    limits: Vec<(&'static str, String)>,
    input: Vec<u8>,
}

/// How it ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// `underhood run FILE`; the file lies beside the tests, unless its path is absolute.
pub fn run(file: impl AsRef<Path>) -> Run {
    let file = suite("").join(file);
    Run { host: Host::mine(), file, arguments: Vec::new(), limits: Vec::new(), input: Vec::new() }
}

/// `underhood run -` with the program on standard input.
pub fn run_text(program: impl AsRef<[u8]>) -> Run {
    let input = program.as_ref().to_vec();
    Run { host: Host::mine(), file: "-".into(), arguments: Vec::new(), limits: Vec::new(), input }
}

impl Run {
    /// On this host instead of the one that runs the tests.
    pub fn on(self, host: Host) -> Self {
        Self { host, ..self }
    }

    /// With a limit of the operator's, such as `RUN_SECONDS`, set to another value.
    pub fn limit(mut self, name: &'static str, value: impl ToString) -> Self {
        self.limits.push((name, value.to_string()));
        self
    }

    pub fn mode(self, mode: &str) -> Self {
        self.argument("--mode").argument(mode)
    }

    pub fn opt(self, option: &str) -> Self {
        self.argument("--opt").argument(option)
    }

    pub fn env(self, variable: &str) -> Self {
        self.argument("--env").argument(variable)
    }

    pub fn arg(self, argument: &str) -> Self {
        self.argument("--arg").argument(argument)
    }

    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Starts it with `--json`, hears so many lines of events, and kills it as `kill -9` does. The pids are those of the
    /// processes that it had below it then.
    pub fn killed_after(self, lines: usize) -> Vec<u32> {
        let mut command = self.argument("--json").command();
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let heard = BufReader::new(child.stdout.take().expect("piped")).lines().take(lines).count();
        let below = processes::below(child.id());
        child.kill().expect("killed");
        child.wait().expect("reaped");
        assert_eq!(heard, lines, "it ended early");
        below
    }

    /// Runs it to its end.
    pub fn ends(self) -> Ended {
        finish(self.command(), &self.input)
    }

    fn command(&self) -> Command {
        go::root();
        let mut command = self.host.underhood();
        command.arg("run").arg(self.host.path(&self.file)).args(&self.arguments);
        command.envs(self.limits.iter().map(|(name, value)| (format!("UNDERHOOD_{name}"), value)));
        command
    }

    /// Runs it to its end with `--json`.
    pub fn tells(self) -> Events {
        let ended = self.argument("--json").ends();
        Events::of_lines(&ended.stdout)
    }
}

/// Runs a command to its end, with all output in files so that no pipe can fill up.
pub fn finish(command: Command, input: &[u8]) -> Ended {
    let words = format!("{command:?}");
    let Some(raw) = finish_within(command, input, HANGS) else { panic!("{words} hangs") };
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: raw.status.code(), stdout: text(raw.stdout), stderr: text(raw.stderr) }
}

/// How it ended, with output that may be no text.
pub struct Raw {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// The same; nothing if it takes longer, and then it is killed.
pub fn finish_within(mut command: Command, input: &[u8], limit: Duration) -> Option<Raw> {
    let (stdout, stderr) = (tempfile().expect("a file"), tempfile().expect("a file"));
    let mut stdin = tempfile().expect("a file");
    stdin.write_all(input).expect("written");
    stdin.rewind().expect("rewound");
    let out = |file: &File| Stdio::from(file.try_clone().expect("a descriptor"));
    let child = command.stdin(stdin).stdout(out(&stdout)).stderr(out(&stderr)).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let status = child.wait_timeout(limit).expect("waited");
    let Some(status) = status else {
        child.kill().expect("killed");
        child.wait().expect("reaped");
        return None;
    };
    Some(Raw { status, stdout: read(stdout), stderr: read(stderr) })
}

fn read(mut file: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().expect("rewound");
    file.read_to_end(&mut bytes).expect("read");
    bytes
}

impl Ended {
    /// Fails unless it ended with this code.
    #[track_caller]
    pub fn with_code(self, code: i32) -> Self {
        let Self { stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "stdout: {stdout}\nstderr: {stderr}");
        self
    }

    /// Fails unless standard error says so.
    #[track_caller]
    pub fn and_says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in {:?}", self.stderr);
        self
    }
}
