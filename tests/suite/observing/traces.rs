//! Traces, as a collector gets them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;
use serde_json::json;

use super::metrics::HELLO;
use crate::harness::host::Host;
use crate::harness::serve::Service;

/// A collector: it takes batches, and keeps what is in them.
struct Collector {
    address: SocketAddr,
    taken: Arc<(Mutex<Vec<ExportTraceServiceRequest>>, Condvar)>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = listener.local_addr().expect("an address");
        let taken = Arc::<(Mutex<Vec<ExportTraceServiceRequest>>, Condvar)>::default();
        let kept = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                while let Some(batch) = read(&stream) {
                    kept.0.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
                    kept.1.notify_all();
                }
            }
        });
        Self { address, taken }
    }

    /// A service that sends its traces here at once.
    fn service(&self, ratio: &str) -> Service {
        let mut command = Host::mine().underhood();
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", self.address));
        command.env("OTEL_BSP_SCHEDULE_DELAY", "50");
        Service::start_by(command, &[("TRACE_RATIO", ratio)])
    }

    /// Waits for spans of these names, as often as each stands here.
    fn spans(&self, names: &[&str]) -> Vec<Span> {
        let lacks = |batches: &mut Vec<ExportTraceServiceRequest>| {
            let spans = all(batches);
            let count = |name: &str| names.iter().filter(|of| **of == name).count();
            names.iter().any(|name| spans.iter().filter(|span| span.name == **name).count() < count(name))
        };
        let batches = self.taken.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.taken.1.wait_timeout_while(batches, Duration::from_secs(20), lacks);
        let (batches, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        let spans = all(&batches);
        assert!(
            !waited.timed_out(),
            "{names:?} are not all in {:?}",
            spans.iter().map(|s| &s.name).collect::<Vec<_>>()
        );
        spans
    }
}

fn all(batches: &[ExportTraceServiceRequest]) -> Vec<Span> {
    let scopes = batches.iter().flat_map(|batch| &batch.resource_spans).flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| scope.spans.clone()).collect()
}

/// One batch of a connection, answered.
fn read(mut stream: &TcpStream) -> Option<ExportTraceServiceRequest> {
    let mut reader = BufReader::new(stream);
    let mut head = BTreeMap::new();
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    assert!(first.starts_with("POST /v1/traces "), "{first}");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        head.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    assert_eq!(head["content-type"], "application/x-protobuf");
    let mut body = vec![0; head["content-length"].parse().expect("a length")];
    reader.read_exact(&mut body).ok()?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok()?;
    Some(ExportTraceServiceRequest::decode(&body[..]).expect("a batch"))
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    let [span] = found[..] else { panic!("{} of {name}", found.len()) };
    span
}

fn attribute(span: &Span, key: &str) -> String {
    let value = span.attributes.iter().find(|attribute| attribute.key == key).and_then(|of| of.value.clone());
    format!("{:?}", value.and_then(|value| value.value))
}

const TRACE: [u8; 16] =
    [0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36];
const CALLER: [u8; 8] = [0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7];
/// The example of the W3C's document, with the flag that says not to sample: whether we do is not a stranger's choice.
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

#[test]
fn the_spans_of_a_run_belong_together_and_to_their_caller() {
    let collector = Collector::start();
    let service = collector.service("1");
    let source = "package main\n\nimport \"os\"\n\nfunc main() { println(os.Args[1], \"instdout\") }\n";
    let request = json!({"source": source, "mode": "run", "args": ["inanargument"]});
    let headers = [("traceparent", TRACEPARENT), ("tracestate", "in=astate"), ("Cache-Control", "no-store")];
    service.run_with(&request, &headers).that_end("ok");

    let names = ["POST /api/v1/runs", "run", "queue", "build", "compile", "link", "exec"];
    let spans = collector.spans(&names);
    assert_eq!(spans.len(), names.len(), "{spans:#?}");
    let request = named(&spans, names[0]);
    assert_eq!(request.parent_span_id, CALLER);
    assert_eq!(request.kind, i32::from(SpanKind::Server));
    assert!(attribute(request, "http.response.status_code").contains("200"), "{request:?}");
    assert!(attribute(request, "http.route").contains("/api/v1/runs"), "{request:?}");
    for (child, parent) in [
        ("run", names[0]),
        ("queue", "run"),
        ("build", "run"),
        ("compile", "build"),
        ("link", "build"),
        ("exec", "run"),
    ] {
        let (child, parent) = (named(&spans, child), named(&spans, parent));
        assert_eq!(child.parent_span_id, parent.span_id, "{} is below another than {}", child.name, parent.name);
        assert!(child.start_time_unix_nano >= parent.start_time_unix_nano, "{child:?} {parent:?}");
        // The last words of a run are read by its request while the run puts itself away.
        let slack = if child.name == "run" { 1_000_000_000 } else { 0 };
        assert!(child.end_time_unix_nano <= parent.end_time_unix_nano + slack, "{child:?} {parent:?}");
        assert!(child.end_time_unix_nano > child.start_time_unix_nano, "{child:?}");
    }
    assert!(spans.iter().all(|span| span.trace_id == TRACE));
    let run = named(&spans, "run");
    let told = ["mode", "outcome", "build"].map(|key| attribute(run, key));
    for (told, word) in told.iter().zip(["run", "ok", "made"]) {
        assert!(told.contains(&format!("{word:?}")), "{told}");
    }
    let all = format!("{spans:?}").replace("main.go", "");
    for mark in ["inanargument", "instdout", "println", "package", "astate"] {
        assert!(!all.contains(mark), "{mark} in {all}");
    }
}

#[test]
fn a_service_that_is_told_to_stop_sends_what_it_has() {
    let collector = Collector::start();
    let mut command = Host::mine().underhood();
    command.env("OTEL_BSP_SCHEDULE_DELAY", "3600000");
    let service = Service::start_by(command, &[("OTLP", &format!("http://{}", collector.address))]);
    service.run(&json!({"source": HELLO, "mode": "run"})).that_end("ok");
    service.logs("request finished");
    assert_eq!(collector.taken.0.lock().expect("a lock").len(), 0);
    assert!(service.terminate(Duration::from_secs(20)).success());
    collector.spans(&["POST /api/v1/runs", "run", "exec"]);
}

#[test]
fn a_collector_that_is_gone_costs_one_line_and_no_run() {
    // A port on which nobody listens.
    let gone = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address");
    let mut command = Host::mine().underhood();
    command.env("OTEL_BSP_SCHEDULE_DELAY", "20");
    let service = Service::start_by(command, &[("OTLP", &format!("http://{gone}"))]);
    for _ in 0..5 {
        service.run(&json!({"source": HELLO, "mode": "run"})).that_end("ok");
        service.logs("traces are lost");
    }
    let log = service.log();
    assert_eq!(log.matches("traces are lost").count(), 1, "{log}");
    assert_eq!(log.matches("WARN").count(), 1, "{log}");
    assert!(service.terminate(Duration::from_secs(20)).success());
}

#[test]
fn nothing_is_started_unasked_and_nobody_else_chooses_what_is_traced() {
    let threads = |service: &Service| std::fs::read_dir(format!("/proc/{}/task", service.pid())).expect("threads");
    let named = |service: &Service, name: &str| {
        threads(service).flatten().any(|thread| {
            std::fs::read_to_string(thread.path().join("comm")).is_ok_and(|comm| comm.trim().starts_with(name))
        })
    };
    let collector = Collector::start();
    let service = collector.service("0");
    assert!(named(&service, "OpenTelemetry"), "its thread has another name, and what follows shows nothing");
    let sampled = TRACEPARENT.replace("-00f0", "-01f0").replace("b7-00", "b7-01");
    service.run_with(&json!({"source": HELLO, "mode": "run"}), &[("traceparent", &sampled)]).that_end("ok");
    service.logs("request finished");
    assert!(service.terminate(Duration::from_secs(20)).success());
    assert_eq!(all(&collector.taken.0.lock().expect("a lock")), []);
    assert!(!named(&Service::start(), "OpenTelemetry"));
}
