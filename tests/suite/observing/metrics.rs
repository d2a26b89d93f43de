//! `/metrics`: numbers of known runs, and who may read them.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::client::{ask, get, post_with};
use crate::harness::host::Host;
use crate::harness::metrics::Metrics;
use crate::harness::serve::{NDJSON, Service};

pub const HELLO: &str = "package main\n\nfunc main() { println(\"hello\") }\n";
pub const ENDLESS: &str = "package main\n\nfunc main() {\n\tprintln(\"begun\")\n\tfor {\n\t}\n}\n";
const BROKEN: &str = "package main\n\nfunc main() { nothing() }\n";

/// Reads until it is as it should be: a run is counted when it is over, which its client may see a moment before.
#[track_caller]
fn wait_until(service: &Service, is_so: impl Fn(&Metrics) -> bool) -> Metrics {
    let begun = Instant::now();
    loop {
        let metrics = Metrics::of(service.address());
        if is_so(&metrics) {
            return metrics;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{metrics:#?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn runs(metrics: &Metrics, mode: &str, outcome: &str, side: &str) -> f64 {
    metrics.value("underhood_runs_total", &[("mode", mode), ("outcome", outcome), ("side", side)])
}

#[test]
fn known_runs_are_counted_as_what_they_were() {
    let limits = [("RUN_SECONDS", "2"), ("MAX_RUNS", "1"), ("QUEUE", "0"), ("CACHE_MEMORY", "64MiB")];
    let service = Service::start_on(Host::mine(), &limits);
    let run = |mode: &str, source: &str| {
        let events = service.run(&json!({"source": source, "mode": mode}));
        // The only place is free when the last process of the cell is gone.
        wait_until(&service, |now| now.value("underhood_running_runs", &[]) == 0.0);
        events
    };
    run("run", HELLO).that_end("ok");
    run("run", HELLO).that_end("ok");
    run("escape", HELLO).that_end("ok");
    run("escape", HELLO).that_end("ok");
    run("run", BROKEN).that_end("build_failed");
    run("run", ENDLESS).that_end("timed_out");

    // One that is left in the middle, and one that finds no room meanwhile.
    let mut left = service.post(json!({"source": ENDLESS, "mode": "run"}).to_string(), NDJSON);
    while !left.line().contains("begun") {}
    let busy = Metrics::of(service.address());
    assert_eq!(busy.value("underhood_running_runs", &[]), 1.0);
    assert_eq!(busy.value("underhood_open_runs", &[]), 1.0);
    assert_eq!(busy.value("underhood_http_streams", &[]), 1.0);
    assert_eq!(service.post(json!({"source": HELLO, "mode": "run"}).to_string(), NDJSON).status, 503);
    drop(left);
    assert_eq!(service.post("{", NDJSON).status, 400);
    assert_eq!(service.post(json!({"source": HELLO, "mode": "dance"}).to_string(), NDJSON).status, 422);
    assert_eq!(service.post(vec![b' '; 300 << 10], NDJSON).status, 413);

    let metrics = wait_until(&service, |now| {
        runs(now, "run", "cancelled", "abandoned") == 1.0 && now.value("underhood_running_runs", &[]) == 0.0
    });
    assert_eq!(runs(&metrics, "run", "ok", "user"), 2.0);
    assert_eq!(runs(&metrics, "escape", "ok", "user"), 2.0);
    assert_eq!(runs(&metrics, "run", "build_failed", "user"), 1.0);
    assert_eq!(runs(&metrics, "run", "timed_out", "timeout"), 1.0);
    assert_eq!(metrics.sum("underhood_runs_total"), 7.0);
    assert_eq!(metrics.value("underhood_open_runs", &[]), 0.0);
    for (reason, count) in
        [("malformed", 1.0), ("not_allowed", 1.0), ("too_large", 1.0), ("no_room", 1.0), ("too_many", 0.0)]
    {
        let refused = metrics.find("underhood_refusals_total", &[("reason", reason)]);
        assert_eq!(refused, Some(count), "{reason}");
    }

    // The second of each pair was kept, and so was the endless one.
    let builds = |from| metrics.value("underhood_builds_total", &[("from", from)]);
    assert_eq!(["memory", "disk", "shared", "made"].map(builds), [3.0, 0.0, 0.0, 4.0]);
    assert_eq!(metrics.value("underhood_run_duration_seconds_count", &[("mode", "run")]), 5.0);
    let step = |step| metrics.value("underhood_step_duration_seconds_count", &[("step", step)]);
    assert_eq!((step("queue"), step("exec")), (6.0, 4.0), "the kept answer waits for no place");
    // The one that was stopped ran for two seconds, and the other for less.
    let slow = |le| metrics.value("underhood_step_duration_seconds_bucket", &[("step", "exec"), ("le", le)]);
    assert_eq!(slow("5") - slow("1"), 1.0);
    // Where the kernel tells no time of what was killed, none is counted.
    assert!(metrics.value("underhood_cpu_seconds_total", &[("part", "program")]) < 20.0);
    assert!(metrics.value("underhood_cells_made_total", &[]) >= 4.0);
    assert!(metrics.sum("underhood_pool_taken_total") >= 4.0);
    assert!(metrics.value("underhood_cache_bytes", &[("tier", "memory")]) > 0.0);

    let asked = |status| {
        let labels = [("route", "/api/v1/runs"), ("method", "POST"), ("status", status)];
        metrics.value("underhood_http_requests_total", &labels)
    };
    assert_eq!((asked("2xx"), asked("4xx"), asked("5xx"), asked("abandoned")), (7.0, 3.0, 1.0, 0.0));
    assert_eq!(metrics.value("underhood_http_streams", &[]), 0.0);
    assert_eq!(metrics.value("underhood_http_requests_in_flight", &[]), 1.0, "this very one");
    assert!(metrics.value("process_resident_memory_bytes", &[]) > 1e6);
    assert!(metrics.value("process_cpu_seconds_total", &[]) > 0.0);
}

#[test]
fn a_client_that_leaves_before_the_answer_is_told_apart() {
    let service = Service::start();
    // Asked for as a whole, so that there is no head before the end.
    let body = json!({"source": ENDLESS, "mode": "run"}).to_string();
    let length = body.len();
    let head = "POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nContent-Length:";
    let mut stream = TcpStream::connect(service.address()).expect("connected");
    stream.write_all(format!("{head} {length}\r\n\r\n{body}").as_bytes()).expect("sent");
    wait_until(&service, |now| now.value("underhood_open_runs", &[]) == 1.0);
    drop(stream);
    let metrics = wait_until(&service, |now| runs(now, "run", "cancelled", "abandoned") == 1.0);
    let labels = [("route", "/api/v1/runs"), ("method", "POST"), ("status", "abandoned")];
    assert_eq!(metrics.value("underhood_http_requests_total", &labels), 1.0);
}

#[test]
fn only_the_operator_reads_them() {
    let from = |service: &Service, from: Ipv4Addr, headers: &[(&str, &str)]| {
        // A request by hand, as the only one that chooses where it comes from.
        let answer = post_with(from, service.address(), "/metrics", b"", headers, Duration::from_secs(10));
        assert_eq!(answer.status, 405, "there is nothing to post");
        ask(service.address(), "GET /metrics", headers).status
    };
    let service = Service::start();
    assert_eq!(from(&service, Ipv4Addr::LOCALHOST, &[]), 200);
    // A proxy on this machine that nobody said to trust makes everyone look like this machine.
    for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host"] {
        let mut answer = ask(service.address(), "GET /metrics", &[(header, "127.0.0.1")]);
        let problem = answer.rest();
        assert_eq!((answer.status, answer.header("content-type")), (403, "application/problem+json"), "{header}");
        assert!(problem.contains("--metrics-from") && !problem.contains("underhood_"), "{problem}");
    }
    drop(service);
    // One that is trusted tells whose request it is, and names it too.
    let behind = Service::start_on(Host::mine(), &[("TRUST_PROXY", "127.0.0.1")]);
    for (client, status) in [("127.0.0.9", 200), ("192.0.2.1", 403), ("127.0.0.9, 192.0.2.1", 403), ("garbage", 403)]
    {
        let headers = [("X-Forwarded-For", client), ("X-Request-Id", "of-the-proxy")];
        let answer = ask(behind.address(), "GET /metrics", &headers);
        assert_eq!(answer.status, status, "{client}");
        assert_eq!(answer.header("x-request-id") == "of-the-proxy", client != "garbage", "{client}");
    }
    drop(behind);
    let elsewhere = Service::start_on(Host::mine(), &[("METRICS_FROM", "192.0.2.0/24,2001:db8::1")]);
    assert_eq!(get(elsewhere.address(), "/metrics").status, 403);
}

/// Whatever strangers send, the number of series stays: they would fill the memory of ours and of the operator's.
#[test]
fn strangers_add_no_series() {
    let service = Service::start();
    let ask_all = |round: usize| {
        for path in ["/x", "/lessons/x", "/assets/x", "/api/v1/x", "/api/x", "/p/x"] {
            get(service.address(), &format!("{path}{round}?q={round}"));
        }
        for method in ["DANCE", "PUT", "PATCH", "TRACE"] {
            ask(service.address(), &format!("{method}{} /x{round}", "X".repeat(round % 2)), &[]);
        }
        service.post(json!({"source": HELLO, "mode": format!("m{round}")}).to_string(), NDJSON);
        service.post(json!({"source": HELLO, "go": format!("1.{round}")}).to_string(), NDJSON);
        Metrics::of(service.address()).series()
    };
    // The metrics themselves are a route, counted after they are read.
    let (_, before) = (ask_all(0), ask_all(1));
    for round in 2..6 {
        assert_eq!(ask_all(round), before);
    }
}
