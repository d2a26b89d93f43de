//! The same bytes as the real go command, for hundreds of programs in every mode, whichever path served them.
//!
//! What the real side says is kept below the target folder, so that only the first run on a machine pays for it.

mod corpus;
mod kept;
mod odd;
mod real;
mod tally;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use crate::harness::events::Events;
use crate::harness::host::Host;
use crate::harness::serve::Service;
use corpus::{Origin, Program, programs};
use real::{Mode, Real, Seen, answer};
use tally::Tally;

/// At least so many programs are compared in each mode.
const LEAST: usize = 300;

/// At least so many of them are wrong.
const LEAST_REFUSED: usize = 100;

/// What no two runs of the go command need agree on, though they may on one machine.
const LEFT_OUT: &[(&str, Mode, &str)] = &[
    ("addresses_of_data", Mode::Run, "where data lie depends on the length of the path of GOROOT"),
    ("command_itself", Mode::Asm, "the compiler's error names addresses of its own memory"),
];

/// Where ours is meant to differ. Each has to differ, so that none stays here for nothing.
const BY_DESIGN: &[(&str, Mode, &str)] = &[
    ("line_directives_into_the_cell", Mode::Escape, IN_THE_CELL),
    ("line_directives_into_the_cell", Mode::Reasons, IN_THE_CELL),
    ("line_directives_into_the_cell", Mode::Asm, IN_THE_CELL),
];

/// Go shortens paths that lie in its folder, or near it.
const IN_THE_CELL: &str = "the folder of the files is /code in a cell, and /tmp is beside it";

/// Names a part of the names of those programs that are to be compared, and of no others.
const PICKED: &str = "UNDERHOOD_TEST_PROGRAMS";

/// Requests in flight.
const CLIENTS: u8 = 3;

/// Limits as on a machine that does nothing else: no program here is refused for its size, and none for its number.
const LIMITS: [(&str, &str); 6] = [
    ("OUTPUT", "64MiB"),
    ("BUILD_SECONDS", "60"),
    ("RUN_SECONDS", "20"),
    ("MAX_RUNS", "8"),
    ("QUEUE", "64"),
    ("CACHE_MEMORY", "256MiB"),
];

/// Of programs that run, every so manieth is asked for twice: a run costs as much the second time.
const RUN_AGAIN: usize = 8;

#[test]
fn the_same_bytes_as_the_go_command() {
    let mut programs = programs();
    check_lists(&programs);
    let picked = std::env::var(PICKED).ok();
    programs.retain(|program| picked.as_ref().is_none_or(|part| program.name.contains(part)));
    let tasks: Vec<Task> = programs
        .iter()
        .flat_map(|program| Mode::ALL.into_iter().map(move |mode| (program, mode)))
        .enumerate()
        .map(|(number, (program, mode))| Task {
            program,
            mode,
            again: mode != Mode::Run || (number / Mode::ALL.len()).is_multiple_of(RUN_AGAIN),
        })
        .collect();
    let tally = Mutex::new(Tally::default());

    let begun = Instant::now();
    for_each(2, &tasks, |_, task| {
        if task.reason_not_to().is_none() {
            answer(task.program, task.mode);
        }
    });
    let of_go = begun.elapsed().as_secs();
    let begun = Instant::now();
    let service = Service::start_on(Host::mine(), &LIMITS);
    for_each(CLIENTS, &tasks, |client, task| task.compare(&service, Ipv4Addr::new(127, 0, 2, client), &tally));
    let of_ours = begun.elapsed().as_secs();

    let tally = tally.into_inner().expect("no thread panicked");
    eprintln!("{} programs; the go command took {of_go} s, Underhood {of_ours} s", programs.len());
    tally.print();
    assert!(tally.differences.is_empty(), "{}", tally.told());
    for mode in Mode::ALL.into_iter().filter(|_| picked.is_none()) {
        let compared = tally.compared.get(&mode).copied().unwrap_or(0);
        assert!(compared >= LEAST, "only {compared} programs were compared in mode {}", mode.name());
        let refused = tally.refused.get(&mode).copied().unwrap_or(0);
        assert!(refused >= LEAST_REFUSED, "only {refused} programs did not build in mode {}", mode.name());
    }
}

/// Names in the lists above stand for programs that are there, and no name stands for two.
fn check_lists(programs: &[Program]) {
    let mut names = BTreeMap::new();
    for program in programs {
        assert!(names.insert(program.name.as_str(), ()).is_none(), "two programs are called {}", program.name);
    }
    for (name, ..) in LEFT_OUT.iter().chain(BY_DESIGN) {
        // Which examples there are depends on the version of Go.
        assert!(names.contains_key(name) || name.contains(".Example"), "no program is called {name}");
    }
}

/// Works on all tasks with so many threads, each with a number of its own from 1.
fn for_each<'a>(threads: u8, tasks: &'a [Task<'a>], work: impl Fn(u8, &'a Task<'a>) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 1..=threads {
            let (next, work) = (&next, &work);
            scope.spawn(move || {
                while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(thread, task);
                }
            });
        }
    });
}

/// One program in one mode.
struct Task<'a> {
    program: &'a Program,
    mode: Mode,
    /// Whether it is asked for a second time.
    again: bool,
}

impl Task<'_> {
    /// Why it is not compared, where that is known beforehand.
    fn reason_not_to(&self) -> Option<&'static str> {
        let named = LEFT_OUT.iter().find(|(name, mode, _)| *name == self.program.name && *mode == self.mode);
        let reason = named.map(|(.., reason)| *reason);
        reason.or(match self.mode {
            Mode::Run => self.program.not_run,
            Mode::Asm if self.program.is_module() => Some("a module's packages are not compiled by one command"),
            _ => None,
        })
    }

    fn compare(&self, service: &Service, from: Ipv4Addr, tally: &Mutex<Tally>) {
        let tally = |note: &dyn Fn(&mut Tally)| note(&mut tally.lock().expect("no thread panicked"));
        let name = &self.program.name;
        let leave_out = |reason: &str| {
            tally(&|tally| {
                tally.left_out.entry((self.mode, reason.to_owned())).or_default().push(name.clone());
            });
        };
        if let Some(reason) = self.reason_not_to() {
            return leave_out(reason);
        }
        let gos = match answer(self.program, self.mode) {
            Real::Says(seen) => seen,
            Real::Varies(reason) => return leave_out(&reason),
        };
        let did_not_build = gos.exit.starts_with("build_failed");
        let mut differences = self.misplaced(did_not_build).into_iter().collect::<Vec<_>>();
        let ours = match self.ask(service, from, &[("Cache-Control", "no-cache")]) {
            Ok(ours) => ours,
            Err(problem) => {
                return tally(&|tally| tally.differences.push(self.title(&format!("refused, {problem}"))));
            }
        };
        if ours.cached {
            differences.push(self.title("an answer from what was kept, though a new one was asked for"));
        }
        let design = BY_DESIGN.iter().find(|(known, mode, _)| known == name && *mode == self.mode);
        let difference = self.difference("go's", &gos, &ours.seen);
        if difference.is_some() && self.mode == Mode::Run && real::varies_after_all(self.program, &gos) {
            return leave_out("says the same twice, not each time");
        }
        match (design, difference) {
            (None, Some(difference)) => differences.push(difference),
            (Some((.., reason)), None) => differences.push(self.title(&format!("does not differ, though {reason}"))),
            (Some(_), Some(_)) | (None, None) => {}
        }
        if self.again {
            match self.ask(service, from, &[]) {
                Ok(again) => {
                    differences.extend(self.difference("its own first", &ours.seen, &again.seen));
                    // A program is run anew, whatever was kept of its build.
                    if again.cached != (self.mode != Mode::Run || did_not_build) {
                        differences.push(self.title(&format!("asked again, cached is {}", again.cached)));
                    }
                }
                Err(problem) => differences.push(self.title(&format!("refused when asked again, {problem}"))),
            }
        }
        tally(&|tally| {
            *tally.compared.entry(self.mode).or_default() += 1;
            *tally.refused.entry(self.mode).or_default() += usize::from(did_not_build);
            *tally.asked_again.entry(self.mode).or_default() += usize::from(self.again);
            *tally.steps.entry((self.mode, ours.steps.clone())).or_default() += 1;
            tally.differences.extend(differences.iter().cloned());
        });
        // At once, so that nobody has to wait for the rest.
        differences.iter().for_each(|difference| eprintln!("{difference}\n"));
    }

    /// A program that stands in the wrong list would leave what it is there for untested.
    fn misplaced(&self, did_not_build: bool) -> Option<String> {
        let expected = match self.program.origin {
            Origin::Refused => true,
            Origin::Odd => self.program.name.starts_with("no_library"),
            Origin::Library | Origin::Ours => return None,
        };
        let is_wrong = self.mode == Mode::Run && did_not_build != expected;
        is_wrong.then(|| self.title(if did_not_build { "does not build" } else { "builds" }))
    }

    fn ask(&self, service: &Service, from: Ipv4Addr, headers: &[(&str, &str)]) -> Result<Ours, String> {
        let files: serde_json::Map<String, Value> =
            self.program.files.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
        let (mode, options) = match self.mode {
            Mode::Run => ("run", json!({})),
            Mode::Escape => ("escape", json!({})),
            Mode::Reasons => ("escape", json!({"level": 2})),
            Mode::Asm => ("asm", json!({})),
        };
        let request = json!({"files": files, "mode": mode, "options": options});
        Ok(Ours::of(service.whole(from, &request, headers)?))
    }

    /// The first line that differs, and how both begin.
    fn difference(&self, whose: &str, theirs: &Seen, ours: &Seen) -> Option<String> {
        let parts = [
            ("exit", &theirs.exit, &ours.exit),
            ("stderr", &theirs.stderr, &ours.stderr),
            ("stdout", &theirs.stdout, &ours.stdout),
        ];
        let (part, theirs, ours) = parts.into_iter().find(|(_, theirs, ours)| theirs != ours)?;
        let lines =
            |text: &str| text.split('\n').map(str::to_owned).chain([String::from("(end)")]).collect::<Vec<_>>();
        let pairs = lines(theirs).into_iter().zip(lines(ours)).enumerate();
        let (number, (one, other)) = pairs.into_iter().find(|(_, (one, other))| one != other).unwrap_or_default();
        Some(self.title(&format!(
            "{part} differs from {whose} in line {}\n  {whose}: {one:?}\n  ours: {other:?}\n\
             --- {whose} ({} bytes)\n{}\n--- ours ({} bytes)\n{}",
            number + 1,
            theirs.len(),
            head(theirs),
            ours.len(),
            head(ours),
        )))
    }

    fn title(&self, what: &str) -> String {
        format!("{}, mode {}: {what}", self.program.name, self.mode.name())
    }
}

fn head(text: &str) -> String {
    text.chars().take(600).collect()
}

/// One answer of ours.
struct Ours {
    seen: Seen,
    cached: bool,
    /// The names of its steps in order.
    steps: String,
}

impl Ours {
    fn of(mut whole: Value) -> Self {
        let Value::Array(events) = whole["events"].take() else { panic!("no events in {whole}") };
        let events = Events::of(events);
        let text = |name: &str| whole[name].as_str().expect("text").to_owned();
        let exit = events.exit();
        let number = exit["code"].as_i64().map(|code| code.to_string());
        let number = number.or_else(|| exit["signal"].as_str().map(str::to_owned)).unwrap_or_default();
        let mut seen =
            Seen { exit: format!("{} {number}", events.status()), stdout: text("stdout"), stderr: text("stderr") };
        assert_eq!(
            (&events.stdout(), &events.stderr()),
            (&seen.stdout, &seen.stderr),
            "the events say something else"
        );
        // What we say of a run ourselves is not the tool's, and there is none of it here.
        let of_the_run = |event: &&Value| event["type"] == "diagnostic" && event["file"].is_null();
        if let Some(told) = events.0.iter().find(of_the_run).or_else(|| events.first("truncated")) {
            seen.exit += &format!(", and {told}");
        }
        let ended = |event: &&Value| event["type"] == "step" && !event["wall_ms"].is_null();
        let steps: Vec<&str> = events.0.iter().filter(ended).filter_map(|event| event["name"].as_str()).collect();
        let cached = events.first("started").is_some_and(|started| started["cached"] == true);
        Self { seen, cached, steps: steps.join(" ") }
    }
}
