//! A running service.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use wait_timeout::ChildExt as _;

use super::client::{Answer, SILENCE, post, post_with};
use super::command::HANGS;
use super::endless::signal;
use super::events::Events;
use super::go;
use super::host::Host;

/// `underhood serve` on a free port; it ends with the value.
pub struct Service {
    child: Child,
    address: SocketAddr,
    /// Told of each line.
    log: Arc<(Mutex<String>, Condvar)>,
}

pub const SSE: &str = "text/event-stream";
pub const NDJSON: &str = "application/x-ndjson";
pub const JSON: &str = "application/json";

impl Service {
    /// Starts one and waits until it is ready.
    pub fn start() -> Self {
        Self::start_on(Host::mine(), &[])
    }

    /// The same on another host, with limits of the operator's such as `RUN_SECONDS`.
    pub fn start_on(host: Host, limits: &[(&str, &str)]) -> Self {
        Self::start_by(host.underhood(), limits)
    }

    /// The same with so many descriptors of its own and no more.
    pub fn start_with_descriptors(host: Host, descriptors: usize, limits: &[(&str, &str)]) -> Self {
        let inner = host.underhood();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("ulimit -n {descriptors}; exec \"$@\""), "sh"]);
        command.arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Self::start_by(command, limits)
    }

    /// The same, by a command that is made with [`Host::underhood`] or one of its kin.
    pub fn start_by(mut command: Command, limits: &[(&str, &str)]) -> Self {
        command.envs(limits.iter().map(|(name, value)| (format!("UNDERHOOD_{name}"), value)));
        command.arg("serve");
        Self::start_as(command)
    }

    /// The same, by a command that has its subcommand and options already.
    pub fn start_as(mut command: Command) -> Self {
        go::root();
        // All tests come from few addresses, and are not about rates unless they say so.
        for rate in ["UNDERHOOD_RATE_RUNS", "UNDERHOOD_RATE_REQUESTS"] {
            if !command.get_envs().any(|(name, _)| name == rate) {
                command.env(rate, "off");
            }
        }
        command.args(["--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("underhood starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut heard = String::new();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                let _ = child.kill();
                let _ = child.wait();
                panic!("serve ended before it was ready:\n{heard}");
            };
            if let Some((_, address)) = line.split_once("listening on http://") {
                break address.trim_end_matches('/').parse().expect("an address");
            }
            heard.push_str(&line);
            heard.push('\n');
        };
        let log = Arc::new((Mutex::new(heard), Condvar::new()));
        // Whatever it logs must not fill the pipe; it shows when a test fails.
        let told = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("serve: {line}");
                *told.0.lock().unwrap_or_else(PoisonError::into_inner) += &(line + "\n");
                told.1.notify_all();
            }
        });
        Self { child, address, log }
    }

    /// Sends a body and takes the head of the answer.
    pub fn post(&self, body: impl AsRef<[u8]>, accept: &str) -> Answer {
        self.post_from(Ipv4Addr::LOCALHOST, body, accept)
    }

    /// The same as another client, at another address of the loopback network.
    pub fn post_from(&self, from: Ipv4Addr, body: impl AsRef<[u8]>, accept: &str) -> Answer {
        post(from, self.address, "/api/v1/runs", body.as_ref(), accept)
    }

    /// One run to its end, with this header line.
    #[track_caller]
    pub fn run_with(&self, request: &Value, headers: &[(&str, &str)]) -> Events {
        let headers = [&[("Accept", NDJSON)], headers].concat();
        let body = request.to_string();
        let mut answer =
            post_with(Ipv4Addr::LOCALHOST, self.address, "/api/v1/runs", body.as_bytes(), &headers, HANGS);
        let body = answer.rest();
        assert_eq!(answer.status, 200, "{body}");
        Events::of_lines(&body)
    }

    /// One run to its end.
    #[track_caller]
    pub fn run(&self, request: &Value) -> Events {
        self.run_from(Ipv4Addr::LOCALHOST, request)
    }

    /// The same as another client.
    #[track_caller]
    pub fn run_from(&self, from: Ipv4Addr, request: &Value) -> Events {
        let mut answer = self.post_from(from, request.to_string(), NDJSON);
        let body = answer.rest();
        assert_eq!(answer.status, 200, "{body}");
        Events::of_lines(&body)
    }

    /// One run to its end as one object, with headers beside `Accept`; or the problem, as text.
    pub fn whole(&self, from: Ipv4Addr, request: &Value, headers: &[(&str, &str)]) -> Result<Value, String> {
        let headers = [&[("Accept", JSON)], headers].concat();
        let body = request.to_string();
        let mut answer = post_with(from, self.address, "/api/v1/runs", body.as_bytes(), &headers, HANGS);
        let text = answer.rest();
        if answer.status != 200 {
            return Err(format!("{}: {text}", answer.status));
        }
        Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text:?}: {error}")))
    }

    /// Fails unless a good program still runs.
    #[track_caller]
    pub fn still_answers(&self) {
        let source = "package main\n\nfunc main() { println(6 * 7) }\n";
        let events = self.run(&json!({"source": source, "mode": "run"})).that_end("ok");
        assert_eq!(events.stderr(), "42\n");
    }

    /// Waits until it has logged these words.
    #[track_caller]
    pub fn logs(&self, words: &str) {
        let (log, heard) = &*self.log;
        let log = log.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = heard.wait_timeout_while(log, SILENCE, |log| !log.contains(words));
        let (log, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "{words:?} is not in {log}");
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The service's own process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// As `systemctl stop` does.
    #[track_caller]
    pub fn terminate(self, within: Duration) -> ExitStatus {
        self.ask_to_stop();
        self.ends(within)
    }

    /// The same without waiting for the end.
    pub fn ask_to_stop(&self) {
        signal(self.child.id(), Signal::SIGTERM);
    }

    /// Waits for the end.
    #[track_caller]
    pub fn ends(mut self, within: Duration) -> ExitStatus {
        let status = self.child.wait_timeout(within).expect("waited");
        status.unwrap_or_else(|| panic!("still there after {within:?}"))
    }

    /// As `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("reaped");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
