//! What a host is told that lacks something: full, reduced and no sandbox, by `doctor`, `run` and `serve`.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::command::{Ended, finish};
use crate::harness::host::Host;
use crate::harness::serve::Service;
use crate::harness::{suite, text_of};

/// Root's rights that cells of their own uid need: those that Docker leaves to root, among others.
const RIGHTS: [&str; 5] = ["+setuid", "+setgid", "+chown", "+dac_override", "+kill"];

fn ends(mut command: Command, arguments: &[&str]) -> Ended {
    command.args(arguments);
    finish(command, b"")
}

/// The states of the controls that `doctor --json` tells, and the level.
fn doctor(command: Command) -> (String, impl Fn(&str) -> String) {
    let ended = ends(command, &["doctor", "--json"]);
    let report: Value =
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr));
    let level = report["level"].as_str().expect("a level").to_owned();
    let state = move |name: &str| {
        let controls = report["controls"].as_array().expect("controls");
        let control = controls.iter().find(|control| control["name"] == name).expect("such a control");
        control["state"].as_str().expect("a state").to_owned()
    };
    (level, state)
}

#[test]
fn doctor_tells_the_level_and_what_is_missing() {
    Host::each(|host| {
        let (level, state) = doctor(host.underhood());
        let told = ends(host.underhood(), &["doctor"]).with_code(0);
        let (expected, namespaces, identity, advice) = match host {
            Host::Root => ("full", "active", "active", ""),
            Host::User => ("full", "active", "degraded", ""),
            Host::NoNamespaces => ("reduced", "missing", "degraded", "--allow-reduced-sandbox"),
        };
        assert_eq!((level.as_str(), &*state("namespaces"), &*state("identity")), (expected, namespaces, identity));
        assert!(told.stdout.starts_with(&format!("sandbox: {expected}\n")), "{}", told.stdout);
        assert!(told.stdout.contains(advice), "{}", told.stdout);
        assert_eq!(told.stdout.contains("user.max_user_namespaces"), namespaces == "missing", "{}", told.stdout);
    });
}

/// All addresses of the machine are listened on, and nothing is sent to any.
#[test]
fn a_reduced_sandbox_is_not_for_others_unless_the_operator_says_so() {
    const ALL: [&str; 3] = ["serve", "--listen", "0.0.0.0:0"];
    let host = Host::NoNamespaces;
    if !Host::tried().hosts.contains(&host) {
        return;
    }
    let refused = ends(host.underhood(), &ALL).with_code(1);
    let refused = refused.and_says("--allow-reduced-sandbox").and_says("grants no namespaces");
    assert!(!refused.stderr.contains("listening on"), "{}", refused.stderr);

    let mut command = host.underhood();
    command.args(ALL).arg("--allow-reduced-sandbox").stdin(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("underhood starts");
    let mut heard = String::new();
    for line in std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().expect("piped"))) {
        heard += &line.expect("a line");
        if heard.contains("listening on http://0.0.0.0:") {
            break;
        }
    }
    child.kill().expect("killed");
    child.wait().expect("reaped");
    assert!(heard.contains("listening on http://0.0.0.0:") && heard.contains("the sandbox is reduced"), "{heard}");
}

#[test]
fn every_page_says_that_the_sandbox_is_reduced() {
    const BANNER: &str = "Reduced sandbox.";
    Host::each(|host| {
        let service = Service::start_on(host, &[]);
        for page in ["/", "/examples", "/no-such-page"] {
            let text = get(&service, page);
            assert_eq!(text.contains(BANNER), host == Host::NoNamespaces, "{page}: {text}");
        }
    });
}

fn get(service: &Service, page: &str) -> String {
    let mut stream = TcpStream::connect(service.address()).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
    write!(stream, "GET {page} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("sent");
    std::io::read_to_string(stream).expect("an answer in UTF-8")
}

/// As in a container that is run by root: no namespaces, but a uid for every cell.
#[test]
fn root_without_namespaces_gives_every_cell_a_uid() {
    if Host::mine() != Host::Root {
        return;
    }
    let (level, state) = doctor(Host::root_without_namespaces(&RIGHTS));
    assert_eq!((level.as_str(), &*state("identity")), ("reduced", "active"));
    // Whoever is next has the one place only when the folder of the one before is gone.
    let service = Service::start_by(Host::root_without_namespaces(&RIGHTS), &[("MAX_RUNS", "1")]);
    let run = |name: &str, args: &[&str]| {
        let source = text_of(&format!("attacks/{name}.go"));
        service.run(&json!({"source": source, "mode": "run", "args": args}))
    };
    let ids = |text: String| text.lines().last().and_then(|line| line.split(' ').nth(1)?.parse::<u32>().ok());
    let uid = ids(run("host_files", &["/etc/shadow"]).that_end("ok").stdout()).expect("a uid");
    assert!((1_900_000_000..1_900_065_536).contains(&uid), "uid {uid}");
    // What it leaves belongs to that uid, and is removed all the same.
    for name in ["disk", "deep_tree"] {
        let stdout = run(name, &[]).that_end("ok").stdout();
        let folder = stdout.lines().last().and_then(|line| line.strip_prefix("folder: ")).expect("a folder");
        let (home, _) = folder.split_once("/cell-").expect("a cell's folder");
        service.still_answers();
        let is_there =
            |path: &str| std::fs::exists(format!("/proc/{}/root{path}", service.pid())).expect("looked up");
        assert!(is_there(home) && !is_there(folder), "{folder}");
    }
    let threads = run("threads", &[]).that_end("failed");
    assert!(threads.stderr().contains("failed to create new OS thread"), "{}", threads.stderr());
    service.still_answers();
}

/// Root's own processes are not limited in number, and too much belongs to root.
#[test]
fn root_that_cannot_give_cells_a_uid_runs_nothing() {
    if Host::mine() != Host::Root {
        return;
    }
    let host = || Host::root_without_namespaces(&[]);
    let lacks = "root, without the right to take another uid: start the service as an ordinary user";
    let (level, state) = doctor(host());
    assert_eq!((level.as_str(), &*state("identity")), ("none", "missing"));
    let told = ends(host(), &["doctor"]).with_code(1);
    assert!(told.stdout.starts_with("sandbox: none\n") && told.stdout.contains(lacks), "{}", told.stdout);
    let hello = Host::User.path(&suite("programs/hello.go"));
    let ran = ends(host(), &["run", hello.to_str().expect("UTF-8")]).with_code(125).and_says(lacks);
    assert_eq!(ran.stdout, "");
    let served = ends(host(), &["serve", "--listen", "127.0.0.1:0"]).with_code(1).and_says(lacks);
    assert!(!served.stderr.contains("listening on"), "{}", served.stderr);
}
