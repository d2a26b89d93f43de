//! Whatever is refused under /api/ is refused by a problem document that says what is wrong.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::Value;

use super::document::Document;
use crate::harness::client::{Answer, ask, exchange, post_with};
use crate::harness::serve::Service;

/// How long a refusal may take on a busy machine.
const SOON: Duration = Duration::from_secs(30);

#[track_caller]
fn is_problem(document: &Document, mut answer: Answer, status: u16, says: &str) {
    let text = answer.rest();
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{text}");
    let problem: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    document.check_component("Problem", &problem, says);
    assert_eq!(problem["status"], status);
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains(says), "{says:?} is not in {detail:?}");
    assert!(detail.len() < 1024, "{} bytes of detail", detail.len());
}

#[test]
fn addresses_and_methods_that_are_not_there() {
    let service = Service::start();
    let document = Document::of(&service);
    for what in
        ["GET /api/v2", "GET /api/v1/", "POST /api/nothing", "DELETE /api/v1/runs/1", "GET /api/%ff", "PUT /api/x"]
    {
        is_problem(&document, ask(service.address(), what, &[]), 404, "no such address");
    }
    for (what, allow) in [
        ("GET /api/v1/runs", "POST"),
        ("DELETE /api/v1/runs", "POST"),
        ("TRACE /api/v1/runs", "POST"),
        ("POST /api/v1/limits", "GET,HEAD"),
        ("PUT /api/openapi.json", "GET,HEAD"),
        ("OPTIONS /api/v1/examples", "GET,HEAD"),
        ("POST /healthz", "GET,HEAD"),
    ] {
        let answer = ask(service.address(), what, &[]);
        assert_eq!(answer.header("allow"), allow, "{what}");
        is_problem(&document, answer, 405, "Allow");
    }
    let answer = ask(service.address(), "GET /api/v1/limits", &[("Origin", "https://evil.example")]);
    is_problem(&document, answer, 403, "--allow-origin");
}

#[test]
fn bodies_that_are_none() {
    let service = Service::start();
    let document = Document::of(&service);
    let send = |body: &[u8]| post_with(Ipv4Addr::LOCALHOST, service.address(), "/api/v1/runs", body, &[], SOON);
    let deep = |open: &str, times: usize| {
        format!("{{\"mode\":\"run\",\"source\":\"\",\"options\":{{\"a\":{}", open.repeat(times))
    };
    let with_options =
        |options: &str| format!("{{\"mode\":\"escape\",\"source\":\"package main\",\"options\":{options}}}");
    for (body, says) in [
        (String::new(), "line 1 column 0"),
        ("{\"mode\": \"run\"\n \"source\"".to_owned(), "line 2 column"),
        ("{\"mode\": 7}".to_owned(), "invalid type: integer `7`"),
        (deep("[", 100_000), "recursion limit"),
        (deep("{\"a\":", 30_000), "recursion limit"),
        ("\u{feff}{}".to_owned(), "line 1 column 1"),
        ("{\"mode\":\"run\",\"source\":\"\\ud800\"}".to_owned(), "column"),
        ("{\"mode\":\"run\",\"source\":\"\",\"stdin\":1e999}".to_owned(), "out of range"),
    ] {
        is_problem(&document, send(body.as_bytes()), 400, says);
    }
    for body in [&b"\xff\xfe{}"[..], b"{\"mode\":\"run\",\"source\":\"\xc3\x28\"}", b"\0"] {
        is_problem(&document, send(body), 400, "column");
    }
    for (options, says) in [
        ("{\"level\":1e308}", "level is 1 or 2"),
        ("{\"level\":18446744073709551616}", "level is 1 or 2"),
        ("{\"level\":-0}", "level is 1 or 2"),
        ("{\"level\":{\"a\":[[[[]]]]}}", "level is 1 or 2"),
        ("{\"\\u202e\\u0000\":1}", "unknown field"),
    ] {
        is_problem(&document, send(with_options(options).as_bytes()), 422, says);
    }
    for name in ["\\u0000", "\\u202egpj.go", "\\ud83d\\ude00.go", "a/\\u2028.go"] {
        let body = format!("{{\"mode\":\"run\",\"files\":{{\"{name}\":\"package main\"}}}}");
        is_problem(&document, send(body.as_bytes()), 422, "file name");
    }
    is_problem(&document, send(&vec![b' '; 300 * 1024]), 413, "262144 bytes");
    // A length that is a lie, and a body that never was.
    let cut =
        exchange(service.address(), b"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{\"mode\"");
    assert!(!cut.contains(" 200 ") && !cut.contains(" 500 "), "{cut}");
    service.still_answers();
}

/// Messages repeat what was sent, but never all of it.
#[test]
fn a_refusal_is_short_whatever_was_sent() {
    let service = Service::start();
    let long = "x".repeat(100_000);
    for body in [
        format!("{{\"mode\":\"{long}\",\"source\":\"\"}}"),
        format!("{{\"mode\":\"run\",\"source\":\"\",\"options\":{{\"{long}\":1}}}}"),
        format!("{{\"mode\":\"run\",\"source\":\"\",\"{long}\":1}}"),
        format!("{{\"mode\":\"run\",\"source\":\"\",\"env\":{{\"{long}\":\"\"}}}}"),
        format!("{{\"mode\":\"run\",\"source\":\"\",\"go\":\"{long}\"}}"),
        format!("{{\"mode\":\"run\",\"files\":{{\"{long}\":\"\"}}}}"),
    ] {
        let mut answer =
            post_with(Ipv4Addr::LOCALHOST, service.address(), "/api/v1/runs", body.as_bytes(), &[], SOON);
        let text = answer.rest();
        assert!(text.len() < 8 * 1024, "{} bytes for {}…", text.len(), &body[..40]);
        assert!((400..500).contains(&answer.status), "{}", answer.status);
    }
}
