//! Shares: kept once, under limits, deletable, and nothing but text on our pages.

mod bucket;

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::client::{Answer, ask, get, post_form, post_with};
use crate::harness::command::HANGS;
use crate::harness::host::Host;
use crate::harness::serve::Service;
use crate::harness::underhood;

const HELLO: &str = "package main\n\nfunc main() { println(6 * 7) }\n";

/// A service that keeps shares in this folder, with more settings.
fn service_in(folder: &Path, settings: &[(&str, &str)]) -> Service {
    let folder = folder.to_str().expect("UTF-8");
    Service::start_on(Host::mine(), &[&[("SHARES", folder)], settings].concat())
}

fn post(service: &Service, from: Ipv4Addr, body: &[u8], headers: &[(&str, &str)]) -> Answer {
    post_with(from, service.address(), "/api/v1/shares", body, headers, HANGS)
}

fn share(service: &Service, request: &Value) -> Answer {
    post(service, Ipv4Addr::LOCALHOST, request.to_string().as_bytes(), &[])
}

/// Shares it and returns its id.
#[track_caller]
fn shared(service: &Service, request: &Value) -> String {
    let mut answer = share(service, request);
    let body = answer.rest();
    assert!([200, 201].contains(&answer.status), "{}: {body}", answer.status);
    let link: Value = serde_json::from_str(&body).expect("JSON");
    link["id"].as_str().expect("an id").to_owned()
}

/// `underhood shares` on this folder.
fn shares(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(underhood()).arg("shares").args(args).env("UNDERHOOD_SHARES", folder).output();
    let output = output.expect("underhood starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A refusal with this status, as a problem document that says so.
#[track_caller]
fn refused(mut answer: Answer, status: u16, says: &str) {
    let text = answer.rest();
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{text}");
    assert!(text.contains(says), "{says:?} is not in {text}");
}

#[test]
fn sharing_twice_gives_one_link_that_outlives_the_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_in(folder.path(), &[]);
    let request = json!({
        "files": {"main.go": HELLO, "go.mod": "module m\n"}, "mode": "run", "options": {"race": "off"},
        "env": {"GOGC": "50", "GODEBUG": "gctrace=0"}, "args": ["a\u{1b}"], "stdin": "in\u{0}", "go": "1.27",
    });
    let mut first = share(&service, &request);
    let link: Value = serde_json::from_str(&first.rest()).expect("JSON");
    assert_eq!(first.status, 201, "{link}");
    let id = link["id"].as_str().expect("an id");
    assert_eq!(id.len(), 13, "{id}");
    assert_eq!(link, json!({"id": id, "url": format!("/s/{id}"), "api": format!("/api/v1/shares/{id}")}));
    assert_eq!(first.header("location"), link["api"]);
    // Written in another way, and by another client.
    let other = serde_json::to_vec_pretty(&request).expect("JSON");
    let mut again = post(&service, Ipv4Addr::new(127, 0, 4, 1), &other, &[]);
    let body: Value = serde_json::from_str(&again.rest()).expect("JSON");
    assert_eq!((again.status, &body), (200, &link));
    drop(service);

    let service = service_in(folder.path(), &[]);
    let path = format!("/api/v1/shares/{id}");
    let mut found = get(service.address(), &path);
    let body = found.rest();
    assert_eq!(found.status, 200, "{body}");
    assert_eq!(serde_json::from_str::<Value>(&body).expect("JSON"), request);
    let caching = found.header("cache-control");
    assert!(caching.contains("immutable") && caching.contains("public"), "{caching}");
    assert_eq!(found.header("x-robots-tag"), "noindex");
    assert_eq!(found.header("etag"), format!("\"{id}\""));
    let known = ask(service.address(), &format!("GET {path}"), &[("If-None-Match", found.header("etag"))]);
    assert_eq!(known.status, 304);
    // What comes back is what a run takes.
    let run: Value = serde_json::from_str(&body).expect("JSON");
    service.run(&run).that_end("ok");
}

#[test]
fn what_no_run_would_take_is_not_shared() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_in(folder.path(), &[]);
    let with = |key: &str, value: Value| {
        let mut request = json!({"source": HELLO, "mode": "run"});
        request[key] = value;
        share(&service, &request)
    };
    for body in [&b""[..], b"{", b"[]", b"{\"source\": \"\xff\", \"mode\": \"run\"}", b"{\"mode\": \"run\"}"] {
        refused(post(&service, Ipv4Addr::LOCALHOST, body, &[]), 400, "detail");
    }
    refused(with("flags", json!([])), 400, "flags");
    refused(with("mode", json!("objcopy")), 422, "escape");
    refused(with("options", json!({"level": 1})), 422, "level");
    refused(with("env", json!({"LD_PRELOAD": "/x"})), 422, "GODEBUG");
    refused(with("go", json!("1.2")), 422, "1.2");
    refused(share(&service, &json!({"files": {"../x.go": ""}, "mode": "run"})), 422, "file name");
    refused(share(&service, &json!({"files": {"a.txt": ""}, "mode": "run"})), 422, "no Go file");
    refused(with("source", json!("x".repeat(64 * 1024))), 413, "65536");
    refused(with("stdin", json!("x".repeat(64 * 1024))), 413, "65536");
    refused(post(&service, Ipv4Addr::LOCALHOST, &vec![b' '; 300 * 1024], &[]), 413, "262144");
    // All that escapes triple does not count.
    let tabs = format!("package main\n//{}\n", "\t".repeat(60 * 1024));
    assert_eq!(with("source", json!(tabs)).status, 201);
    assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 1);
}

#[test]
fn links_that_lead_nowhere_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("secret"), "secret").expect("written");
    let service = service_in(folder.path(), &[]);
    for id in [
        "0123456789bcd",
        "secret",
        "x",
        "0123456789BCD",
        "0123456789bcd%00",
        "..%2f..%2fsecret",
        "%2e%2e%2fsecret",
        "%ff",
        "0123456789bcd/../secret",
    ] {
        let mut api = get(service.address(), &format!("/api/v1/shares/{id}"));
        let text = api.rest();
        assert_eq!(api.status, 404, "{id}: {text}");
        assert_eq!(api.header("content-type"), "application/problem+json", "{id}");
        let mut page = get(service.address(), &format!("/s/{id}"));
        let text = page.rest();
        assert_eq!(page.status, 404, "{id}");
        assert!(text.contains("<h1>Not found</h1>") && !text.contains("secret</"), "{id}: {text}");
    }
}

#[test]
fn the_operator_deletes_while_the_service_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_in(folder.path(), &[]);
    let request = json!({"source": "package main // \u{1b}[31m\n\nfunc main() {}\n", "mode": "vet"});
    let (id, other) = (shared(&service, &request), shared(&service, &json!({"source": HELLO, "mode": "run"})));

    let (code, listed, _) = shares(folder.path(), &["list"]);
    assert_eq!((code, listed.lines().count()), (Some(0), 2), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with(&id) && line.contains("vet")), "{listed}");
    let (code, shown, _) = shares(folder.path(), &["show", &id]);
    assert!(code == Some(0) && shown.contains("\\u{1b}[31m") && !shown.contains('\u{1b}'), "{shown}");
    let (_, json, _) = shares(folder.path(), &["show", &id, "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON"), request);

    assert_eq!(shares(folder.path(), &["delete", &id]).0, Some(0));
    refused(get(service.address(), &format!("/api/v1/shares/{id}")), 410, "deleted");
    let mut page = get(service.address(), &format!("/s/{id}"));
    let text = page.rest();
    assert_eq!(page.status, 410);
    assert!(text.contains("deleted") && !text.contains("[31m"), "{text}");
    refused(share(&service, &request), 410, "deleted");
    let form = format!("example=s%2F{id}&variant=vet&source=package+main");
    assert_eq!(post_form(service.address(), "/run", &form).status, 410);
    assert_eq!(get(service.address(), &format!("/api/v1/shares/{other}")).status, 200);

    let (code, said, _) = shares(folder.path(), &["delete", &id]);
    assert!(code == Some(0) && said.contains("before"), "{said}");
    let (code, _, said) = shares(folder.path(), &["delete", "0123456789bcd"]);
    assert!(code == Some(1) && said.contains("nothing was shared"), "{said}");
    let (code, _, said) = shares(folder.path(), &["show", &id]);
    assert!(code == Some(1) && said.contains("deleted"), "{said}");
    let (_, listed, _) = shares(folder.path(), &["list", "--json"]);
    let states: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let state = |id: &str| states.iter().find(|entry| entry["id"] == id).map(|entry| entry["state"].clone());
    assert_eq!((state(&id), state(&other)), (Some("deleted".into()), Some("shared".into())));
    for id in ["", "x", "../secret", "-x", "0123456789BCD"] {
        assert_eq!(shares(folder.path(), &["show", "--", id]).0, Some(2), "{id}");
    }
}

#[test]
fn what_is_damaged_is_not_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_in(folder.path(), &[]);
    let request = json!({"source": HELLO, "mode": "run"});
    let id = shared(&service, &request);
    let file = folder.path().join(&id);
    let whole = std::fs::read(&file).expect("read");
    for damaged in [&whole[..whole.len() - 1], b"", br#"{"source":"package evil","mode":"run"}"#, &[0; 1 << 20]] {
        std::fs::write(&file, damaged).expect("written");
        refused(get(service.address(), &format!("/api/v1/shares/{id}")), 500, "damaged");
        let page = get(service.address(), &format!("/s/{id}")).rest();
        assert!(page.contains("damaged") && !page.contains("evil"), "{page}");
        assert!(!page.contains(folder.path().to_str().expect("UTF-8")), "{page}");
        refused(share(&service, &request), 500, "damaged");
    }
    service.logs(&format!("the share {id} is damaged"));
    let (_, said, _) = shares(folder.path(), &["delete", &id]);
    assert!(said.contains("removed"), "{said}");
    assert_eq!(shared(&service, &request), id);
}

#[test]
fn each_client_may_share_so_much() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_in(folder.path(), &[("SHARE_BYTES", "8KiB"), ("SHARES_TOTAL", "16KiB")]);
    let number = |number| json!({"source": format!("package main // {number}\n"), "mode": "fmt"});
    let from = |client, request: &Value| {
        post(&service, Ipv4Addr::new(127, 0, 5, client), request.to_string().as_bytes(), &[])
    };
    assert_eq!((from(1, &number(1)).status, from(1, &number(2)).status), (201, 201));
    let third = from(1, &number(3));
    let wait: u64 = third.header("retry-after").parse().expect("seconds");
    assert!((3600..=86_400).contains(&wait), "{wait}");
    refused(third, 429, "hours");
    // What is there costs nothing.
    assert_eq!(from(1, &number(1)).status, 200);
    assert_eq!((from(2, &number(3)).status, from(2, &number(4)).status), (201, 201));
    refused(from(3, &number(5)), 507, "no room");
    let limits: Value = serde_json::from_str(&get(service.address(), "/api/v1/limits").rest()).expect("JSON");
    let expected = json!({"share_bytes": 65_536, "client_day_bytes": 8192, "total_bytes": 16_384});
    assert_eq!(limits["shares"], expected);
}

#[test]
fn pages_of_other_sites_share_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_in(folder.path(), &[("ALLOW_ORIGIN", "https://pages.example")]);
    let request = json!({"source": HELLO, "mode": "run"}).to_string();
    let from = |origin: &str| {
        post(
            &service,
            Ipv4Addr::LOCALHOST,
            request.as_bytes(),
            &[("Origin", origin), ("Sec-Fetch-Site", "cross-site")],
        )
    };
    refused(from("https://evil.example"), 403, "--allow-origin");
    assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 0);
    let allowed = from("https://pages.example");
    let origin = allowed.header("access-control-allow-origin");
    assert_eq!((allowed.status, origin), (201, "https://pages.example"));
}

#[test]
fn shares_can_be_off_and_a_place_can_be_wrong() {
    let service = Service::start_on(Host::mine(), &[("SHARES", "off")]);
    refused(share(&service, &json!({"source": HELLO, "mode": "run"})), 404, "keeps no shares");
    refused(get(service.address(), "/api/v1/shares/0123456789bcd"), 404, "keeps no shares");
    assert_eq!(get(service.address(), "/s/0123456789bcd").status, 404);
    assert!(get(service.address(), "/").rest().contains(r#""shares":false"#));
    for place in ["gs://bucket", "s3://", "/proc/no/such"] {
        let output = Command::new(underhood())
            .args(["serve", "--listen", "127.0.0.1:0", "--shares", place])
            .output()
            .expect("underhood starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("--shares"), "{place}: {said}");
    }
}

/// The page of what was shared, and what it holds of these words as they are.
#[track_caller]
fn page(service: &Service, request: &Value) -> String {
    let id = shared(service, request);
    let mut answer = get(service.address(), &format!("/s/{id}"));
    let page = answer.rest();
    assert_eq!(answer.status, 200, "{page}");
    assert_eq!(answer.header("x-robots-tag"), "noindex");
    assert!(answer.header("content-security-policy").contains("script-src 'self'"), "{:?}", answer.headers);
    page
}

/// What a stranger writes is text on our pages, wherever it stands.
#[test]
fn strangers_code_is_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_in(folder.path(), &[]);
    let evil = "</script></textarea></pre><script>alert(1)</script><!--<img src=x onerror=alert(2)>";
    let quotes = r#"" autofocus onfocus=alert(3) x="'"#;
    let request = json!({
        "source": format!("package main\n// {evil}\n// {quotes}\nfunc main() {{}}\n"), "mode": "run",
        "env": {"GOGC": format!("{quotes}{evil}")}, "args": [evil, quotes], "stdin": evil,
    });
    // GOGC takes no such value, so it is refused like a run of it.
    refused(share(&service, &request), 422, "GOGC");
    let mut request = request;
    request["env"] = json!({"GOTRACEBACK": "all"});
    let html = page(&service, &request);
    assert!(html.contains("A stranger wrote this."), "{html}");
    for words in ["<script>alert", "<img src=x", "<!--", "</textarea></pre>"] {
        assert!(!html.contains(words), "{words:?} is in {html}");
    }
    // In JSON a quote has a backslash, elsewhere there is none.
    let (before, rest) = html.split_once("class=\"snippet-data\">").expect("the data");
    let (_, after) = rest.split_once("</script>").expect("its end");
    assert!(!before.contains("\" autofocus") && !after.contains("\" autofocus"), "{html}");
    assert!(html.contains("<title>Shared code · Underhood</title>"), "{html}");

    let func = json!({"source": HELLO, "mode": "nm", "options": {"func": "\"><script>alert(4)</script>"}});
    let html = page(&service, &func);
    assert!(!html.contains("<script>alert"), "{html}");

    // What is not seen, or turns around what is, is told.
    let trojan =
        json!({"source": "package main\n\n// \u{202e} {\u{2066}// \u{200b}\nfunc main() {}\n", "mode": "run"});
    let html = page(&service, &trojan);
    assert!(html.contains("Not all of it is what it seems.") && html.contains("in line 3."), "{html}");
    assert!(!page(&service, &json!({"source": HELLO, "mode": "run"})).contains("what it seems"));

    for source in ["\0\0", "package main\0\r\nfunc main() {}\r", "\u{feff}", "\u{fffe}\u{1}\u{7f}\u{85}", "\n\n"] {
        let html = page(&service, &json!({"source": source, "mode": "fmt"}));
        assert!(!html.contains('\0') && html.contains("<go-snippet"), "{source:?}: {html}");
    }
    let json = r#"{"source": "\ud800", "mode": "run"}"#;
    refused(post(&service, Ipv4Addr::LOCALHOST, json.as_bytes(), &[]), 400, "JSON");
}

/// What takes a parser long is coloured all the same, or not at all, and nobody waits.
#[test]
fn code_that_is_a_bomb_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_in(folder.path(), &[("SHARE_BYTES", "64MiB")]);
    for part in ["(", "{", "[", "`", "\"", "x", "func(", "a<b>", "//", "/*", "é", "-- a.go --\n", "if{", "\u{202e}"]
    {
        let source = part.repeat(65_000 / part.len());
        let request = json!({"source": source, "mode": "fmt"});
        let mut answer = share(&service, &request);
        // Too many files of one name, for one.
        if answer.status == 422 {
            continue;
        }
        let link: Value = serde_json::from_str(&answer.rest()).expect("JSON");
        let begun = std::time::Instant::now();
        let mut page = get(service.address(), link["url"].as_str().expect("a path"));
        let length = page.rest().len();
        eprintln!("{part:?}: {} bytes in {:?}", length, begun.elapsed());
        assert_eq!(page.status, 200, "{part}");
    }
    service.still_answers();
}

/// Without scripts, the page's own form runs it, with all that was shared.
#[test]
fn a_share_runs_without_scripts() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_in(folder.path(), &[]);
    let source = "package main\n\nimport (\n\t\"fmt\"\n\t\"io\"\n\t\"os\"\n)\n\nfunc main() {\n\
                  \tin, _ := io.ReadAll(os.Stdin)\n\tfmt.Println(os.Args[1:], string(in), os.Getenv(\"GOGC\"))\n}\n";
    let request =
        json!({"source": source, "mode": "run", "args": ["one", "two"], "stdin": "three", "env": {"GOGC": "55"}});
    let id = shared(&service, &request);
    let form = |source: &str, more: &str| {
        let encoded: String = source.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let body = format!("example=s%2F{id}&variant=run&source={encoded}{more}");
        post_form(service.address(), "/run", &body)
    };
    let mut answer = form(source, "&env.GOGC=55");
    let html = answer.rest();
    assert_eq!(answer.status, 200, "{html}");
    assert!(html.contains("[one two] three 55"), "{html}");
    assert!(html.contains(&format!("href=\"/s/{id}\"")), "{html}");
    assert_eq!(form("package main\nfunc main() { println(1) }\n", "&env.PATH=x").status, 422);
    for id in ["", "../x", "0123456789bcd", "lessons/x"] {
        let missing = post_form(service.address(), "/run", &format!("example=s%2F{id}&variant=run&source=x"));
        assert_eq!(missing.status, 404, "{id}");
    }
}
