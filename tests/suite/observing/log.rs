//! The log: a line a request and a line a run, found by an id, and nothing of the readers'.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};

use super::metrics::HELLO;
use crate::harness::client::{ask, exchange, get, post_with};
use crate::harness::host::Host;
use crate::harness::serve::{NDJSON, Service};

const WAIT: Duration = Duration::from_secs(30);

/// Log lines of one message.
fn lines(log: &str, message: &str) -> Vec<Value> {
    let objects = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    objects.filter(|line| line["message"] == message).collect()
}

#[test]
fn a_request_and_its_run_are_told_of_with_one_id() {
    let service = Service::start_on(Host::mine(), &[("LOG_FORMAT", "json")]);
    let body = json!({"source": HELLO, "mode": "run"}).to_string();
    let mut answer = post_with(
        Ipv4Addr::LOCALHOST,
        service.address(),
        "/api/v1/runs?secret",
        body.as_bytes(),
        &[("Accept", NDJSON), ("X-Request-Id", "mine")],
        WAIT,
    );
    answer.rest();
    let id = answer.header("x-request-id").to_owned();
    assert!(id.len() == 16 && id != "mine", "a stranger named the request: {id:?}");
    service.logs("run finished");
    service.logs("request finished");
    let log = service.log();

    let [request] = &lines(&log, "request finished")[..] else { panic!("not one request in {log}") };
    for (field, value) in [
        ("level", json!("INFO")),
        ("method", json!("POST")),
        ("route", json!("/api/v1/runs")),
        ("status", json!(200)),
        ("client", json!("127.0.0.0/24")),
        ("complete", json!(true)),
    ] {
        assert_eq!(request[field], value, "{field} in {request}");
    }
    assert!(request["ms"].is_u64(), "{request}");
    let [run] = &lines(&log, "run finished")[..] else { panic!("not one run in {log}") };
    assert_eq!((&run["mode"], &run["outcome"]), (&json!("run"), &json!("ok")), "{run}");
    assert!(run["go"].as_str().is_some_and(|go| go.starts_with("go1.")), "{run}");
    for field in ["queue_ms", "build_ms", "run_ms", "ms", "cpu_ms"] {
        assert!(run[field].is_u64(), "{field} in {run}");
    }
    assert!(run["cached"].is_boolean() && run["build"].is_string(), "{run}");
    for line in [request, run] {
        let spans = line["spans"].as_array().expect("spans");
        assert!(spans.iter().any(|span| span["name"] == "request" && span["id"] == *id), "{id} is not in {line}");
    }
    assert!(!log.contains("secret"), "{log}");
}

/// How each of these is told is the operator's choice.
#[test]
fn clients_are_told_of_as_the_operator_says() {
    for (how, told) in [("full", json!("127.0.0.1/32")), ("none", Value::Null)] {
        let service = Service::start_on(Host::mine(), &[("LOG_FORMAT", "json"), ("LOG_CLIENTS", how)]);
        get(service.address(), "/").rest();
        service.logs("request finished");
        assert_eq!(lines(&service.log(), "request finished")[0]["client"], told, "{how}");
        assert_eq!(service.log().contains("127.0.0.1/"), how == "full");
    }
}

/// All that comes from a reader has a mark on it, and no line has, however much is logged.
#[test]
fn nothing_of_readers_is_in_the_log() {
    let marks = regex::Regex::new(
            "in(acomment|std(out|in)|an?(argument|identifier|panic|address|asset|example)|filename|a(wrongprogram|function|\
             mode|name|value|setting|version|path|useragent|requestid|referer|traceparent|lesson|query|method|half|head|\
             variant|form)|field|address)|acookie",
    )
    .expect("a pattern");
    for (level, format) in [("info", "text"), ("debug", "json"), ("debug", "text")] {
        let service = Service::start_on(Host::mine(), &[("LOG", level), ("LOG_FORMAT", format)]);
        let send = |request: &Value| service.post(request.to_string(), NDJSON).rest();
        let source = "package main\n\nimport (\"fmt\"; \"io\"; \"os\")\n\n// inacomment\nfunc main() {\n\
            \ts, _ := io.ReadAll(os.Stdin)\n\tfmt.Println(\"instdout\", string(s), os.Args)\n\tpanic(\"inapanic\")\n}\n";
        let marked = json!({
            "files": {"main.go": source, "infilename.go": "package main\n\nvar inanidentifier = 1\n"},
            "mode": "run", "args": ["inanargument"], "stdin": "instdin",
        });
        let told = send(&marked);
        for mark in ["instdout", "instdin", "inanargument", "inapanic"] {
            assert!(told.contains(mark), "{mark} was not even sent: {told}");
        }
        for request in [
            json!({"source": "package main\n\nfunc main() { inawrongprogram() }\n", "mode": "run"}),
            json!({"source": "package main\n\nfunc inafunction() {}\nfunc main() {}\n", "mode": "asm", "options": {"func": "inafunction"}}),
            json!({"source": HELLO, "mode": "inamode"}),
            json!({"source": HELLO, "mode": "run", "env": {"INANAME": "inavalue"}}),
            json!({"source": HELLO, "mode": "run", "env": {"GODEBUG": "inasetting=1"}}),
            json!({"source": HELLO, "mode": "run", "go": "inaversion"}),
            json!({"source": HELLO, "mode": "run", "infield": 1}),
            json!({"files": {"../inapath.go": HELLO}, "mode": "run"}),
        ] {
            send(&request);
        }
        let headers = [
            ("User-Agent", "inauseragent"),
            ("X-Request-Id", "inarequestid"),
            ("Referer", "http://127.0.0.1/inareferer"),
            ("Cookie", "in=acookie"),
            ("traceparent", "inatraceparent"),
        ];
        for path in ["/inaddress", "/lessons/inalesson", "/?q=inaquery", "/api/v1/inanaddress", "/assets/inanasset"] {
            ask(service.address(), &format!("GET {path}"), &headers).rest();
        }
        ask(service.address(), "INAMETHOD /", &headers).rest();
        exchange(service.address(), b"GET /inahalf HTTP/1.1\r\nInahead");
        let form = b"example=inanexample&variant=inavariant&source=inaform";
        post_with(Ipv4Addr::LOCALHOST, service.address(), "/run?inaquery", form, &[], WAIT).rest();
        // The last of all.
        get(service.address(), "/search.json").rest();
        service.logs("/search.json");
        let log = service.log().to_ascii_lowercase();
        let found: Vec<_> = marks.find_iter(&log).map(|found| found.as_str()).collect();
        assert!(found.is_empty(), "{level}, {format}: {found:?} in\n{log}");
        assert!(log.matches("run finished").count() >= 3 && log.matches("request finished").count() >= 12, "{log}");
    }
}

/// Nobody can write lines of their own into it.
#[test]
fn a_line_is_a_line() {
    let service = Service::start_on(Host::mine(), &[("LOG_FORMAT", "json")]);
    for path in ["/%0Aforged", "/lessons/%0d%0aforged", "/assets/%1b[2Jforged"] {
        get(service.address(), path).rest();
    }
    get(service.address(), "/search.json").rest();
    service.logs("/search.json");
    let mut routes = BTreeMap::<String, usize>::new();
    for line in service.log().lines().filter(|line| line.starts_with('{')) {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        *routes.entry(line["route"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    assert!(routes.contains_key("none") && routes.contains_key("/assets/{*path}"), "{routes:?}");
    assert!(!service.log().contains("forged"));
}
