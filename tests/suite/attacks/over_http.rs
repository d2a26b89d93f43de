//! The service lives on, and other readers are served, whatever one client does.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::says_out_of_memory;
use crate::harness::client::exchange;
use crate::harness::host::Host;
use crate::harness::processes::{self, Held};
use crate::harness::serve::{JSON, NDJSON, SSE, Service};
use crate::harness::{events::Events, text_of, token};

/// How soon after the last run everything that runs take is given back.
const SOON: Duration = Duration::from_secs(5);

/// No cells are prepared, so that all that a service holds is held for runs.
const NOTHING_AHEAD: (&str, &str) = ("POOL", "0");

/// An address of the loopback network for each.
fn attacker(index: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, u8::try_from(index).expect("few attackers"))
}

fn request(attack: &str, args: &[&str]) -> Value {
    json!({"source": text_of(&format!("attacks/{attack}.go")), "mode": "run", "args": args})
}

/// Twelve at once on four places, each at one of its limits.
#[test]
fn a_crowd_of_attackers_leaves_nothing_behind() {
    Host::each(|host| {
        let service =
            Service::start_on(host, &[("RUN_SECONDS", "2"), ("MAX_RUNS", "4"), ("QUEUE", "16"), NOTHING_AHEAD]);
        service.still_answers();
        let before = Held::by(service.pid());
        let token = token();
        std::thread::scope(|scope| {
            for (index, (attack, first)) in [
                ("heap", ""),
                ("fork_bomb", ""),
                ("threads", ""),
                ("floods", "stdout"),
                ("floods", "stderr"),
                ("in_flight", "hold"),
                ("in_flight", "hold"),
                ("socket_buffers", ""),
                ("stops_itself", ""),
                ("ignores_signals", ""),
                ("disk", ""),
                ("deep_tree", ""),
            ]
            .into_iter()
            .enumerate()
            {
                let (service, token) = (&service, &token);
                scope.spawn(move || {
                    let ends = service.run_from(attacker(index), &request(attack, &[first, token]));
                    assert!(!["internal", "cancelled"].contains(&ends.status()), "{attack}: {}", ends.exit());
                });
            }
        });
        processes::are_gone(&token, Duration::ZERO);
        service.still_answers();
        before.is_reached_again(service.pid(), SOON);
    });
}

/// As many run at once as fit into the memory of all, whatever `--max-runs` says.
#[test]
fn the_sum_of_all_runs_has_an_end() {
    const ONE: u64 = 256 << 20;
    Host::each(|host| {
        let one = ONE.to_string() + "B";
        let limits = [("RUN_MEMORY", &*one), ("BUILD_MEMORY", &one), ("TOTAL_MEMORY", "600MiB")];
        let limits = [&limits[..], &[("MAX_RUNS", "8"), ("RUN_SECONDS", "60"), ("BUILD_SECONDS", "60")]].concat();
        let service = Service::start_on(host, &limits);
        let queued = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let ends = service.run(&request("heap", &[]));
                    queued.fetch_add(usize::from(ends.first("queued").is_some()), Ordering::Relaxed);
                    if host.memory_is_hard() {
                        let peak = ends.that_end("out_of_memory").exit()["max_rss_bytes"].as_u64().expect("bytes");
                        // The kernel counts in batches of pages.
                        assert!(peak <= ONE + (1 << 20), "{peak} bytes are more than one may have");
                    } else {
                        assert!(says_out_of_memory(&ends.that_end("failed").stderr()));
                    }
                });
            }
        });
        assert!(queued.into_inner() >= 2, "more ran at once than there is memory for");
        service.still_answers();
    });
}

/// Whether a program that ends on the deadline was in time is a race, but never our own failure.
#[test]
fn ending_on_the_deadline_is_one_or_the_other() {
    let source = "package main\n\nimport (\n\t\"os\"\n\t\"time\"\n)\n\nfunc main() {\n\
        \twait, _ := time.ParseDuration(os.Args[1])\n\ttime.Sleep(wait)\n}\n";
    Host::each(|host| {
        let service = Service::start_on(host, &[("RUN_SECONDS", "1")]);
        std::thread::scope(|scope| {
            for wait in ["980ms", "985ms", "990ms", "994ms", "997ms", "999ms", "1s", "1010ms"] {
                let service = &service;
                scope.spawn(move || {
                    let ends = service.run(&json!({"source": source, "mode": "run", "args": [wait]}));
                    let code = &ends.exit()["code"];
                    assert!(
                        matches!((ends.status(), code.as_i64()), ("ok", Some(0)) | ("timed_out", None)),
                        "{wait}: {ends:?}"
                    );
                });
            }
        });
        service.still_answers();
    });
}

/// One that reads nothing keeps no place longer than the deadline and the time to drain.
#[test]
fn clients_that_read_nothing_do_not_stop_others() {
    Host::each(|host| {
        let service =
            Service::start_on(host, &[("RUN_SECONDS", "1"), ("MAX_RUNS", "2"), ("OUTPUT", "64MiB"), NOTHING_AHEAD]);
        service.still_answers();
        let before = Held::by(service.pid());
        let body = request("floods", &["stdout"]).to_string();
        let silent: Vec<_> = (0..4).map(|index| service.post_from(attacker(index), &body, SSE)).collect();
        // Behind all of them in the queue.
        service.still_answers();
        drop(silent);
        before.is_reached_again(service.pid(), SOON);
    });
}

#[test]
fn clients_that_hang_up_at_any_moment_leave_nothing() {
    Host::each(|host| {
        let service = Service::start_on(host, &[("MAX_RUNS", "2"), ("RUN_SECONDS", "20"), NOTHING_AHEAD]);
        service.still_answers();
        let before = Held::by(service.pid());
        let token = token();
        let body = request("ends_while_writing", &[&token]).to_string();
        for lines in [0, 1, 2, 3, 4, 6, 40] {
            // One is cut off at the moment, the next waits behind it in the queue and is given up there.
            let mut answers = [service.post(&body, NDJSON), service.post(&body, NDJSON), service.post(&body, NDJSON)];
            for _ in 0..lines {
                answers[0].line();
            }
        }
        // In the middle of a request, too.
        for length in [0, 1, 20, 100, 200] {
            let head = format!("POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n{body}");
            let answer = exchange(service.address(), &head.as_bytes()[..length]);
            assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        service.still_answers();
        processes::are_gone(&token, SOON);
        before.is_reached_again(service.pid(), SOON);
    });
}

/// Who comes when every place is taken is told when to come again, and is served then. One client alone does not fill
/// the queue.
#[test]
fn a_full_queue_says_so_and_empties() {
    Host::each(|host| {
        let service = Service::start_on(host, &[("MAX_RUNS", "1"), ("QUEUE", "2"), ("RUN_SECONDS", "1")]);
        let body = request("stops_itself", &[]).to_string();
        let send = |index| service.post_from(attacker(index), &body, NDJSON);
        let refused = |index, status: u16| {
            let mut answer = send(index);
            let problem: Value = serde_json::from_str(&answer.rest()).expect("a problem document");
            assert_eq!((answer.status, &problem["status"]), (status, &status.into()), "{problem}");
            assert!(answer.header("retry-after").parse::<u32>().is_ok(), "when to come again");
        };
        // One runs, one waits, and has half of the queue with that.
        let mut taken = vec![send(1), send(1)];
        refused(1, 429);
        taken.push(send(2));
        refused(1, 503);
        refused(3, 503);
        for answer in &mut taken {
            Events::of_lines(&answer.rest()).that_end("timed_out");
        }
        service.still_answers();
    });
}

/// An event for every byte would be a hundred bytes of the service's memory for one of the program's.
#[test]
fn output_byte_by_byte_does_not_swell_the_service() {
    const MOST: usize = 96 << 20;
    Host::each(|host| {
        let service = Service::start_on(host, &[("RUN_SECONDS", "4")]);
        service.still_answers();
        let before = Held::by(service.pid()).memory_bytes;
        let mut answer = service.post(request("byte_by_byte", &[]).to_string(), JSON);
        let body = answer.rest();
        let grown = Held::by(service.pid()).memory_bytes.saturating_sub(before);
        let whole: Value = serde_json::from_str(&body).expect("JSON");
        let stdout = whole["stdout"].as_str().expect("text");
        assert!(["timed_out", "output_limit"].contains(&whole["exit"]["status"].as_str().expect("a status")));
        let events = whole["events"].as_array().map_or(0, Vec::len);
        let told = format!("{} bytes printed, {events} events, {} bytes of answer", stdout.len(), body.len());
        eprintln!("{told}; the service grew by {grown} bytes");
        assert!(grown < MOST, "the service grew by {grown} bytes for {told}");
    });
}

#[test]
fn event_streams_cannot_be_forged() {
    Host::each(|host| {
        let service = Service::start_on(host, &[]);
        let mut answer = service.post(request("imitates", &[]).to_string(), SSE);
        let body = answer.rest();
        for line in body.lines() {
            assert!(line.is_empty() || line.starts_with("data: {\"seq\":") || line.starts_with(':'), "{line}");
        }
        let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
        let events = Events::of(data.map(|line| serde_json::from_str(line).expect("JSON")).collect()).that_end("ok");
        assert!(events.stdout().contains("data: {\"type\":\"exit\",\"status\":\"internal\"}"));
    });
}

#[test]
fn crafted_requests_are_refused_and_harm_nothing() {
    Host::each(|host| {
        let service = Service::start_on(host, &[]);
        let hello = text_of("programs/hello.go");
        let with = |key: &str, value: Value| {
            let mut request = json!({"source": hello, "mode": "run"});
            request[key] = value;
            request.to_string()
        };
        let deep = "[".repeat(100_000);
        let cases: Vec<(String, u16)> = vec![
            (with("env", json!({"GOGC": "50\nGOFLAGS=-x"})), 422),
            (with("env", json!({"GOGC=50\u{0}": "1"})), 422),
            (with("env", json!({"GODEBUG": "gctrace=1\u{0}"})), 422),
            (with("env", json!({"": ""})), 422),
            (with("args", json!(["\u{0}"])), 422),
            (with("args", json!(vec!["x"; 65])), 422),
            (with("args", json!(["x".repeat(5000)])), 422),
            (with("go", json!("../../etc")), 422),
            (with("go", json!("1.27\u{0}")), 422),
            (with("mode", json!("run\u{0}")), 422),
            (with("options", json!({"func": "f"})), 422),
            (with("options", json!([])), 400),
            (with("stdin", json!(1)), 400),
            ("{\"mode\": \"run\", \"source\": \"\\ud800\"}".to_owned(), 400),
            ("{\"mode\": \"run\", \"mode\": \"asm\", \"source\": \"\"}".to_owned(), 400),
            (format!("{{\"mode\": \"run\", \"options\": {deep}"), 400),
            (format!("{{\"mode\": \"run\", \"options\": {{\"a\": 1{}}}}}", "0".repeat(10_000)), 400),
            (json!({"mode": "run", "files": {"a.go": hello, "a.go/b.go": hello}}).to_string(), 422),
            (json!({"mode": "run", "files": {"\u{202e}og.a": hello}}).to_string(), 422),
        ];
        for (body, status) in cases {
            let shown: String = body.chars().take(300).collect();
            let mut answer = service.post(&body, NDJSON);
            let text = answer.rest();
            assert_eq!(answer.status, status, "{shown}: {text}");
            let problem: Value = serde_json::from_str(&text).expect("a problem document");
            assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() < 20_000), "{shown}: {text}");
        }
        // Two lengths: whichever is taken, what follows is no second run.
        let body = json!({"source": hello, "mode": "run"}).to_string();
        let inner = format!("POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        for lengths in [
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: 5, 6\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        ] {
            let head = format!("POST /api/v1/runs HTTP/1.1\r\nHost: x\r\n{lengths}\r\n");
            let answer = exchange(service.address(), format!("{head}0\r\n\r\n{inner}").as_bytes());
            assert!(!answer.contains("\"started\"") && answer.starts_with("HTTP/1.1 400"), "{lengths}: {answer}");
        }
        service.still_answers();
    });
}

/// They cost a descriptor each and no place.
#[test]
fn idle_connections_take_no_place() {
    idle_connections(200, Service::start_on);
}

/// One that says nothing has to be let go, or whoever opens as many as the service has descriptors shuts it for all.
#[test]
fn idle_connections_do_not_shut_out_others() {
    idle_connections(300, |host, limits| Service::start_with_descriptors(host, 256, limits));
}

/// The head of a request and no body is as good as silence.
#[test]
fn requests_that_stall_do_not_shut_out_others() {
    const HEAD: &[u8] = b"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{";
    crowd_out(300, HEAD, |host, limits| Service::start_with_descriptors(host, 256, limits));
}

/// Who asks for much and reads nothing says much, and so has to be bounded by itself.
#[test]
fn one_address_does_not_have_all_connections() {
    let asks = "GET /assets/site.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    Host::each(|host| {
        let service = Service::start_with_descriptors(host, 256, &[("MAX_RUNS", "1"), ("QUEUE", "1"), NOTHING_AHEAD]);
        service.still_answers();
        let before = Held::by(service.pid());
        let open = |_| {
            let mut stream = TcpStream::connect(service.address()).expect("connected");
            let _ = stream.write_all(asks.as_bytes());
            stream
        };
        let unread: Vec<_> = (0..200).map(open).collect();
        let another = attacker(1);
        for _ in 0..20 {
            service
                .run_from(another, &json!({"source": "package main\n\nfunc main() {}\n", "mode": "run"}))
                .that_end("ok");
        }
        // Of some 140 that 256 descriptors leave room for.
        let held = Held::by(service.pid()).descriptors - before.descriptors;
        assert!((5..=48).contains(&held), "{held} descriptors are held");
        drop(unread);
        before.is_reached_again(service.pid(), SOON);
    });
}

fn idle_connections(count: usize, start: impl Fn(Host, &[(&str, &str)]) -> Service) {
    crowd_out(count, b"", start);
}

/// Opens so many connections that say no more than this.
fn crowd_out(count: usize, say: &[u8], start: impl Fn(Host, &[(&str, &str)]) -> Service) {
    Host::each(|host| {
        let service = start(host, &[("MAX_RUNS", "1"), ("QUEUE", "1"), NOTHING_AHEAD]);
        service.still_answers();
        let before = Held::by(service.pid());
        let open = |_| {
            let mut stream = TcpStream::connect(service.address()).expect("connected");
            // One that was let go at once takes nothing.
            let _ = stream.write_all(say);
            stream
        };
        let idle: Vec<_> = (0..count).map(open).collect();
        service.still_answers();
        drop(idle);
        before.is_reached_again(service.pid(), SOON);
    });
}
