//! Requests of all kinds by clients of all kinds: those that vanish, send garbage, read slowly or ask again at once. Nothing
//! is left of any, and whoever behaves is answered.
//!
//! `UNDERHOOD_SOAK_REQUESTS` says how many; `make soak` makes it twenty thousand.

use std::collections::BTreeSet;
use std::env;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Outside, PREPARED, SOON, WARM_UP, is_flat, settled};
use crate::harness::client::{Answer, SILENCE, ask, post_with};
use crate::harness::host::Host;
use crate::harness::processes::Held;
use crate::harness::serve::{JSON, NDJSON, Service};
use crate::harness::text_of;

/// At once.
const CLIENTS: usize = 8;

/// Kinds of requests, one after the other.
const KINDS: usize = 20;

/// One that asks again at once does so this often, more than it may.
const IMPATIENT: usize = 12;

#[test]
fn mixed_requests_leave_nothing_behind() {
    let requests =
        env::var("UNDERHOOD_SOAK_REQUESTS").map_or(200, |number| number.parse().expect("a number of requests"));
    let is_long = requests >= 4 * WARM_UP;
    let prepared = if is_long { 4 * PREPARED } else { PREPARED };
    let pool = prepared.to_string();
    let limits = [("RUN_SECONDS", "1"), ("MAX_RUNS", "8"), ("POOL", &*pool), ("TRUST_PROXY", "127.0.0.1")];
    let outside = Outside::now(&BTreeSet::new());
    let service = Service::start_on(Host::mine(), &limits);
    let mix = Mix::default();
    let warm_up = WARM_UP.min(requests / 2);
    mix.send(&service, 0, warm_up);
    let early = settled(&service);
    mix.send(&service, warm_up, requests);
    let late = settled(&service);
    eprintln!("after {warm_up} requests {early:?}\nafter {requests} requests {late:?}");
    is_flat(early, late, is_long);
    outside.has_no_mounts_of(&service);
    assert!(service.terminate(SOON).success(), "it did not stop properly");
    outside.is_as_before();
}

/// What is sent.
struct Mix {
    programs: Vec<String>,
    endless: String,
    floods: String,
}

impl Default for Mix {
    fn default() -> Self {
        let programs = ["hello", "generics", "closures", "maps"].map(|name| text_of(&format!("programs/{name}.go")));
        Self {
            programs: programs.into(),
            endless: text_of("attacks/ignores_signals.go"),
            floods: text_of("attacks/floods.go"),
        }
    }
}

/// The address of a client of its own, as a trusted proxy tells it.
fn client(number: usize) -> String {
    format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255)
}

impl Mix {
    fn send(&self, service: &Service, from: usize, to: usize) {
        let next = AtomicUsize::new(from);
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= to {
                            return;
                        }
                        self.one(service, number);
                        if to - from >= WARM_UP && number.is_multiple_of(500) {
                            eprintln!("{number} of {to} requests: {:?}", Held::by(service.pid()));
                        }
                    }
                });
            }
        });
    }

    fn one(&self, service: &Service, number: usize) {
        let program = &self.programs[number / KINDS % self.programs.len()];
        // No cache knows it.
        let fresh = format!("{program}\n// {number}\n");
        match number % KINDS {
            kind @ 0..=3 => page(service, number, kind),
            4..=6 => runs(service, number, &json!({"source": fresh, "mode": "escape"})),
            7 | 8 => runs(service, number, &json!({"source": program, "mode": "run"})),
            9 => runs(service, number, &json!({"source": fresh, "mode": "asm"})),
            10 => runs(service, number, &json!({"source": fresh, "mode": "layout"})),
            11 => hangs_up(service, number, &json!({"source": self.endless, "mode": "run"})),
            12 => vanishes(
                service,
                b"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 4096\r\n\r\n{\"source\": \"pack",
            ),
            13 => vanishes(service, b"POST /api/v1/ru"),
            14 => garbage(service, number),
            15 => is_refused(service, number),
            16 => reads_slowly(service, number, &json!({"source": self.floods, "mode": "run", "args": ["stdout"]})),
            17 => asks_again_at_once(service, number, &json!({"source": program, "mode": "escape"})),
            18 => shares(service, number, &fresh),
            _ => speaks_as_others_do(service, number, program, &self.endless),
        }
    }
}

fn post(service: &Service, path: &str, body: &str, number: usize, accept: &str) -> Answer {
    let client = client(number);
    let headers = [("Accept", accept), ("X-Forwarded-For", &*client)];
    post_with(Ipv4Addr::LOCALHOST, service.address(), path, body.as_bytes(), &headers, SILENCE)
}

fn get(service: &Service, path: &str, number: usize) -> Answer {
    ask(service.address(), &format!("GET {path}"), &[("X-Forwarded-For", &client(number))])
}

fn page(service: &Service, number: usize, kind: usize) {
    let path = ["/", "/lessons/escape-analysis", "/search.json", "/api/v1/limits"][kind];
    let mut answer = get(service, path, number);
    assert_eq!(answer.status, 200, "{path}");
    answer.rest();
}

fn runs(service: &Service, number: usize, request: &Value) {
    let mut answer = post(service, "/api/v1/runs", &request.to_string(), number, JSON);
    let body = answer.rest();
    // The queue may be full; whoever is turned away is told when to come again.
    if answer.status == 503 {
        assert!(!answer.header("retry-after").is_empty(), "{body}");
        return;
    }
    assert_eq!(answer.status, 200, "{body}");
    let whole: Value = serde_json::from_str(&body).expect("JSON");
    // On a busy machine a second may be too short.
    assert!(matches!(whole["exit"]["status"].as_str(), Some("ok" | "timed_out")), "{request}: {}", whole["exit"]);
}

fn hangs_up(service: &Service, number: usize, request: &Value) {
    let mut answer = post(service, "/api/v1/runs", &request.to_string(), number, NDJSON);
    answer.line();
}

fn vanishes(service: &Service, begun: &[u8]) {
    let mut stream = TcpStream::connect(service.address()).expect("connected");
    stream.write_all(begun).expect("sent");
}

fn garbage(service: &Service, number: usize) {
    let mut stream = TcpStream::connect(service.address()).expect("connected");
    stream.set_read_timeout(Some(SILENCE)).expect("set");
    let bytes: Vec<u8> = (0..512_usize).map(|at| (at * 7 + number * 13) as u8).collect();
    // It may be cut off before all is sent.
    let _ = stream.write_all(&bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    let _ = stream.read_to_end(&mut Vec::new());
}

fn is_refused(service: &Service, number: usize) {
    let refused = [
        ("/api/v1/runs", "{\"source\": ", 400),
        ("/api/v1/runs", "{\"source\": \"package main\", \"mode\": \"shell\"}", 422),
        ("/api/v1/nothing", "{}", 404),
        ("/api/v1/limits", "{}", 405),
    ];
    let (path, body, status) = refused[number / KINDS % refused.len()];
    let mut answer = post(service, path, body, number, JSON);
    let said = answer.rest();
    assert_eq!(answer.status, status, "{path}: {said}");
}

/// Takes a little of much, and leaves when it has had the service wait.
fn reads_slowly(service: &Service, number: usize, request: &Value) {
    let mut answer = post(service, "/api/v1/runs", &request.to_string(), number, NDJSON);
    for _ in 0..4 {
        answer.line();
        thread::sleep(Duration::from_millis(50));
    }
}

fn asks_again_at_once(service: &Service, number: usize, request: &Value) {
    for _ in 0..IMPATIENT {
        let mut answer = post(service, "/api/v1/runs", &request.to_string(), number, JSON);
        let body = answer.rest();
        assert!(matches!(answer.status, 200 | 429 | 503), "{}: {body}", answer.status);
        assert!(answer.status == 200 || !answer.header("retry-after").is_empty(), "{body}");
    }
}

fn shares(service: &Service, number: usize, source: &str) {
    let body = json!({"source": source, "mode": "escape"}).to_string();
    let mut answer = post(service, "/api/v1/shares", &body, number, JSON);
    let body = answer.rest();
    assert!(matches!(answer.status, 200 | 201), "{}: {body}", answer.status);
    let link: Value = serde_json::from_str(&body).expect("JSON");
    let id = link["id"].as_str().expect("an id");
    let mut answer = get(service, &format!("/api/v1/shares/{id}"), number);
    let shared: Value = serde_json::from_str(&answer.rest()).expect("JSON");
    assert_eq!(shared["source"], source, "{id}");
}

fn speaks_as_others_do(service: &Service, number: usize, program: &str, endless: &str) {
    let (path, body) = match number / KINDS % 3 {
        0 => ("/compile", json!({"Body": program, "WithVet": true})),
        1 => ("/v1/exec", json!({"sandbox": "go", "command": "run", "files": {"": program}})),
        _ => return leaves_socket(service, number, endless),
    };
    let mut answer = post(service, path, &body.to_string(), number, JSON);
    let text = answer.rest();
    // A codapi without room says so with 429.
    assert!(matches!(answer.status, 200 | 429 | 503), "{path}: {}: {text}", answer.status);
}

/// Opens a WebSocket, has a program begin, and is gone (RFC 6455, sections 4.1 and 5.2).
fn leaves_socket(service: &Service, number: usize, program: &str) {
    let address = service.address();
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(SILENCE)).expect("set");
    let head = format!(
        "GET /socket HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nX-Forwarded-For: {}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        client(number)
    );
    stream.write_all(head.as_bytes()).expect("sent");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 101", "{}", String::from_utf8_lossy(&answer));
    let message = json!({"Id": "1", "Kind": "run", "Body": program}).to_string();
    let length = u16::try_from(message.len()).expect("a short program");
    // A text in one frame, with its length in two bytes, under a mask of zeros.
    let frame = [&[0x81, 0x80 | 126][..], &length.to_be_bytes(), &[0; 4], message.as_bytes()].concat();
    stream.write_all(&frame).expect("sent");
    let _ = stream.read(&mut [0; 256]);
}
