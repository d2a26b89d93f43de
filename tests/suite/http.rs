//! The API over HTTP: forms, order, hanging up, and bad input.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::client::get;
use crate::harness::events::Events;
use crate::harness::host::Host;
use crate::harness::processes::{below, children, named, wait_for};
use crate::harness::serve::{JSON, NDJSON, SSE, Service};
use crate::harness::{processes, text_of, token};

const HELLO: &str = "package main\n\nfunc main() { println(\"hello\") }\n";

const ENDLESS: &str = "package main\n\nfunc main() {\n\tprintln(\"begun\")\n\tfor {\n\t}\n}\n";

#[test]
fn one_run_in_three_forms() {
    let service = Service::start();
    let request = json!({"source": HELLO, "mode": "run"}).to_string();

    let mut lines = service.post(&request, NDJSON);
    assert_eq!((lines.status, lines.header("content-type")), (200, NDJSON));
    assert_eq!(Events::of_lines(&lines.rest()).that_end("ok").stderr(), "hello\n");

    let mut stream = service.post(&request, SSE);
    assert_eq!((stream.status, stream.header("content-type")), (200, SSE));
    let body = stream.rest();
    let data: String =
        body.lines().filter_map(|line| line.strip_prefix("data: ")).map(|line| format!("{line}\n")).collect();
    assert_eq!(Events::of_lines(&data).that_end("ok").stderr(), "hello\n");

    let mut whole = service.post(&request, JSON);
    assert_eq!((whole.status, whole.header("content-type")), (200, JSON));
    let mut object: Value = serde_json::from_str(&whole.rest()).expect("JSON");
    assert_eq!((&object["stderr"], &object["stdout"]), (&"hello\n".into(), &"".into()));
    assert_eq!(object["exit"]["status"], "ok");
    let Value::Array(events) = object["events"].take() else { panic!("no events") };
    assert_eq!(Events::of(events).that_end("ok").stderr(), "hello\n");
}

#[test]
fn the_first_line_comes_before_the_second_is_written() {
    let service = Service::start();
    let source = "package main\n\nimport \"time\"\n\n\
        func main() { println(\"first\"); time.Sleep(2 * time.Second); println(\"second\") }\n";
    for accept in [SSE, NDJSON] {
        let mut answer = service.post(json!({"source": source, "mode": "run"}).to_string(), accept);
        let until = |answer: &mut crate::harness::client::Answer, word: &str| {
            loop {
                let line = answer.line();
                assert!(!line.is_empty(), "the end came before {word:?}");
                if line.contains(word) {
                    return (line, Instant::now());
                }
            }
        };
        let (line, first) = until(&mut answer, "first");
        assert!(!line.contains("second") && !answer.already_here().contains("second"), "held back: {line}");
        let (_, second) = until(&mut answer, "second");
        // The program sleeps 2 s between the two; had both come at once, there would be nothing between them.
        assert!(second - first > Duration::from_secs(1), "{:?} apart", second - first);
    }
}

#[test]
fn a_closed_connection_ends_the_program() {
    let service = Service::start();
    for accept in [SSE, NDJSON] {
        let token = token();
        let request = json!({"source": ENDLESS, "mode": "run", "args": [token]});
        let mut answer = service.post(request.to_string(), accept);
        while !answer.line().contains("begun") {}
        assert_eq!(processes::with(&token).len(), 1, "the program is to be seen while it runs");
        drop(answer);
        processes::are_gone(&token, Duration::from_secs(1));
    }
    service.still_answers();
}

#[test]
fn killing_the_service_ends_every_program() {
    let limits = [("MAX_RUNS", "8"), ("BUILD_MEMORY", "256MiB"), ("BUILD_SECONDS", "60"), ("RUN_SECONDS", "60")];
    let service = Service::start_on(Host::mine(), &limits);
    let token = token();
    let request = json!({"source": ENDLESS, "mode": "run", "args": [token]}).to_string();
    let post = |client| service.post_from(Ipv4Addr::new(127, 0, 2, client), &request, NDJSON);
    let mut answers: Vec<_> = (1..=8).map(post).collect();
    for answer in &mut answers {
        while !answer.line().contains("begun") {}
    }
    assert_eq!(processes::with(&token).len(), 8, "the programs are to be seen while they run");
    service.kill();
    let begun = Instant::now();
    // How soon it is on a quiet machine is told; a busy one may take its time.
    processes::are_gone(&token, Duration::from_secs(2));
    eprintln!("gone after {:?}", begun.elapsed());
}

/// A refusal with the right status, as a problem document whose words hold all of `says`.
#[track_caller]
fn refused(service: &Service, body: impl AsRef<[u8]>, status: u16, says: &[&str]) {
    let mut answer = service.post(body, NDJSON);
    let text = answer.rest();
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem: Value = serde_json::from_str(&text).expect("a problem document");
    assert_eq!(problem["status"], status);
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{text}");
    for word in says {
        assert!(text.contains(word), "{word:?} is not in {text}");
    }
}

#[test]
fn bad_requests_are_refused_in_words() {
    let service = Service::start();
    let with = |key: &str, value: Value| {
        let mut request = json!({"source": HELLO, "mode": "run"});
        request[key] = value;
        request.to_string()
    };
    for body in ["", "{", "[]", "null", "{\"source\": 1, \"mode\": \"run\"}", "{\"mode\": \"run\"}"] {
        refused(&service, body, 400, &[]);
    }
    refused(&service, b"{\"source\": \"\xff\", \"mode\": \"run\"}", 400, &[]);
    refused(&service, with("flags", json!(["-x"])), 400, &["flags"]);
    refused(&service, with("mode", json!("objcopy")), 422, &["objcopy", "run", "escape", "asm"]);
    refused(&service, with("options", json!({"level": 1})), 422, &["level"]);
    let level = json!({"source": HELLO, "mode": "escape", "options": {"level": 7}});
    refused(&service, level.to_string(), 422, &["level: 1 or 2", "inline"]);
    refused(&service, with("env", json!({"PATH": "/"})), 422, &["PATH", "GODEBUG", "GOMEMLIMIT"]);
    refused(&service, with("env", json!({"GODEBUG": "nosuchknob=1"})), 422, &["nosuchknob", "gctrace"]);
    refused(&service, with("options", json!({"race": "maybe"})), 422, &["expected on, off", "race: on or off"]);
    refused(&service, with("go", json!("1.2")), 422, &["1.2"]);
    refused(&service, with("args", json!(["a\u{0}b"])), 422, &["NUL"]);
    refused(&service, with("source", json!("x".repeat(256 * 1024))), 413, &["262144"]);
    refused(&service, "x".repeat(2 << 20), 413, &["262144"]);
    service.still_answers();
}

#[test]
fn bad_files_are_refused_in_words() {
    let service = Service::start();
    let files = |names: &[&str]| {
        let files: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), json!(HELLO))).collect();
        json!({"files": files, "mode": "run"}).to_string()
    };
    for name in
        ["../main.go", "a/../main.go", "/main.go", "a\\b.go", "a\u{0}.go", "", "-o.go", "a//b.go", ".git/config"]
    {
        refused(&service, files(&[name]), 422, &["file name"]);
    }
    let names: Vec<String> = (0..21).map(|number| format!("f{number}.go")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    refused(&service, files(&names), 422, &["21 files", "at most 20"]);
    refused(&service, files(&["a.txt"]), 422, &["no Go file"]);
    refused(&service, json!({"files": {}, "mode": "run"}).to_string(), 422, &["no file"]);
    service.still_answers();
}

#[test]
fn what_programs_do_wrong_is_an_event() {
    let service = Service::start();
    let run = |source: &str| service.run(&json!({"source": source, "mode": "run"}));

    let events = run("func main() {}\n").that_end("build_failed");
    assert!(events.stderr().contains("expected 'package'"), "{}", events.stderr());
    service.still_answers();

    let flood = run("package main\n\nfunc main() { for i := 0; ; i++ { println(i) } }\n").that_end("output_limit");
    assert!(flood.stderr().starts_with("0\n1\n2\n"), "what came first is not kept");
    assert_eq!(flood.stderr().len(), 1 << 20);
    let cuts: Vec<_> = flood.0.iter().filter(|event| event["type"] == "truncated").collect();
    assert_eq!(cuts.len(), 1, "it was cut once: {cuts:?}");
    assert_eq!((&cuts[0]["stream"], &cuts[0]["limit_bytes"]), (&"stderr".into(), &(1 << 20).into()));
    service.still_answers();

    let eater = "package main\n\nvar kept [][]byte\n\nfunc main() {\n\tfor {\n\t\tb := make([]byte, 1<<20)\n\
        \t\tfor i := range b {\n\t\t\tb[i] = 1\n\t\t}\n\t\tkept = append(kept, b)\n\t}\n}\n";
    run(eater).that_end("out_of_memory");
    service.still_answers();
}

#[test]
fn endless_programs_are_stopped() {
    let service = Service::start();
    let sleeps = "package main\n\nimport \"time\"\n\nfunc main() { print(\"begun\\n\"); time.Sleep(time.Hour) }\n";
    let ignores_signals = text_of("attacks/ignores_signals.go");
    // All at once, since each takes as long as a run may.
    std::thread::scope(|scope| {
        for source in [ENDLESS, sleeps, &ignores_signals] {
            let service = &service;
            scope.spawn(move || {
                let token = token();
                let events = service.run(&json!({"source": source, "mode": "run", "args": [token]}));
                let events = events.that_end("timed_out");
                assert_eq!(events.stdout() + &events.stderr(), "begun\n");
                processes::are_gone(&token, Duration::from_secs(1));
            });
        }
    });
    service.still_answers();
}

#[test]
fn the_operators_limits_are_told() {
    let limits = [("RUN_SECONDS", "3"), ("BUILD_MEMORY", "512MiB"), ("MAX_RUNS", "2"), ("TOTAL_MEMORY", "1GiB")];
    let service = Service::start_on(Host::mine(), &limits);
    let told: Value = serde_json::from_str(&get(service.address(), "/api/v1/limits").rest()).expect("JSON");
    for (place, value) in [
        ("/run/run/seconds", json!(3)),
        ("/run/build/memory_bytes", json!(512 << 20)),
        ("/service/runs", json!(2)),
        ("/service/prepared_cells", json!(4)),
        ("/service/memory_bytes", json!(1 << 30)),
    ] {
        assert_eq!(told.pointer(place), Some(&value), "{place} in {told}");
    }
}

/// The compiler that is at work is the one that waited.
#[test]
fn tools_are_started_before_anyone_asks() {
    let service = Service::start_on(Host::mine(), &[("POOL", "2"), ("MAX_RUNS", "1")]);
    // So many functions that it can be seen at work.
    let functions: String =
        (0..1500).map(|n| format!("func f{n}(a, b int) *int {{ c := a*b + {n}; return &c }}\n")).collect();
    let request = json!({"mode": "escape", "source": format!("package main\n\n{functions}\nfunc main() {{}}\n")});
    let one_that_waited_works = || {
        let waiting = wait_for("a compiler", Duration::from_secs(20), || named(service.pid(), "compile").pop());
        // Its cell may be seen before it is ready.
        std::thread::sleep(Duration::from_millis(100));
        std::thread::scope(|scope| {
            let ran = scope.spawn(|| service.run(&request).that_end("ok"));
            let mut worked = false;
            while !ran.is_finished() {
                worked |= cpu_ticks(waiting).is_some_and(|ticks| ticks > 5);
                std::thread::sleep(Duration::from_millis(1));
            }
            worked
        })
    };
    // On a busy machine that may not do.
    assert!((0..5).any(|_| one_that_waited_works()));
}

/// User time of a process in the kernel's ticks (proc(5), the 14th number), while it lives.
fn cpu_ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(11)?.parse().ok()
}

/// Each prepared cell is an init below one zygote, and a stub below that, or for tools a compiler.
#[test]
fn no_more_cells_are_prepared_than_told_and_each_is_used_once() {
    let service = Service::start_on(Host::mine(), &[("POOL", "3"), ("MAX_RUNS", "4")]);
    let becomes_full = || {
        let begun = Instant::now();
        loop {
            let [zygote] = children(service.pid())[..] else { panic!("not one zygote") };
            let inits = children(zygote);
            let are_ready = inits.iter().all(|init| children(*init).len() == 1);
            if inits.len() == 3 && are_ready {
                break below(service.pid()).into_iter().collect::<BTreeSet<_>>();
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "processes: {:?}", below(service.pid()));
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    let before = becomes_full();
    std::thread::scope(|scope| {
        for (client, mode) in [(1, "run"), (2, "escape"), (3, "asm"), (4, "run"), (5, "escape")] {
            let (service, request) = (&service, json!({"source": HELLO, "mode": mode}));
            scope.spawn(move || service.run_from(Ipv4Addr::new(127, 0, 3, client), &request).that_end("ok"));
        }
    });
    let after = becomes_full();
    assert_eq!(before.intersection(&after).count(), 1, "only the zygote is the same: {before:?}, {after:?}");
}
