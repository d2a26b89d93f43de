//! Nothing is done twice, and a program's run is never replayed.

mod disk;
mod underway;

use serde_json::{Value, json};

use crate::harness::events::Events;
use crate::harness::host::Host;
use crate::harness::serve::Service;

/// Tells its settings and, so that no two runs print the same, the time.
const SETTINGS: &str = r#"package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

func main() {
	fmt.Println("GODEBUG", os.Getenv("GODEBUG"))
	fmt.Println("GOGC", debug.SetGCPercent(100))
	fmt.Println("GOMEMLIMIT", debug.SetMemoryLimit(-1))
	fmt.Println("args", os.Args[1:])
	fmt.Println("nanoseconds", time.Now().UnixNano())
	os.Exit(len(os.Args) - 1)
}
"#;

/// Has something to say about escape and in its listing.
const POINTER: &str =
    "package main\n\nfunc pointer() *int { n := 1; return &n }\n\nfunc main() { println(*pointer()) }\n";

const TYPE_ERROR: &str = "package main\n\nfunc main() { var n int = \"one\"; println(n) }\n";

/// Which the compiler takes and the linker does not: the go command is asked after it.
const LINK_ERROR: &str = "package main\n\nfunc missing()\n\nfunc main() { missing() }\n";

fn in_memory() -> Service {
    Service::start_on(Host::mine(), &[("CACHE_MEMORY", "64MiB")])
}

fn request(mode: &str, source: &str) -> Value {
    json!({"mode": mode, "source": source})
}

fn with(mut request: Value, key: &str, value: Value) -> Value {
    request[key] = value;
    request
}

#[track_caller]
fn is_new(events: &Events) {
    assert!(!events.is_cached() && events.first("step").is_some(), "kept: {events:?}");
}

#[track_caller]
fn is_retold(events: &Events, first: &Events) {
    assert!(events.is_cached(), "not kept: {events:?}");
    assert!(events.first("step").is_none(), "a step in what was kept: {events:?}");
    assert_eq!(events.answer(), first.answer());
}

#[test]
fn other_settings_start_the_program_without_building_it() {
    let service = in_memory();
    let request = request("run", SETTINGS);
    let first = service.run(&request).that_end("ok");
    assert_eq!(first.steps(), ["compile", "link", "exec"]);
    assert!(!first.is_cached());
    let mut times = vec![time_of(&first)];
    let cases = [
        (json!({"env": {}}), "GOGC 100\n", 0),
        (json!({"env": {"GODEBUG": "madvdontneed=1"}}), "GODEBUG madvdontneed=1\n", 0),
        (json!({"env": {"GOGC": "50"}}), "GOGC 50\n", 0),
        (json!({"env": {"GOGC": "off"}}), "GOGC -1\n", 0),
        (json!({"env": {"GOMEMLIMIT": "100MiB"}}), "GOMEMLIMIT 104857600\n", 0),
        (
            json!({"env": {"GODEBUG": "gctrace=0", "GOGC": "70", "GOMEMLIMIT": "1MiB"}}),
            "GOGC 70\nGOMEMLIMIT 1048576\n",
            0,
        ),
        (json!({"args": ["one", "two"]}), "args [one two]\n", 2),
        (json!({"stdin": "text"}), "GOGC 100\n", 0),
    ];
    for (settings, says, code) in cases {
        let mut request = request.clone();
        request.as_object_mut().expect("an object").extend(settings.as_object().expect("an object").clone());
        for _ in 0..2 {
            let again = service.run(&request).that_end(if code == 0 { "ok" } else { "failed" });
            assert_eq!(again.steps(), ["exec"], "{settings}");
            assert!(!again.is_cached(), "a run is never one that was kept: {settings}");
            assert!(again.stdout().contains(says), "{says:?} is not in {:?}", again.stdout());
            assert_eq!(again.exit()["code"], code);
            times.push(time_of(&again));
        }
    }
    assert!(times.is_sorted_by(|before, after| before < after), "a run was replayed: {times:?}");
}

fn time_of(events: &Events) -> u64 {
    let text = events.stdout();
    let (_, time) = text.trim_end().rsplit_once("nanoseconds ").expect("a time");
    time.parse().expect("a number")
}

/// All that tells no program's run: answers of the tools, good and bad, and a program that does not build.
#[test]
fn what_the_tools_say_is_retold() {
    let service = in_memory();
    let cases = [
        ("escape", POINTER, "ok", "moved to heap: n"),
        ("asm", POINTER, "ok", "main.pointer STEXT"),
        ("escape", TYPE_ERROR, "build_failed", "cannot use \"one\""),
        ("asm", TYPE_ERROR, "build_failed", "cannot use \"one\""),
        ("run", TYPE_ERROR, "build_failed", "cannot use \"one\""),
        ("run", LINK_ERROR, "build_failed", "missing"),
        // Never by the direct path.
        ("escape", "package main\n\nimport \"C\"\n\nfunc main() {}\n", "build_failed", ""),
    ];
    for (mode, source, status, says) in cases {
        let request = request(mode, source);
        let first = service.run(&request).that_end(status);
        is_new(&first);
        let said = first.stdout() + &first.stderr();
        assert!(said.contains(says), "{says:?} is not in {said}");
        is_retold(&service.run(&request), &first);
        is_retold(&service.run(&request), &first);
    }
}

#[test]
fn another_request_is_another_build() {
    // No library is compiled ahead for the sake of this test.
    let service = Service::start_on(Host::mine(), &[("CACHE_MEMORY", "64MiB"), ("TARGETS", "0")]);
    let (escape, asm) = (request("escape", POINTER), request("asm", POINTER));
    let named = |name: &str| with(json!({"mode": "escape"}), "files", json!({name: POINTER}));
    let options = |request: &Value, options: Value| with(request.clone(), "options", options);
    let all = [
        escape.clone(),
        asm.clone(),
        options(&escape, json!({"level": 2})),
        options(&escape, json!({"inline": "off"})),
        options(&escape, json!({"level": 2, "inline": "off"})),
        options(&asm, json!({"optimise": "off"})),
        options(&asm, json!({"func": "main.pointer"})),
        options(&asm, json!({"func": "main.main"})),
        options(&asm, json!({"arch": "arm64"})),
        request("escape", &(POINTER.to_owned() + "\n")),
        request("escape", &POINTER.replace("n := 1", "n := 2")),
        named("other.go"),
        with(escape.clone(), "files", json!({"main.go": POINTER, "other.go": "package main\n"})),
    ]
    .map(|mut request| {
        if request.get("files").is_some() {
            request.as_object_mut().expect("an object").remove("source");
        }
        request
    });
    let first: Vec<_> = all.iter().map(|request| service.run(request).that_end("ok")).collect();
    first.iter().for_each(is_new);
    for (request, first) in all.iter().zip(&first) {
        is_retold(&service.run(request), first);
    }
    // What is only said in other words is the same.
    is_retold(&service.run(&options(&escape, json!({"level": 1}))), &first[0]);
    is_retold(&service.run(&named("main.go")), &first[0]);
}

#[test]
fn the_client_may_ask_for_a_new_one() {
    let service = in_memory();
    for (mode, source) in [("escape", POINTER), ("asm", TYPE_ERROR), ("run", SETTINGS)] {
        let request = request(mode, source);
        let first = service.run(&request);
        for header in [
            &[("Cache-Control", "no-cache")][..],
            &[("cache-control", "No-Store")],
            &[("Cache-Control", "max-age=0, no-cache")],
            &[("Cache-Control", "private"), ("Cache-Control", "no-store")],
        ] {
            let again = service.run_with(&request, header);
            is_new(&again);
            assert_eq!(again.steps(), first.steps(), "{header:?}");
        }
        let again = service.run_with(&request, &[("Cache-Control", "private")]);
        if mode == "run" { assert_eq!(again.steps(), ["exec"]) } else { is_retold(&again, &first) }
    }
}

/// Anything that hangs on the machine's mood may come out in another way the next time.
#[test]
fn what_was_cut_short_is_not_kept() {
    let limits = [("CACHE_MEMORY", "64MiB"), ("OUTPUT", "2KiB"), ("RUN_SECONDS", "1")];
    let service = Service::start_on(Host::mine(), &limits);
    let long: String = (0..100).map(|n| format!("func f{n}() *int {{ n := {n}; return &n }}\n")).collect();
    let request = request("escape", &format!("package main\n\n{long}\nfunc main() {{}}\n"));
    for _ in 0..2 {
        // No step may be told: what is over the limit may come before the word that the compiler began.
        let events = service.run(&request).that_end("output_limit");
        assert!(!events.is_cached(), "kept: {events:?}");
    }
}
