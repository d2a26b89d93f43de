//! Headers of every page, every file, and every answer of the API.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::harness::client::{Answer, ask, get, post_with};
use crate::harness::command::HANGS;
use crate::harness::serve::Service;

/// What is said of how long an answer may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// Asked for again each time, by its tag or not.
    Asked,
    /// Nowhere.
    Not,
    /// For a year.
    Forever,
}

#[track_caller]
fn check(what: &str, answer: &Answer, kept: Kept) {
    let policy = answer.header("content-security-policy");
    let directives: BTreeMap<&str, &str> =
        policy.split(';').map(|said| said.trim().split_once(' ').unwrap_or((said.trim(), ""))).collect();
    assert_eq!(directives.get("default-src"), Some(&"'none'"), "{what}: {policy}");
    assert_eq!(directives.get("base-uri"), Some(&"'none'"), "{what}: {policy}");
    let is_artifact = what.ends_with("/-/artifact");
    let frames = if is_artifact { "'self'" } else { "'none'" };
    assert_eq!(directives.get("frame-ancestors"), Some(&frames), "{what}: {policy}");
    if !is_artifact {
        assert_eq!(directives.get("script-src"), Some(&"'self'"), "{what}: {policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    let shared = answer.header("cross-origin-resource-policy");
    assert!(["same-origin", "cross-origin"].contains(&shared), "{what}: {shared:?}");
    assert!(shared == "same-origin" || answer.status == 200, "{what}: {shared:?}");
    assert!(answer.header("permissions-policy").contains("camera=()"), "{what}");
    // Whoever speaks TLS says this, and that is a proxy.
    assert_eq!(answer.header("strict-transport-security"), "", "{what}");
    for name in ["server", "x-powered-by", "via", "x-aspnet-version", "set-cookie"] {
        assert!(!answer.headers.contains_key(name), "{what} has {name}: {}", answer.header(name));
    }
    let said = answer.header("cache-control");
    let found = match said {
        "no-cache" => Kept::Asked,
        "no-store" => Kept::Not,
        said if said.contains("immutable") => Kept::Forever,
        _ => panic!("{what}: cache-control {said:?}"),
    };
    assert_eq!(found, kept, "{what}: {said}");
    let has_body = ![204, 304].contains(&answer.status) && answer.header("content-length") != "0";
    assert!(!has_body || answer.headers.contains_key("content-type"), "{what} has no type");
}

/// Addresses on the site that a page names, without their parts after `#`.
fn links(page: &str) -> impl Iterator<Item = String> + '_ {
    ["href=\"/", "src=\"/", "action=\"/"].into_iter().flat_map(move |name| {
        let named = page.split(name).skip(1).filter_map(|rest| rest.split(['"', '#']).next());
        named.map(|rest| format!("/{rest}"))
    })
}

#[test]
fn every_page_and_file_that_the_site_leads_to() {
    let service = Service::start();
    let mut left = vec!["/".to_owned()];
    let mut seen: BTreeSet<String> = left.iter().cloned().collect();
    while let Some(path) = left.pop() {
        // The form's address takes no GET.
        if path == "/run" {
            continue;
        }
        let mut answer = get(service.address(), &path);
        assert_eq!(answer.status, 200, "{path}");
        let is_file = path.starts_with("/assets/");
        let kept = if is_file { Kept::Forever } else { Kept::Asked };
        check(&path, &answer, kept);
        if answer.header("content-type").starts_with("text/html") {
            let page = answer.rest();
            let new: Vec<_> = links(&page).filter(|link| seen.insert(link.clone())).collect();
            left.extend(new);
        }
    }
    assert!(seen.len() > 20 && seen.contains("/api") && seen.contains("/api/openapi.json"), "{seen:?}");
}

#[test]
fn what_is_not_there_and_what_is_refused() {
    let service = Service::start();
    let address = service.address();
    for (what, kept) in [
        ("GET /no-such-page", Kept::Asked),
        ("GET /lessons/none", Kept::Asked),
        ("GET /lessons/%ff", Kept::Asked),
        ("GET /assets/none.js", Kept::Asked),
        ("GET /-/artifact", Kept::Asked),
        ("GET /search.json", Kept::Asked),
        ("GET /sw.js", Kept::Asked),
        ("GET /api/v1/limits", Kept::Not),
        ("GET /api/v1/examples", Kept::Not),
        ("GET /api/v1/toolchains", Kept::Not),
        ("GET /api/openapi.json", Kept::Asked),
        ("GET /api/none", Kept::Not),
        ("DELETE /api/v1/runs", Kept::Not),
        ("GET /healthz", Kept::Not),
        ("GET /readyz", Kept::Not),
        ("GET /run", Kept::Not),
        ("DELETE /", Kept::Not),
        ("POST /lessons/escape-analysis", Kept::Not),
        ("GET /api/", Kept::Not),
    ] {
        check(what, &ask(address, what, &[]), kept);
    }
    let foreign = [("Origin", "https://evil.example")];
    check("a foreign page", &ask(address, "GET /api/v1/limits", &foreign), Kept::Not);
    check("a foreign page at a form", &ask(address, "POST /run", &foreign), Kept::Not);
}

#[test]
fn runs_and_forms() {
    let service = Service::start();
    let send = |path: &str, body: &str, headers: &[(&str, &str)]| {
        post_with(Ipv4Addr::LOCALHOST, service.address(), path, body.as_bytes(), headers, HANGS)
    };
    let good = r#"{"mode": "run", "source": "package main\n\nfunc main() { println(1) }\n"}"#;
    for (accept, kept) in
        [("text/event-stream", Kept::Asked), ("application/x-ndjson", Kept::Not), ("application/json", Kept::Not)]
    {
        check(accept, &send("/api/v1/runs", good, &[("Accept", accept)]), kept);
    }
    for bad in ["", "{", r#"{"mode": "none", "source": ""}"#, &"x".repeat(300 * 1024)] {
        check("a bad request", &send("/api/v1/runs", bad, &[]), Kept::Not);
    }
    // The harness says that it sends JSON, which is no form.
    check("a bad form", &send("/run", "{}", &[]), Kept::Asked);
}
