//! Pages of other sites, in the browser of a reader of ours.

use std::net::Ipv4Addr;
use std::process::Command;

use crate::harness::client::{Answer, ask, post_with};
use crate::harness::command::HANGS;
use crate::harness::host::Host;
use crate::harness::serve::{NDJSON, Service};
use crate::harness::{command, go};

const PAGES: &str = "https://pages.example";
const RUN: &str = r#"{"mode": "run", "source": "package main\n\nfunc main() { println(6 * 7) }\n"}"#;

/// A service that allows one origin.
fn service() -> Service {
    Service::start_on(Host::mine(), &[("ALLOW_ORIGIN", PAGES)])
}

fn run(service: &Service, headers: &[(&str, &str)]) -> Answer {
    let headers = [&[("Accept", NDJSON)], headers].concat();
    post_with(Ipv4Addr::LOCALHOST, service.address(), "/api/v1/runs", RUN.as_bytes(), &headers, HANGS)
}

/// Whether an answer has any header of CORS.
fn speaks_cors(answer: &Answer) -> bool {
    answer.headers.keys().any(|name| name.starts_with("access-control"))
}

fn preflight(service: &Service, origin: &str, path: &str) -> Answer {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type"),
    ];
    ask(service.address(), &format!("OPTIONS {path}"), &headers)
}

#[test]
fn a_page_of_another_site_runs_nothing_and_learns_nothing() {
    let own = Service::start();
    let listing = service();
    for service in [&own, &listing] {
        let host = format!("http://{}", service.address());
        for headers in [
            &[("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")][..],
            &[("Origin", "https://evil.example")],
            &[("Origin", "null")],
            &[("Origin", "http://pages.example")],
            &[("Origin", "https://pages.example.evil.example")],
            &[("Origin", PAGES), ("Origin", "https://evil.example")],
            &[("Origin", &host), ("Sec-Fetch-Site", "same-site")],
            &[("Sec-Fetch-Site", "cross-site")],
        ] {
            let mut answer = run(service, headers);
            let body = answer.rest();
            assert_eq!(answer.status, 403, "{headers:?}: {body}");
            assert!(!body.contains("42"), "{headers:?}: {body}");
            assert!(!speaks_cors(&answer), "{headers:?}: {:?}", answer.headers);
        }
        for path in ["/api/v1/runs", "/api/v1/limits", "/run"] {
            let answer = preflight(service, "https://evil.example", path);
            assert!(answer.status == 403 && !speaks_cors(&answer), "{path}: {:?}", answer.headers);
        }
        let read = ask(service.address(), "GET /api/v1/limits", &[("Origin", "https://evil.example")]);
        assert!(!speaks_cors(&read), "{:?}", read.headers);
    }
    // What no page sends is answered as ever, and so is our own page.
    assert_eq!(run(&own, &[]).status, 200);
    let host = format!("http://{}", own.address());
    let mut answer = run(&own, &[("Origin", &host)]);
    assert!(answer.rest().contains("42"));
    assert_eq!(answer.status, 200);
    // Nobody is listed there.
    assert_eq!(run(&own, &[("Origin", PAGES)]).status, 403);
}

#[test]
fn a_listed_origin_may_run_and_never_with_credentials() {
    let service = service();
    let asked = preflight(&service, PAGES, "/api/v1/runs");
    assert_eq!(asked.status, 200);
    for (name, value) in
        [("origin", PAGES), ("methods", "GET,POST"), ("headers", "accept,cache-control,content-type")]
    {
        assert_eq!(asked.header(&format!("access-control-allow-{name}")), value);
    }
    assert!(asked.header("vary").contains("origin"), "{:?}", asked.headers);
    assert_eq!(asked.header("access-control-allow-credentials"), "");
    let mut answer = run(&service, &[("Origin", PAGES), ("Sec-Fetch-Site", "cross-site"), ("Cookie", "a=b")]);
    assert!(answer.rest().contains("42"));
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, PAGES));
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    // The API alone: neither pages nor the form that they have for browsers without scripts.
    for (what, status) in [("GET /", 200), ("GET /lessons/escape-analysis", 200), ("POST /run", 403)] {
        let answer = ask(service.address(), what, &[("Origin", PAGES)]);
        assert!(answer.status == status && !speaks_cors(&answer), "{what}: {:?}", answer.headers);
    }
}

/// What snippets on pages of other sites are made of is for all; nothing that could tell of a reader or of the service is.
#[test]
fn scripts_are_for_all_origins_and_nothing_else_is() {
    let own = Service::start();
    let evil = [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")];
    for path in ["/embed.js", "/assets/embedded.js", "/assets/site.css"] {
        let answer = ask(own.address(), &format!("GET {path}"), &evil);
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}: {:?}", answer.headers);
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin", "{path}");
    }
    for path in [
        "/",
        "/map",
        "/lessons/escape-analysis",
        "/search.json",
        "/sw.js/",
        "/embed.js/",
        "/healthz",
        "/readyz",
        "/-/artifact",
        "/api/v1/limits",
        "/api/v1/examples",
        "/no-such-page",
    ] {
        let answer = ask(own.address(), &format!("GET {path}"), &evil);
        assert!(!speaks_cors(&answer), "{path}: {:?}", answer.headers);
    }
}

#[test]
fn what_is_no_origin_is_refused_at_the_start() {
    go::root();
    for wrong in ["*", "null", "https://pages.example/path", "pages.example"] {
        let mut serve: Command = Host::mine().underhood();
        serve.args(["serve", "--listen", "127.0.0.1:0", "--allow-origin", wrong]);
        command::finish(serve, b"").with_code(2).and_says("is not an origin");
    }
}
