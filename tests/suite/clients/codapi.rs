//! What codapi's widget sends.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::harness::client::{Answer, ask, post_with};
use crate::harness::command::HANGS;
use crate::harness::host::Host;
use crate::harness::serve::Service;

const PAGES: &str = "https://pages.example";
const HELLO: &str = "package main\n\nfunc main() { println(6 * 7) }\n";

fn exec(service: &Service, body: &str, headers: &[(&str, &str)]) -> (Answer, Value) {
    let headers = [&[("Accept", "application/json")], headers].concat();
    let mut answer = post_with(Ipv4Addr::LOCALHOST, service.address(), "/v1/exec", body.as_bytes(), &headers, HANGS);
    let text = answer.rest();
    let execution = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    (answer, execution)
}

#[track_caller]
fn executed(service: &Service, command: &str, code: &str) -> Value {
    let body = json!({"sandbox": "go", "version": "", "command": command, "files": {"": code}});
    let (answer, execution) = exec(service, &body.to_string(), &[]);
    assert_eq!(answer.status, 200, "{execution}");
    execution
}

#[test]
fn commands_are_modes() {
    let service = Service::start_on(Host::mine(), &[("BUILD_SECONDS", "60")]);
    let run = executed(&service, "run", HELLO);
    assert_eq!((&run["ok"], &run["stdout"], &run["stderr"]), (&json!(true), &json!(""), &json!("42\n")), "{run}");
    assert!(run["id"].as_str().is_some_and(|id| id.starts_with("go_run_")) && run["duration"].is_u64(), "{run}");

    let escapes = "package main\n\nvar kept *int\n\nfunc main() {\n\tx := 1\n\tkept = &x\n}\n";
    let why = executed(&service, "escape?level=2", escapes);
    let text = why["stderr"].as_str().expect("text");
    assert!(why["ok"] == true && text.contains("moved to heap: x") && text.contains("flow:"), "{why}");
    let asm = executed(&service, "asm?func=main", HELLO);
    assert!(asm["stdout"].as_str().expect("text").contains("main.main STEXT"), "{asm}");

    // What the collector says stands among what the program says, where the widget looks. The program must not end amid it.
    let collects = "package main\n\nimport (\n\t\"fmt\"\n\t\"runtime\"\n\t\"time\"\n)\n\n\
        func main() {\n\tfmt.Println(\"before\")\n\truntime.GC()\n\ttime.Sleep(200 * time.Millisecond)\n\tfmt.Println(\"after\")\n}\n";
    let traced = executed(&service, "run?GODEBUG=gctrace=1", collects);
    let text = traced["stdout"].as_str().expect("text");
    assert!(["before", "(forced)", "after"].iter().all(|word| text.contains(word)), "{traced}");

    let failed = executed(&service, "run", "package main\n\nfunc main() { x }\n");
    let text = failed["stderr"].as_str().expect("text");
    assert!(failed["ok"] == false && text.contains("./main.go:3:15: undefined: x"), "{failed}");
    let tests = "package main\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n";
    assert!(executed(&service, "test", tests)["stdout"].as_str().expect("text").contains("--- PASS: TestX"));
}

#[test]
fn refusals_have_the_shape_of_executions() {
    let service = Service::start();
    let of = |sandbox: &str, command: &str, files: Value| {
        json!({"sandbox": sandbox, "command": command, "files": files}).to_string()
    };
    let code = json!({"": HELLO});
    for (body, status, says) in [
        (of("python", "run", code.clone()), 404, "python"),
        (of("go", "rm", code.clone()), 404, "escape, asm"),
        (of("go", "ssa", code.clone()), 404, "ssa"),
        (of("go", "escape?level=9", code.clone()), 422, "level"),
        (of("go", "run?PATH=/", code.clone()), 422, "PATH"),
        (of("go", "run", json!({"": HELLO, "../x": ""})), 422, "file name"),
        (of("go", "run", json!({})), 422, "no file"),
        (json!({"sandbox": "go", "version": "0.1", "command": "run", "files": code}).to_string(), 422, "0.1"),
        (String::new(), 400, "send JSON"),
        ("[".repeat(100_000), 400, "send JSON"),
        (of("go", "run", json!({"": "x".repeat(257 << 10)})), 413, "larger"),
    ] {
        let (answer, execution) = exec(&service, &body, &[]);
        assert_eq!((answer.status, &execution["ok"]), (status, &json!(false)), "{execution}");
        assert!(execution["stderr"].as_str().expect("words").contains(says), "{says:?} is not in {execution}");
    }
    service.still_answers();
}

#[test]
fn the_widget_of_a_listed_site_is_heard_and_of_others_not() {
    let service = Service::start_on(Host::mine(), &[("ALLOW_ORIGIN", PAGES)]);
    let body = json!({"sandbox": "go", "command": "run", "files": {"": HELLO}}).to_string();
    let origin = |origin| [("Origin", origin), ("Sec-Fetch-Site", "cross-site")];
    let (answer, execution) = exec(&service, &body, &origin(PAGES));
    assert_eq!((answer.header("access-control-allow-origin"), &execution["ok"]), (PAGES, &json!(true)));
    for path in ["/v1/exec", "/v1/health"] {
        let asks = [
            ("Origin", PAGES),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "content-type"),
        ];
        let preflight = ask(service.address(), &format!("OPTIONS {path}"), &asks);
        assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (200, PAGES));
        assert!(preflight.header("access-control-allow-headers").contains("content-type"));
    }
    let health = ask(service.address(), "HEAD /v1/health", &[("Origin", PAGES)]);
    assert_eq!((health.status, health.header("access-control-allow-origin")), (200, PAGES));
    let evil = origin("https://evil.example");
    let mut refused = post_with(Ipv4Addr::LOCALHOST, service.address(), "/v1/exec", body.as_bytes(), &evil, HANGS);
    let text = refused.rest();
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, ""), "{text}");
}
