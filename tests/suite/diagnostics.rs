//! What is said of the reader's files, as events after the tools' own text.

use serde_json::{Value, json};

use crate::harness::command::run_text;
use crate::harness::events::Events;
use crate::harness::host::Host;
use crate::harness::serve::Service;

const ESCAPES: &str = "\
package main

type user struct{ n int }

func grow(n int) *user {
	u := user{n}
	return &u
}

func first(all []int) int { return all[0] }

func main() {
	println(grow(3).n, first([]int{1}))
}
";

const WRONG: &str = "\
package main

func f() {}
func f() {}

func main() {
	var s string = 1
	println(s)
}
";

/// All that is said of files, less the event's number and time.
fn of_files(events: &Events) -> Vec<Value> {
    let told = events.0.iter().filter(|event| event["type"] == "diagnostic" && event["file"].is_string());
    let without_time = |event: &Value| {
        let mut event = event.clone();
        let fields = event.as_object_mut().expect("an object");
        fields.retain(|name, _| !["seq", "t_ms", "type"].contains(&name.as_str()));
        event
    };
    told.map(without_time).collect()
}

#[test]
fn decisions_with_their_codes() {
    let events = run_text(ESCAPES).mode("escape").tells();
    let told = of_files(&events);
    let one = |line: u32, column: u32, severity: &str, code: &str, message: &str| json!({"file": "main.go", "line": line, "column": column, "severity": severity, "code": code, "message": message});
    for expected in [
        one(5, 6, "hint", "inline", "can inline grow"),
        one(6, 2, "information", "heap", "moved to heap: u"),
        one(10, 12, "hint", "stack", "all does not escape"),
        one(13, 14, "hint", "inlined-call", "inlining call to grow"),
        one(13, 32, "hint", "stack", "[]int{...} does not escape"),
    ] {
        assert!(told.contains(&expected), "{expected} is not in {told:#?}");
    }
    // Each is in the text, which comes first and is the whole of it.
    let text = events.stderr();
    for diagnostic in &told {
        let place = format!("./main.go:{}:{}: ", diagnostic["line"], diagnostic["column"]);
        let line = place + diagnostic["message"].as_str().expect("a message");
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }
    let at = |kind| events.0.iter().position(|event| event["type"] == kind).expect("there is one");
    assert!(at("stderr") < at("diagnostic"));
    assert_eq!(told.len(), text.lines().filter(|line| line.starts_with("./main.go:")).count());
}

#[test]
fn the_flow_that_explains_it() {
    let events = run_text(ESCAPES).mode("escape").opt("level=2").tells();
    let told = of_files(&events);
    let moved = told.iter().find(|one| one["message"] == "moved to heap: u").expect("it is moved");
    let related = |line: u32, column: u32, message: &str| json!({"file": "main.go", "line": line, "column": column, "message": message});
    let flow = [
        related(7, 9, "flow: ~r0 ← &u"),
        related(7, 9, "from &u (address-of)"),
        related(7, 2, "from return &u (return)"),
    ];
    assert_eq!(moved["related"], json!(flow));
}

#[test]
fn errors_in_every_mode_and_again_from_what_was_kept() {
    let service = Service::start_on(Host::mine(), &[("CACHE_MEMORY", "64MiB")]);
    for mode in ["run", "escape", "asm"] {
        let ask = || service.run(&json!({"mode": mode, "source": WRONG}));
        let (new, again) = (ask(), ask());
        assert_eq!((new.status(), new.is_cached(), again.is_cached()), ("build_failed", false, true), "{mode}");
        let told = of_files(&new);
        let first = json!({
            "file": "main.go", "line": 4, "column": 6, "severity": "error", "code": "compile-error",
            "message": "f redeclared in this block",
            "related": [{"file": "main.go", "line": 3, "column": 6, "message": "other declaration of f"}],
        });
        assert_eq!(told.first(), Some(&first), "{mode}");
        assert_eq!(told.get(1).map(|one| &one["line"]), Some(&json!(7)), "{mode}");
        assert_eq!(of_files(&again), told, "{mode}");
    }
}

#[test]
fn a_listing_and_a_program_say_nothing_of_files() {
    for mode in ["run", "asm"] {
        assert_eq!(of_files(&run_text(ESCAPES).mode(mode).tells()), [0; 0], "{mode}");
    }
    // A program may print what looks like a message of the compiler's.
    let imitates =
        "package main\n\nimport \"os\"\n\nfunc main() {\n\tprintln(\"./main.go:1:1: x\")\n\tos.Exit(1)\n}\n";
    let events = run_text(imitates).tells();
    assert_eq!((events.status(), of_files(&events).len()), ("failed", 0));
}

#[test]
fn the_terminal_sees_the_text_alone() {
    let ended = run_text(WRONG).mode("escape").ends();
    assert!(!ended.stderr.contains("underhood:"), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("redeclared").count(), 1, "{}", ended.stderr);
}
