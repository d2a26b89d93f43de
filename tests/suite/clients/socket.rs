//! The WebSocket that `present` and the Go tour speak.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::json;

use crate::harness::client::ask;
use crate::harness::endless::signal;
use crate::harness::host::Host;
use crate::harness::processes::{Held, programs, wait_for};
use crate::harness::serve::Service;
use crate::harness::socket::Socket;

const ENDLESS: &str = "package main\n\nfunc main() {\n\tprintln(\"begun\")\n\tfor {\n\t}\n}\n";

/// A service that gives programs so long that they end of something else. It prepares nothing and keeps nothing in memory,
/// so what it holds after runs is what it held before.
fn patient() -> Service {
    let limits =
        [("RUN_SECONDS", "120"), ("BUILD_SECONDS", "60"), ("MAX_RUNS", "8"), ("POOL", "0"), ("CACHE_MEMORY", "0B")];
    let service = Service::start_on(Host::mine(), &limits);
    service.still_answers();
    service
}

#[track_caller]
fn programs_are(service: &Service, count: usize) {
    let is_so = || (programs(service.pid()).len() == count).then_some(());
    wait_for(&format!("{count} programs"), Duration::from_secs(20), is_so);
}

#[test]
fn a_program_is_heard_while_it_runs() {
    let service = Service::start_on(Host::mine(), &[("BUILD_SECONDS", "60")]);
    let mut socket = Socket::open(service.address());
    let source = "//go:build OMIT\n\npackage main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n)\n\n\
        func main() {\n\tfmt.Println(\"first\")\n\ttime.Sleep(2 * time.Second)\n\tprintln(\"second\")\n\tos.Exit(3)\n}\n";
    socket.run("0", source);
    assert_eq!(socket.hear(), Ok(json!({"Id": "0", "Kind": "stdout", "Body": "first\n"})));
    let first = Instant::now();
    assert_eq!(socket.hear(), Ok(json!({"Id": "0", "Kind": "stderr", "Body": "second\n"})));
    assert!(first.elapsed() > Duration::from_secs(1), "they came together");
    assert_eq!(socket.hear(), Ok(json!({"Id": "0", "Kind": "end", "Body": "exit status 3"})));

    socket.run("1", "package main\n\nfunc main() { println(\"ok\") }\n");
    assert_eq!(socket.hear_all("1"), (String::new(), "ok\n".into(), String::new()));
    socket.run("2", "package main\n\nfunc main() { x }\n");
    let (_, stderr, end) = socket.hear_all("2");
    assert!(stderr.contains("./prog.go:3:15: undefined: x") && !end.is_empty(), "{stderr}: {end}");
    socket.run("3", "-- ../x --\n");
    let (_, stderr, end) = socket.hear_all("3");
    assert!(stderr.contains("file name") && end == "not run", "{stderr}: {end}");
}

#[test]
fn a_run_is_ended_by_its_own_client_only() {
    let service = patient();
    let (mut own, mut other) = (Socket::open(service.address()), Socket::open(service.address()));
    own.run("0", ENDLESS);
    own.hear_words("0", "begun");
    other.kill("0");
    other.run("0", "package main\n\nfunc main() { println(\"mine\") }\n");
    assert_eq!(other.hear_all("0").1, "mine\n");
    programs_are(&service, 1);
    own.kill("0");
    assert_eq!(own.hear(), Ok(json!({"Id": "0", "Kind": "end", "Body": "killed"})));
    programs_are(&service, 0);
    // One of the same name takes its place.
    own.run("0", ENDLESS);
    own.hear_words("0", "begun");
    own.run("0", "package main\n\nfunc main() { println(\"again\") }\n");
    assert_eq!(own.hear(), Ok(json!({"Id": "0", "Kind": "end", "Body": "killed"})));
    assert_eq!(own.hear_all("0").1, "again\n");
    programs_are(&service, 0);
    own.kill("nothing");
    own.send(&json!({"Id": "0", "Kind": "sing"}).to_string());
    own.run("1", "package main\n\nfunc main() { println(\"still here\") }\n");
    assert_eq!(own.hear_all("1").1, "still here\n");
}

#[test]
fn nothing_runs_on_when_a_client_goes() {
    let service = patient();
    let before = Held::by(service.pid());
    for _ in 0..2 {
        let mut socket = Socket::open(service.address());
        for id in ["0", "1"] {
            socket.run(id, ENDLESS);
            socket.hear_words(id, "begun");
        }
        programs_are(&service, 2);
        drop(socket);
        programs_are(&service, 0);
    }
    before.is_reached_again(service.pid(), Duration::from_secs(20));
    service.still_answers();
}

#[test]
fn pages_of_other_sites_open_none() {
    let service = Service::start_on(Host::mine(), &[("ALLOW_ORIGIN", "https://pages.example")]);
    let own = format!("http://{}", service.address());
    let open =
        |headers: &[(&str, &str)]| Socket::open_with(Ipv4Addr::LOCALHOST, service.address(), headers).map(|_| ());
    for headers in [&[][..], &[("Origin", own.as_str())], &[("Origin", "https://pages.example")]] {
        assert_eq!(open(headers), Ok(()), "{headers:?}");
    }
    for origin in
        ["https://evil.example", "null", "", "http://127.0.0.1", "https://pages.example.evil.example", "file://"]
    {
        assert_eq!(open(&[("Origin", origin)]), Err(403), "{origin}");
    }
    assert_eq!(open(&[("Origin", &own), ("Origin", "https://evil.example")]), Err(403));
    assert_eq!(ask(service.address(), "GET /socket", &[]).status, 400);
    assert_eq!(ask(service.address(), "POST /socket", &[]).status, 405);
}

#[test]
fn messages_that_cannot_be_read_close_the_socket() {
    let service = Service::start();
    let long_id = json!({"Id": "x".repeat(65), "Kind": "run", "Body": ""}).to_string();
    for (message, code) in [
        ("", 1008),
        ("{", 1008),
        ("[]", 1008),
        (r#"{"Kind": "run"}"#, 1008),
        (r#"{"Id": 1, "Kind": "run"}"#, 1008),
        (&"[".repeat(200_000), 1008),
        (&long_id, 1008),
        (&"x".repeat(600_000), 1009),
    ] {
        let mut socket = Socket::open(service.address());
        socket.send(message);
        let closed = socket.hear().expect_err("closed");
        // A client that is still writing may hear of a broken connection instead.
        assert!(closed.0 == code || code == 1009 && closed.0 == 0, "{message:.40}: {closed:?}");
    }
    service.still_answers();
}

#[test]
fn a_thousand_runs_at_once_are_mostly_refused() {
    let service = patient();
    let before = Held::by(service.pid());
    let mut socket = Socket::open(service.address());
    for id in 0..1000 {
        socket.run(&id.to_string(), ENDLESS);
    }
    let mut refused = 0;
    while refused < 996 {
        let said = socket.hear().expect("open");
        refused += usize::from(said["Kind"] == "end" && said["Body"] == "not run");
    }
    assert!(programs(service.pid()).len() <= 4);
    // The same run a thousand times is one.
    for _ in 0..1000 {
        socket.run("0", ENDLESS);
    }
    for id in 1..4 {
        socket.kill(&id.to_string());
    }
    programs_are(&service, 1);
    drop(socket);
    programs_are(&service, 0);
    before.is_reached_again(service.pid(), Duration::from_secs(20));
    service.still_answers();
}

#[test]
fn a_client_has_so_many_sockets_and_no_more() {
    let service = Service::start();
    let open = |client| Socket::open_with(Ipv4Addr::new(127, 0, 4, client), service.address(), &[]);
    let mut own: Vec<_> = (0..8).map(|_| open(1).unwrap_or_else(|status| panic!("{status}"))).collect();
    assert_eq!(open(1).map(|_| ()), Err(429));
    assert!(open(2).is_ok());
    own.pop();
    wait_for("a place", Duration::from_secs(5), || open(1).ok());
}

#[test]
fn a_program_waits_for_a_client_that_does_not_read() {
    let limits = [("RUN_SECONDS", "3"), ("BUILD_SECONDS", "60"), ("OUTPUT", "64MiB")];
    let service = Service::start_on(Host::mine(), &limits);
    let flood = "package main\n\nimport \"os\"\n\nfunc main() {\n\tline := make([]byte, 1<<16)\n\
        \tfor i := range line {\n\t\tline[i] = 'x'\n\t}\n\tfor {\n\t\tos.Stdout.Write(line)\n\t}\n}\n";
    let mut socket = Socket::open(service.address());
    socket.run("0", flood);
    wait_for("the program", Duration::from_secs(60), || programs(service.pid()).pop());
    let before = Held::by(service.pid()).memory_bytes;
    // It ends by its own deadline, whether or not somebody reads.
    programs_are(&service, 0);
    let after = Held::by(service.pid()).memory_bytes;
    assert!(after < before + (16 << 20), "{before} bytes became {after}");
    let (stdout, _, end) = socket.hear_all("0");
    assert!(stdout.starts_with("xxx") && end.contains("time was up"), "{end}");
}

#[test]
fn runs_end_in_words_when_the_service_stops() {
    let service = Service::start_on(Host::mine(), &[("RUN_SECONDS", "120"), ("BUILD_SECONDS", "60"), ("GRACE", "1")]);
    let mut socket = Socket::open(service.address());
    let mut idle = Socket::open(service.address());
    socket.run("0", ENDLESS);
    socket.hear_words("0", "begun");
    signal(service.pid(), Signal::SIGTERM);
    let (_, _, end) = socket.hear_all("0");
    assert!(!end.is_empty(), "no last words");
    assert_eq!(socket.hear().expect_err("closed").0, 1001);
    assert_eq!(idle.hear().expect_err("closed").0, 1001);
    assert!(service.terminate(Duration::from_secs(10)).success());
}
