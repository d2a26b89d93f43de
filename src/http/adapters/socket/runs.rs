//! The runs of one socket.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::super::answer::own_words;
use super::super::program::Program;
use super::{Kind, Said};
use crate::http::App;
use crate::protocol::{Ending, Event, Exit, Refusal};
use crate::run::{Client, Told};
use crate::site::endings;

/// What runs for a socket. Dropping it ends all of it.
pub struct Runs {
    app: Arc<App>,
    client: Client,
    /// By the client's id.
    running: BTreeMap<String, Running>,
    tasks: JoinSet<()>,
    started: u64,
    say: mpsc::Sender<(u64, Said)>,
    said: mpsc::Receiver<(u64, Said)>,
}

struct Running {
    /// What comes of an earlier run with the same id is not heard any more.
    number: u64,
    task: AbortHandle,
}

/// The most runs of a socket at a time.
pub const AT_ONCE: usize = 4;

/// Messages that wait to be written; beyond these programs wait.
const AHEAD: usize = 4;

impl Runs {
    /// None yet.
    pub fn new(app: Arc<App>, client: Client) -> Self {
        let (say, said) = mpsc::channel(AHEAD);
        Self { app, client, running: BTreeMap::new(), tasks: JoinSet::new(), started: 0, say, said }
    }

    /// Counts a message, which costs as much to read as a request does.
    ///
    /// # Errors
    /// When the client sends too many.
    pub fn charge_message(&self) -> Result<(), Refusal> {
        self.app.rates.requests.charge(self.client, 1).inspect_err(|refusal| self.app.runner.refused(refusal))
    }

    /// Starts one, and ends an earlier one of that id. Returns what is to be said at once.
    pub fn start(&mut self, id: String, body: &str, race: bool) -> Vec<Said> {
        let mut answers: Vec<Said> = self.kill(&id).into_iter().collect();
        if self.running.len() >= AT_ONCE {
            answers.extend(refused(id, &format!("{AT_ONCE} programs are running already; end one of them first")));
            return answers;
        }
        let program = Program::read(&without_omit(body), &self.app.runner.toolchains()[0].version);
        let told = program.and_then(|program| self.app.start(program.run(race), self.client, false));
        let told = match told {
            Ok(told) => told,
            Err(refusal) => {
                answers.extend(refused(id, &refusal.to_string()));
                return answers;
            }
        };
        self.started += 1;
        let tell = tell(told, Arc::clone(&self.app), id.clone(), self.started, self.say.clone());
        let task = self.tasks.spawn(tell);
        self.running.insert(id, Running { number: self.started, task });
        answers
    }

    /// Ends one, if there is one of that id. Returns its last message.
    pub fn kill(&mut self, id: &str) -> Option<Said> {
        let Running { task, .. } = self.running.remove(id)?;
        task.abort();
        Some(Said { id: id.to_owned(), kind: Kind::End, body: "killed".to_owned() })
    }

    /// How many are running.
    pub fn at_work(&self) -> usize {
        self.running.len()
    }

    /// The next message. Waits while there is none. Cancel-safe.
    pub async fn next(&mut self) -> Said {
        loop {
            // We hold a sender ourselves.
            let (number, said) = self.said.recv().await.expect("open");
            while self.tasks.try_join_next().is_some() {}
            if self.running.get(&said.id).is_some_and(|running| running.number == number) {
                if said.kind == Kind::End {
                    self.running.remove(&said.id);
                }
                return said;
            }
        }
    }
}

fn refused(id: String, why: &str) -> [Said; 2] {
    let stderr = Said { id: id.clone(), kind: Kind::Stderr, body: format!("{why}\n") };
    [stderr, Said { id, kind: Kind::End, body: "not run".to_owned() }]
}

/// Passes on what a run tells. Aborting it ends the run.
async fn tell(mut told: Told, app: Arc<App>, id: String, number: u64, say: mpsc::Sender<(u64, Said)>) {
    while let Some(stamped) = told.recv().await {
        let (kind, body) = match stamped.event {
            Event::Stdout { text } => (Kind::Stdout, text),
            Event::Stderr { text } => (Kind::Stderr, text),
            Event::Exit(exit) => (Kind::End, last_words(&exit, &app)),
            Event::Diagnostic(_) | Event::Truncated { .. } => match endings::note(&stamped.event) {
                Some(note) => (Kind::Stderr, format!("{note}\n")),
                None => continue,
            },
            _ => continue,
        };
        let said = Said { id: id.clone(), kind, body };
        if say.send((number, said)).await.is_err() {
            return;
        }
    }
}

/// Why a program has ended, in the words of os/exec where it has some; nothing when all went well.
fn last_words(exit: &Exit, app: &App) -> String {
    let sentences = endings::sentences(app.runner.limits());
    match (exit.status, exit.code, &exit.signal) {
        (Ending::Ok, ..) => String::new(),
        (Ending::BuildFailed, ..) => "it does not build".to_owned(),
        (Ending::Failed, Some(code), _) => format!("exit status {code}"),
        (Ending::Signalled, _, Some(signal)) => format!("signal: {signal}"),
        _ => own_words(exit, &sentences).unwrap_or_default(),
    }
}

/// Without the build constraint that `present`'s snippets carry so that `go build ./...` passes them by. It is built with
/// the tag there. Lines keep their numbers.
fn without_omit(body: &str) -> String {
    let is_omit = |line: &str| matches!(line.trim(), "//go:build OMIT" | "// +build OMIT" | "//+build OMIT");
    let line = |line: &str| if is_omit(line) { "//\n".to_owned() } else { line.to_owned() };
    body.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_present_leaves_out_is_no_constraint() {
        let body = "//go:build OMIT\n// +build OMIT\n\npackage main\n\nvar s = \"//go:build OMIT\"\n";
        assert_eq!(without_omit(body), "//\n//\n\npackage main\n\nvar s = \"//go:build OMIT\"\n");
        assert_eq!(without_omit("//go:build ignore\n"), "//go:build ignore\n");
    }
}
