//! SIGTERM: nothing new, those that wait are told, those at work may end, and each stream has its end.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::client::{Answer, get};
use crate::harness::events::Events;
use crate::harness::host::Host;
use crate::harness::processes::{self, wait_for};
use crate::harness::serve::{JSON, NDJSON, SSE, Service};
use crate::harness::token;

/// As long as a busy machine may take for what takes a moment.
const SOON: Duration = Duration::from_secs(20);

/// A program that ends only when it is killed. Each number makes another one, so that none is found built.
fn endless(number: usize) -> String {
    format!("package main\n\nfunc main() {{\n\tprintln(\"begun\", {number})\n\tfor {{\n\t}}\n}}\n")
}

fn from(client: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 8, u8::try_from(client + 1).expect("few clients"))
}

/// The events of an answer in any of the three forms. Fails unless the exit event comes once, as the last, and the
/// transfer coding ends as it should.
#[track_caller]
fn events(form: &str, heard: &str) -> Events {
    if form == JSON {
        let mut whole: Value = serde_json::from_str(heard).unwrap_or_else(|error| panic!("{heard:?}: {error}"));
        let Value::Array(events) = whole["events"].take() else { panic!("no events in {heard}") };
        return Events::of(events);
    }
    let data = |line: &str| match form {
        SSE => line.strip_prefix("data: ").map(str::to_owned),
        _ => Some(line.to_owned()),
    };
    let lines: Vec<String> = heard.lines().filter_map(data).collect();
    Events::of_lines(&lines.join("\n"))
}

/// Why a run was ended, for those who listen.
#[track_caller]
fn tells_why(events: &Events) {
    let why = events.first("diagnostic").expect("a reason");
    assert_eq!(why["code"], "stopping");
}

#[test]
fn no_stream_is_cut_without_its_exit_event() {
    let limits = [
        ("MAX_RUNS", "6"),
        ("BUILD_MEMORY", "256MiB"),
        ("RUN_SECONDS", "300"),
        ("BUILD_SECONDS", "300"),
        ("GRACE", "1"),
    ];
    let service = Service::start_on(Host::mine(), &limits);
    let token = token();
    let started: Vec<_> = (0..24)
        .map(|client| {
            let request = json!({"source": endless(client), "mode": "run", "args": [token]}).to_string();
            let form = [NDJSON, SSE, NDJSON, JSON][client % 4];
            (client, form, request)
        })
        .collect();
    let address = service.address();
    std::thread::scope(|scope| {
        let heard: Vec<_> = started
            .iter()
            .map(|(client, form, request)| {
                scope.spawn(move || {
                    let mut answer = crate::harness::client::post(
                        from(*client),
                        address,
                        "/api/v1/runs",
                        request.as_bytes(),
                        form,
                    );
                    (answer.status, answer.rest())
                })
            })
            .collect();
        // Some run, some are being built, the others wait.
        wait_for("two programs at work", SOON * 3, || (processes::with(&token).len() >= 2).then_some(()));
        service.ask_to_stop();
        let mut ran = 0;
        for ((_, form, _), heard) in started.iter().zip(heard) {
            let (status, body) = heard.join().expect("heard");
            // One that came too late was told so.
            if status == 503 {
                assert!(body.contains("being stopped"), "{body}");
                continue;
            }
            assert_eq!(status, 200, "{body}");
            let events = events(form, &body).that_end("cancelled");
            tells_why(&events);
            ran += usize::from(events.stderr().contains("begun"));
        }
        assert!(ran >= 2, "{ran} programs were at work");
    });
    assert!(service.ends(SOON).success());
    processes::are_gone(&token, Duration::from_secs(1));
}

/// The program is over, and what it printed is on its way: six bytes for each of its own, more than fits between the two.
#[test]
fn who_reads_slowly_gets_the_end_within_the_grace() {
    let service = Service::start_on(Host::mine(), &[("GRACE", "60")]);
    let token = token();
    let source = "package main\n\nimport (\n\t\"bytes\"\n\t\"os\"\n)\n\nfunc main() {\n\
        \tos.Stdout.Write(bytes.Repeat([]byte{1}, 1000<<10))\n}\n";
    let request = json!({"source": source, "mode": "run", "args": [token]}).to_string();
    let mut slow = service.post(request, NDJSON);
    while !slow.line().contains("\\u0001") {}
    processes::are_gone(&token, SOON);
    service.ask_to_stop();
    // Longer than a service waits for clients when the grace is over.
    std::thread::sleep(Duration::from_secs(5));
    let rest = slow.rest();
    let last = rest.lines().last().expect("the end");
    assert!(last.contains(r#""type":"exit","status":"ok""#), "{last:.200}");
    assert!(service.ends(SOON).success());
}

#[test]
fn what_runs_may_end_by_itself_while_nothing_new_is_taken() {
    let service = Service::start_on(Host::mine(), &[("MAX_RUNS", "1"), ("GRACE", "300"), ("RUN_SECONDS", "60")]);
    // It ends when its input says so, which takes until the rest of this test is done.
    let source = "package main\n\nimport \"time\"\n\nfunc main() {\n\tprintln(\"begun\")\n\ttime.Sleep(4 * time.Second)\n\
        \tprintln(\"done\")\n}\n";
    let post = |client| service.post_from(from(client), json!({"source": source, "mode": "run"}).to_string(), NDJSON);
    let mut running = post(0);
    let mut heard = String::new();
    while !heard.contains("begun") {
        heard += &running.line();
    }
    let mut waiting = post(1);
    assert_eq!(get(service.address(), "/readyz").status, 200);
    service.ask_to_stop();

    let waited = events(NDJSON, &waiting.rest()).that_end("cancelled");
    tells_why(&waited);
    let is_refused = |mut answer: Answer| {
        let problem = answer.rest();
        assert_eq!((answer.status, answer.header("content-type")), (503, "application/problem+json"), "{problem}");
        assert!(problem.contains("being stopped or replaced"), "{problem}");
        assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    };
    is_refused(post(2));
    is_refused(get(service.address(), "/readyz"));
    assert_eq!(get(service.address(), "/healthz").status, 200, "it is there to say so");

    heard += &running.rest();
    let ran = events(NDJSON, &heard).that_end("ok");
    assert!(ran.stderr().ends_with("done\n"));
    assert!(service.ends(SOON).success());
}

#[test]
fn asked_twice_it_ends_at_once() {
    let service = Service::start_on(Host::mine(), &[("GRACE", "3600"), ("RUN_SECONDS", "3600")]);
    let token = token();
    let request = json!({"source": endless(0), "mode": "run", "args": [token]}).to_string();
    let mut answer = service.post(&request, NDJSON);
    let mut heard = String::new();
    while !heard.contains("begun") {
        heard += &answer.line();
    }
    service.ask_to_stop();
    wait_for("its say so", SOON, || (get(service.address(), "/readyz").status == 503).then_some(()));
    assert_eq!(processes::with(&token).len(), 1, "it goes on until then");
    service.ask_to_stop();
    heard += &answer.rest();
    tells_why(&events(NDJSON, &heard).that_end("cancelled"));
    assert!(service.ends(SOON).success());
    processes::are_gone(&token, Duration::from_secs(1));
}

/// A client that is there but reads nothing cannot be told, and cannot keep the service either.
#[test]
fn one_that_reads_nothing_does_not_keep_it() {
    let service = Service::start_on(Host::mine(), &[("GRACE", "1"), ("RUN_SECONDS", "300"), ("OUTPUT", "64MiB")]);
    let token = token();
    let source = "package main\n\nfunc main() {\n\tfor {\n\t\tprintln(\"a line that nobody reads\")\n\t}\n}\n";
    let answer = service.post(json!({"source": source, "mode": "run", "args": [token]}).to_string(), NDJSON);
    wait_for("the program", SOON, || (processes::with(&token).len() == 1).then_some(()));
    let begun = Instant::now();
    assert!(service.terminate(SOON).success());
    eprintln!("ended after {:?}", begun.elapsed());
    processes::are_gone(&token, Duration::from_secs(1));
    drop(answer);
}

#[test]
fn with_nothing_to_do_it_ends_at_once() {
    let service = Service::start_on(Host::mine(), &[("GRACE", "3600")]);
    service.still_answers();
    // A connection that waits for its next request keeps nothing.
    let idle = std::net::TcpStream::connect(service.address()).expect("connected");
    assert!(service.terminate(SOON).success());
    drop(idle);
}
