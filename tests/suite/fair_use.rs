//! Fair use over HTTP: whose request it is, how much one client may ask for, and what a full service says of itself.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::client::{Answer, SILENCE, ask, get, post_with, send};
use crate::harness::endless;
use crate::harness::host::Host;
use crate::harness::serve::{JSON, NDJSON, Service};
use crate::harness::{suite, token};

const HELLO: &str = "package main\n\nfunc main() { println(\"hello\") }\n";

const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 4, 1);

/// One run that comes from `from` by TCP, and says of itself what `forwarded` says.
fn run(service: &Service, from: Ipv4Addr, forwarded: &[&str]) -> Answer {
    let body = json!({"source": HELLO, "mode": "run"}).to_string();
    let mut headers = vec![("Accept", JSON)];
    headers.extend(forwarded.iter().map(|list| ("X-Forwarded-For", *list)));
    let mut answer = post_with(from, service.address(), "/api/v1/runs", body.as_bytes(), &headers, SILENCE);
    // The next one begins when this one is over.
    if answer.status == 200 {
        answer.rest();
    }
    answer
}

/// A refusal with the time to wait, as a problem document.
#[track_caller]
fn is_too_many(mut answer: Answer, says: &str) {
    let text = answer.rest();
    assert_eq!((answer.status, answer.header("content-type")), (429, "application/problem+json"), "{text}");
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=3600).contains(&wait), "{wait}");
    let problem: Value = serde_json::from_str(&text).expect("a problem document");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{text}");
}

#[test]
fn runs_of_one_address_have_a_rate() {
    let service = Service::start_on(Host::mine(), &[("RATE_RUNS", "3/hour")]);
    let [reader, other] = [1, 2].map(|last| Ipv4Addr::new(127, 0, 4, last));
    for _ in 0..3 {
        assert_eq!(run(&service, reader, &[]).status, 200);
    }
    is_too_many(run(&service, reader, &[]), "one address may have 3 runs an hour here");
    assert_eq!(run(&service, other, &[]).status, 200, "another one pays for it");
    // What starts nothing is no run, neither before nor after.
    let mut refused = post_with(other, service.address(), "/api/v1/runs", b"{", &[], SILENCE);
    assert_eq!((refused.status, refused.rest().contains("JSON")), (400, true));
    for _ in 0..2 {
        assert_eq!(run(&service, other, &[]).status, 200);
    }
    is_too_many(run(&service, other, &[]), "3 runs an hour");

    let told: Value = serde_json::from_str(&get(service.address(), "/api/v1/limits").rest()).expect("JSON");
    assert_eq!(told["client"], json!({"runs": {"most": 3, "seconds": 3600}, "requests": null}));
}

#[test]
fn readers_without_scripts_get_a_page_that_explains() {
    let service = Service::start_on(Host::mine(), &[("RATE_RUNS", "1/hour")]);
    let form = "example=escape/return-pointer&variant=run&source=package+main%0A%0Afunc+main%28%29+%7B%7D";
    let length = form.len().to_string();
    let kind = "application/x-www-form-urlencoded";
    let headers = [("Accept", "text/html"), ("Content-Type", kind), ("Content-Length", &length)];
    let submit = || send(service.address(), "POST /run", &headers, form.as_bytes());
    let mut first = submit();
    let page = first.rest();
    assert_eq!(first.status, 200, "{page}");
    let mut second = submit();
    let page = second.rest();
    assert_eq!((second.status, second.header("content-type")), (429, "text/html; charset=utf-8"), "{page}");
    assert!(second.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    assert!(page.contains("One address may have 1 run an hour here"), "{page}");
}

#[test]
fn requests_of_one_address_have_a_rate_but_probes_have_none() {
    let service = Service::start_on(Host::mine(), &[("RATE_REQUESTS", "2/hour")]);
    for _ in 0..2 {
        assert_eq!(get(service.address(), "/").status, 200);
    }
    is_too_many(get(service.address(), "/api/v1/limits"), "2 requests an hour");
    is_too_many(get(service.address(), "/no-such-page"), "2 requests an hour");
    let mut page = ask(service.address(), "GET /", &[("Accept", "text/html,*/*;q=0.8")]);
    assert_eq!((page.status, page.header("content-type")), (429, "text/html; charset=utf-8"));
    assert!(page.rest().contains("One address may have 2 requests an hour here"));
    for probe in ["/healthz", "/readyz"] {
        assert_eq!(get(service.address(), probe).status, 200);
    }
}

/// So that an embedded snippet can say why, and try again when it may.
#[test]
fn a_page_of_a_listed_origin_may_read_that_it_asks_too_often() {
    let listed = "https://pages.example";
    let service = Service::start_on(Host::mine(), &[("RATE_REQUESTS", "1/hour"), ("ALLOW_ORIGIN", listed)]);
    assert_eq!(get(service.address(), "/api/v1/limits").status, 200);
    for (origin, allowed) in [(listed, listed), ("https://evil.example", "")] {
        let answer = ask(service.address(), "GET /api/v1/limits", &[("Origin", origin)]);
        assert_eq!(answer.header("access-control-allow-origin"), allowed, "{:?}", answer.headers);
        assert_eq!(answer.header("access-control-expose-headers").is_empty(), allowed.is_empty());
        is_too_many(answer, "1 request an hour");
    }
}

/// A stranger that says to be somebody else is itself, however it says so.
#[test]
fn only_trusted_proxies_are_believed() {
    let limits = [("RATE_RUNS", "2/hour"), ("TRUST_PROXY", "127.0.4.1, 127.0.5.0/24")];
    let service = Service::start_on(Host::mine(), &limits);
    let stranger = Ipv4Addr::new(127, 0, 6, 1);
    for forwarded in ["192.0.2.1", "192.0.2.2, 127.0.5.1"] {
        assert_eq!(run(&service, stranger, &[forwarded]).status, 200);
    }
    is_too_many(run(&service, stranger, &["192.0.2.3"]), "2 runs an hour");
    is_too_many(run(&service, stranger, &["127.0.4.1", "127.0.5.1"]), "2 runs an hour");

    // Its readers are told apart by what it says itself, not by what they say.
    for forwarded in [&["192.0.2.9"][..], &["198.51.100.1, 192.0.2.9"]] {
        assert_eq!(run(&service, PROXY, forwarded).status, 200);
    }
    for lie in [
        &["198.51.100.2, 192.0.2.9"][..],
        &["198.51.100.3", "192.0.2.9:4711"],
        &["198.51.100.4, 192.0.2.9, 127.0.5.7"],
        &["127.0.4.1, ::ffff:192.0.2.9"],
    ] {
        is_too_many(run(&service, PROXY, lie), "2 runs an hour");
    }
    assert_eq!(run(&service, PROXY, &["192.0.2.10"]).status, 200);
}

#[test]
fn without_a_trusted_proxy_nobody_is_believed() {
    let service = Service::start_on(Host::mine(), &[("RATE_RUNS", "1/hour")]);
    assert_eq!(run(&service, Ipv4Addr::LOCALHOST, &["192.0.2.1"]).status, 200);
    is_too_many(run(&service, Ipv4Addr::LOCALHOST, &["192.0.2.2"]), "1 run an hour");
}

#[test]
fn wrong_options_are_explained() {
    for (option, wrong, says) in [
        ("--trust-proxy", "proxy.example", "is neither an address such as"),
        ("--trust-proxy", "10.0.0.0/8,*", "is neither an address such as"),
        ("--rate-runs", "60", "is not a rate such as 60/min"),
        ("--rate-requests", "0/min", "is not a rate such as"),
        ("--grace", "forever", "--grace"),
    ] {
        let mut serve = Host::mine().underhood();
        let output = serve.args(["serve", "--listen", "127.0.0.1:0", option, wrong]).output().expect("started");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{option} {wrong}: {said}");
        assert!(said.contains(says) && said.contains(option), "{said}");
    }
}

/// A service that is full to the last place is at work, not broken.
#[test]
fn a_full_service_is_ready() {
    let limits = [("MAX_RUNS", "1"), ("QUEUE", "2"), ("RUN_SECONDS", "120"), ("BUILD_SECONDS", "120")];
    let service = Service::start_on(Host::mine(), &limits);
    let source = std::fs::read_to_string(suite(endless::PROGRAM)).expect("a program");
    let token = token();
    let request = json!({"source": source, "mode": "run", "args": [token]}).to_string();
    let from = |last| service.post_from(Ipv4Addr::new(127, 0, 7, last), &request, NDJSON);
    let mut running = from(1);
    while !running.line().contains("begun") {}
    let mut waiting = [from(2), from(3)];
    for answer in &mut waiting {
        assert!(answer.line().contains("queued"));
    }
    assert_eq!(from(4).status, 503);
    let mut ready = get(service.address(), "/readyz");
    assert_eq!((ready.status, ready.rest()), (200, "ready\n".to_owned()));
    assert_eq!(from(4).status, 503, "the check has made room");
    drop((running, waiting));
    crate::harness::processes::are_gone(&token, Duration::from_secs(5));
    service.still_answers();
}
