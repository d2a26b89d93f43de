//! Identical requests in flight: one build, told to all. Nothing is kept here, so that whoever shares does so in flight.

use std::net::Ipv4Addr;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::is_new;
use crate::harness::client::{Answer, post_with};
use crate::harness::command::HANGS;
use crate::harness::endless::signal;
use crate::harness::events::Events;
use crate::harness::host::Host;
use crate::harness::processes::{Held, have_ended, named, wait_for};
use crate::harness::serve::{NDJSON, Service};

/// How long a build or a process may take to come or to go.
const SOON: Duration = Duration::from_secs(20);

/// One place and no queue: whoever is served beside the first takes no place.
const ONE_PLACE: [(&str, &str); 4] = [("MAX_RUNS", "1"), ("QUEUE", "0"), ("BUILD_SECONDS", "60"), ("POOL", "0")];

/// A program that takes the compiler long enough to be seen at work. It ends with the time.
fn large() -> String {
    let functions = (0..1500).map(|n| format!("func f{n}(a, b int) *int {{\n\tc := a*b + {n}\n\treturn &c\n}}\n\n"));
    let functions: String = functions.collect();
    format!(
        "package main\n\nimport \"time\"\n\n{functions}func main() {{\n\tprintln(*f1(2, 3))\n\tprintln(time.Now().UnixNano())\n}}\n"
    )
}

fn client(index: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 3, index)
}

/// A compiler that stands still, and those who wait for it.
struct Underway<'a> {
    service: &'a Service,
    request: String,
    compiler: u32,
    waiting: Vec<Waiting>,
}

/// An answer, and what was read of it.
struct Waiting {
    answer: Answer,
    heard: String,
}

impl<'a> Underway<'a> {
    /// The first client's.
    fn begin(service: &'a Service, mode: &str) -> Self {
        let request = json!({"mode": mode, "source": large()}).to_string();
        let mut underway = Self { service, request, compiler: 0, waiting: Vec::new() };
        // An earlier run's place is given back a moment after its last process is gone.
        let answer = wait_for("a place", SOON, || Some(underway.post(&[])).filter(|answer| answer.status == 200));
        underway.waiting.push(Waiting::until_compiling(answer));
        underway.compiler = underway.compilers().first().copied().expect("a compiler at work");
        signal(underway.compiler, Signal::SIGSTOP);
        underway
    }

    /// One more client, who is told that the compiler is at work.
    fn join(&mut self) {
        let answer = self.post(&[]);
        self.waiting.push(Waiting::until_compiling(answer));
    }

    fn post(&self, headers: &[(&str, &str)]) -> Answer {
        let from = client(u8::try_from(self.waiting.len() + 1).expect("few clients"));
        let headers = [&[("Accept", NDJSON)], headers].concat();
        post_with(from, self.service.address(), "/api/v1/runs", self.request.as_bytes(), &headers, HANGS)
    }

    fn compilers(&self) -> Vec<u32> {
        named(self.service.pid(), "compile")
    }

    /// Drops one, and waits until the service has seen it.
    fn hangs_up(&mut self, index: usize) {
        let before = Held::by(self.service.pid()).descriptors;
        drop(self.waiting.remove(index));
        let is_seen = || (Held::by(self.service.pid()).descriptors < before).then_some(());
        wait_for("the end of a connection", SOON, is_seen);
    }

    /// Lets the compiler go on. What all are told.
    #[track_caller]
    fn goes_on(self) -> Vec<Events> {
        signal(self.compiler, Signal::SIGCONT);
        self.waiting.into_iter().map(Waiting::rest).collect()
    }
}

impl Waiting {
    #[track_caller]
    fn until_compiling(mut answer: Answer) -> Self {
        let mut heard = String::new();
        while !heard.ends_with("\n") || !heard.contains("\"step\"") {
            let line = answer.line();
            assert!(answer.status == 200 && !line.is_empty(), "{}: {heard}{line}", answer.status);
            heard += &line;
        }
        Self { answer, heard }
    }

    #[track_caller]
    fn rest(mut self) -> Events {
        Events::of_lines(&(self.heard + &self.answer.rest()))
    }
}

#[test]
fn six_ask_and_one_is_built() {
    let service = Service::start_on(Host::mine(), &ONE_PLACE);
    let mut underway = Underway::begin(&service, "escape");
    for _ in 0..5 {
        underway.join();
    }
    assert_eq!(underway.compilers(), [underway.compiler]);
    // The place is taken, and is not for those who share.
    let other = json!({"mode": "escape", "source": "package main\n\nfunc main() {}\n"}).to_string();
    assert_eq!(service.post_from(client(200), &other, NDJSON).status, 503);

    let all = underway.goes_on();
    assert_eq!(all.len(), 6);
    for events in &all {
        is_new(events);
        assert_eq!((events.status(), events.steps()), ("ok", vec!["compile"]));
        assert_eq!(events.answer(), all[0].answer());
    }
    assert!(all[0].stderr().contains("moved to heap: c"), "{}", all[0].stderr());
    let alone: Value = json!({"mode": "escape", "source": large()});
    let alone = wait_for("a place", SOON, || {
        let mut answer = service.post(alone.to_string(), NDJSON);
        (answer.status == 200).then(|| Events::of_lines(&answer.rest()))
    });
    is_new(&alone);
    assert_eq!(alone.stderr(), all[0].stderr(), "what is shared is what is built alone");
}

#[test]
fn whoever_hangs_up_the_others_are_told_all() {
    let service = Service::start_on(Host::mine(), &ONE_PLACE);
    let mut underway = Underway::begin(&service, "escape");
    underway.join();
    underway.join();
    underway.join();
    // The one for whom it was begun, and another.
    underway.hangs_up(0);
    underway.hangs_up(1);
    assert_eq!(underway.compilers(), [underway.compiler]);
    // And one may still come to it, although the one that had the place is gone.
    underway.join();
    assert_eq!(underway.compilers(), [underway.compiler]);
    for events in underway.goes_on() {
        let events = events.that_end("ok");
        assert_eq!(events.stderr().matches("moved to heap: c").count(), 1500);
    }
}

#[test]
fn when_all_have_hung_up_it_ends() {
    let service = Service::start_on(Host::mine(), &ONE_PLACE);
    service.still_answers();
    let before = Held::by(service.pid());
    let mut underway = Underway::begin(&service, "escape");
    underway.join();
    underway.join();
    let compiler = underway.compiler;
    drop(underway);
    have_ended(&[compiler], SOON);
    before.is_reached_again(service.pid(), SOON);
    // Nobody is told of it who comes later.
    let underway = Underway::begin(&service, "escape");
    assert_ne!(underway.compiler, compiler);
    for events in underway.goes_on() {
        assert_eq!(events.that_end("ok").steps(), ["compile"]);
    }
}

#[test]
fn one_build_and_a_program_for_each() {
    let service = Service::start_on(Host::mine(), &[("MAX_RUNS", "8"), ("BUILD_SECONDS", "60"), ("POOL", "0")]);
    let mut underway = Underway::begin(&service, "run");
    underway.join();
    underway.join();
    assert_eq!(underway.compilers(), [underway.compiler]);
    let all = underway.goes_on();
    let mut said: Vec<String> = all.iter().map(Events::stderr).collect();
    for (events, said) in all.iter().zip(&said) {
        assert_eq!((events.status(), events.steps()), ("ok", vec!["compile", "link", "exec"]), "{said}");
        assert!(said.starts_with("7\n"), "{said}");
    }
    said.sort();
    said.dedup();
    assert_eq!(said.len(), 3, "a run was shared");
}

#[test]
fn who_wants_a_new_one_shares_nothing() {
    let service = Service::start_on(Host::mine(), &[("MAX_RUNS", "8"), ("BUILD_SECONDS", "60"), ("POOL", "0")]);
    let underway = Underway::begin(&service, "escape");
    let mut fresh = underway.post(&[("Cache-Control", "no-cache")]);
    // It ends while the other stands still.
    let alone = Events::of_lines(&fresh.rest()).that_end("ok");
    assert_eq!(underway.compilers(), [underway.compiler]);
    for events in underway.goes_on() {
        assert_eq!(events.that_end("ok").answer(), alone.answer());
    }
}
