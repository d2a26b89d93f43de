//! What the document shows is sent, and what comes back is held against what it says.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::document::Document;
use crate::harness::client::{get, post_with};
use crate::harness::command::HANGS;
use crate::harness::events::Events;
use crate::harness::serve::{JSON, NDJSON, SSE, Service};

/// The body of an answer, whose status must be 200.
#[track_caller]
fn run(service: &Service, body: &Value, accept: &str) -> String {
    let body = body.to_string();
    let headers = [("Accept", accept)];
    let mut answer =
        post_with(Ipv4Addr::LOCALHOST, service.address(), "/api/v1/runs", body.as_bytes(), &headers, HANGS);
    let text = answer.rest();
    assert_eq!((answer.status, answer.header("content-type")), (200, accept), "{body}: {text}");
    text
}

#[test]
fn every_example_runs_and_is_answered_as_described() {
    let service = Service::start();
    let document = Document::of(&service);
    let run_described = &document.0["paths"]["/api/v1/runs"]["post"];
    let request = &run_described["requestBody"]["content"]["application/json"];
    let forms = &run_described["responses"]["200"]["content"];
    let examples = request["examples"].as_object().expect("examples");
    assert!(examples.len() >= 6);
    for (name, example) in examples {
        let body = &example["value"];
        document.check(&request["schema"], body, name);

        let whole: Value = serde_json::from_str(&run(&service, body, JSON)).expect("JSON");
        document.check(&forms[JSON]["schema"], &whole, name);
        assert_eq!(whole["exit"]["status"], "ok", "{name}: {whole:#}");

        let lines = run(&service, body, NDJSON);
        for line in lines.lines() {
            document.check(&forms[NDJSON]["itemSchema"], &serde_json::from_str(line).expect("JSON"), name);
        }
        Events::of_lines(&lines).that_end("ok");

        let mut of_stream = Vec::new();
        for message in run(&service, body, SSE).split("\n\n").filter(|message| !message.trim().is_empty()) {
            let Some(data) = message.strip_prefix("data: ") else {
                assert!(message.starts_with(':'), "{name}: {message:?}");
                continue;
            };
            document.check(&forms[SSE]["itemSchema"], &json!({"data": data}), name);
            let event = serde_json::from_str(data).expect("JSON");
            // The content of a string is no part of what a validator looks at.
            document.check_component("RunEvent", &event, name);
            of_stream.push(event);
        }
        Events::of(of_stream).that_end("ok");
    }
}

#[test]
fn each_way_to_end_is_described() {
    let service = Service::start();
    let document = Document::of(&service);
    let endless = "package main\n\nimport (\n\t\"os\"\n\t\"strings\"\n)\n\n\
        func main() {\n\tfor {\n\t\tos.Stdout.WriteString(strings.Repeat(\"a\", 1<<16))\n\t}\n}\n";
    let waits = "package main\n\nfunc main() { c := make(chan int); <-c }\n";
    for (source, mode, status) in [
        ("package main\n\nfunc main() { x }\n", "run", "build_failed"),
        ("package main\n\nfunc main() { panic(1) }\n", "run", "failed"),
        (waits, "run", "failed"),
        (endless, "run", "output_limit"),
        ("package main\n\nfunc main() { println( 1 ) }\n", "fmt", "failed"),
        ("package main\n\ntype t struct{ a bool; b int64 }\n\nfunc main() { _ = t{} }\n", "layout", "ok"),
    ] {
        let whole = run(&service, &json!({"mode": mode, "source": source}), JSON);
        let whole: Value = serde_json::from_str(&whole).expect("JSON");
        document.check_component("WholeRun", &whole, mode);
        assert!(whole["exit"]["status"] == status || mode == "fmt", "{mode}: {}", whole["exit"]);
    }
}

#[test]
fn what_is_asked_for_is_answered_as_described() {
    let service = Service::start();
    let document = Document::of(&service);
    for operation in document.operations().iter().filter(|operation| operation.method == "get") {
        // What has a parameter needs a test of its own.
        if operation.path.contains('{') {
            continue;
        }
        let mut answer = get(service.address(), operation.path);
        let described = &operation.described["responses"][answer.status.to_string()]["content"];
        let kind = answer.header("content-type").split(';').next().unwrap_or_default().to_owned();
        let form = described.get(&kind).unwrap_or_else(|| panic!("{} is {kind}, not {described}", operation.path));
        let text = answer.rest();
        let value = if kind == JSON { serde_json::from_str(&text).expect("JSON") } else { Value::String(text) };
        document.check(&form["schema"], &value, operation.path);
    }
}

/// The lines on the page are those of the example `escape`, but for times, versions and costs. Where a step ends among what
/// it says is a matter of time as well.
#[test]
fn the_lines_that_the_page_shows_are_what_is_answered() {
    let service = Service::start();
    let document = Document::of(&service);
    let page = get(service.address(), "/api").rest();
    let (_, shown) = page.split_once("aria-label=\"Events as lines\"><code>").expect("lines");
    let shown = shown.split("</code>").next().expect("an end").replace("&#34;", "\"").replace("&#38;", "&");
    let body = &document.0["paths"]["/api/v1/runs"]["post"]["requestBody"]["content"][JSON]["examples"]["escape"];
    let answered = run(&service, &body["value"], NDJSON);
    let compared = |lines: &str| -> Vec<Value> {
        let read = |line| {
            let mut event: Value = serde_json::from_str(line).expect("JSON");
            document.check_component("RunEvent", &event, line);
            for name in ["seq", "t_ms", "wall_ms", "cpu_ms", "max_rss_bytes", "go"] {
                if let Some(value) = event.as_object_mut().and_then(|event| event.get_mut(name)) {
                    *value = Value::Null;
                }
            }
            event
        };
        let events = lines.lines().filter(|line| !line.is_empty()).map(read);
        events.filter(|event| event["type"] != "step").collect()
    };
    assert_eq!(compared(&shown), compared(&answered), "{answered}");
}
