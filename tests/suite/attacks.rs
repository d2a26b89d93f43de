//! Programs that try to get out, or to take more than they may. Each has to fail, and to be told so as an event.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};

use crate::harness::command::{Run, run, run_text};
use crate::harness::events::Events;
use crate::harness::token;

fn attack(name: &str) -> Run {
    run(format!("attacks/{name}.go"))
}

/// Fails unless the program printed just these lines.
#[track_caller]
fn prints(events: &Events, lines: &[&str]) {
    assert_eq!(events.stdout().lines().collect::<Vec<_>>(), lines, "stderr: {}", events.stderr());
}

#[test]
fn the_hosts_files_are_not_there() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    let events = attack("host_files").arg(secret.path().to_str().expect("UTF-8")).tells().that_end("ok");
    prints(&events, &[r#""reader:x:1000:1000:A reader:/tmp:/bin/false\n" <nil>"#, "4 1000 1000 1000"]);
}

#[test]
fn the_hosts_network_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let name = token();
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let abstract_listener = UnixListener::bind_addr(&address).expect("a listener");
    let port = listener.local_addr().expect("an address").port().to_string();
    let events = attack("network").arg(&port).arg(&format!("@{name}")).tells().that_end("ok");
    let (tcp, socket) = (["tcp: true"; 4], ["socket: true"; 5]);
    let rest = ["interface: lo", "own loopback: <nil>", "own loopback: <nil>"];
    prints(&events, &[&tcp[..], &["abstract: true"], &socket, &rest].concat());
    listener.set_nonblocking(true).expect("set");
    assert_eq!(listener.accept().expect_err("nobody").kind(), ErrorKind::WouldBlock, "it reached the host");
    abstract_listener.set_nonblocking(true).expect("set");
    assert_eq!(abstract_listener.accept().expect_err("nobody").kind(), ErrorKind::WouldBlock, "it reached the host");
}

#[test]
fn there_are_no_other_processes() {
    let no = "operation not permitted";
    let refused = ["fork", "vfork", "clone", "clone newuser"].map(|call| format!("{call}: {no}"));
    let mut lines = vec!["exec: true"];
    lines.extend(refused.iter().map(String::as_str));
    lines.extend(["clone3: function not implemented", "forkexec: operation not permitted", "parent: true"]);
    lines.extend(["alive after kill(1)", "alive after kill(-1)"]);
    prints(&attack("processes").tells().that_end("ok"), &lines);
}

#[test]
fn the_kernel_says_no() {
    const EPERM: &str = "1";
    const ENOTTY: &str = "25";
    const ENOSYS: &str = "38";
    let events = attack("system_calls").tells().that_end("ok");
    let stdout = events.stdout();
    let mut calls = 0;
    for line in stdout.lines() {
        let (call, errno) = line.split_once(' ').expect("a call and its answer");
        let expected = match call {
            "memfd_secret" | "shmget" | "mq_open" | "openat2" | "fsopen" => ENOSYS,
            "tiocsti" => ENOTTY,
            _ => EPERM,
        };
        assert_eq!(errno, expected, "{call}");
        calls += 1;
    }
    assert_eq!(calls, 36, "{stdout}");
}

#[test]
fn killing_everything_ends_the_program_at_most() {
    let source = "package main\n\nimport \"syscall\"\n\n\
        func main() { println(\"before\"); syscall.Kill(-1, syscall.SIGKILL); println(\"after\") }\n";
    let events = run_text(source).tells();
    assert!(["ok", "signalled"].contains(&events.status()), "{}", events.exit());
    assert!(events.stderr().starts_with("before\n"), "{}", events.stderr());
}

#[test]
fn only_its_own_folders_can_be_written() {
    let events = attack("writes").tells().that_end("ok");
    let own = ["own folder: <nil>", "exec: permission denied"];
    let null = ["setuid bit: false", "/dev/null: <nil>", "/dev/null removed: false"];
    prints(&events, &[&["through a link: true"][..], &own, &own, &null].concat());
    assert!(std::fs::metadata("/dev/null").is_ok_and(|null| !null.is_file()), "the machine's /dev/null");
}

#[test]
fn the_disk_has_an_end() {
    let events = attack("disk").tells().that_end("ok");
    prints(&events, &["disk: true true", "disk: true true", "disk: true true", "sparse: true", "inodes: true"]);
}

#[test]
fn descriptors_have_an_end() {
    prints(&attack("descriptors").tells().that_end("ok"), &["true true", "raise: operation not permitted"]);
}

#[test]
fn threads_have_an_end() {
    let events = attack("threads").tells().that_end("failed");
    assert_eq!(events.exit()["code"], 2);
    assert!(events.stderr().contains("failed to create new OS thread"), "{}", events.stderr());
}

#[test]
fn memory_has_an_end_however_it_is_taken() {
    attack("memory_files").tells().that_end("out_of_memory");
    attack("recursion").tells().that_end("out_of_memory");
}

#[test]
fn what_holds_standard_output_does_not_hold_the_run() {
    let events = attack("holds_stdout").tells().that_end("ok");
    prints(&events, &["done"]);
}

#[test]
fn nothing_of_the_host_is_built_in() {
    for (program, says) in [
        ("programs/embed_outside.go", "pattern ../../etc/passwd: invalid pattern syntax"),
        ("programs/internal_import.go", "use of internal package internal/abi not allowed"),
        ("programs/cgo.go", "go: no Go source files"),
        ("attacks/linker_flags.go", "only allowed in cgo-generated code"),
    ] {
        let events = run(program).tells().that_end("build_failed");
        assert!(events.stderr().contains(says), "{program}: {}", events.stderr());
    }
    let absolute =
        "package main\n\nimport _ \"embed\"\n\n//go:embed /etc/passwd\nvar passwd string\n\nfunc main() {}\n";
    run_text(absolute).tells().that_end("build_failed");
}

#[test]
fn positions_that_lie_are_just_text() {
    let events = run("programs/line_directive_error.go").tells().that_end("build_failed");
    assert!(events.stderr().contains("/etc/shadow:7"), "{}", events.stderr());
    assert!(!events.stderr().contains("root:"), "{}", events.stderr());
}

#[test]
fn what_all_cells_share_cannot_be_used_up_or_locked() {
    let events = attack("shared_counts").tells().that_end("ok");
    let expected = [
        "inotify: operation not permitted",
        "few timers: true",
        "flock: operation not permitted",
        "fcntl lock: operation not permitted",
        "times of a device: chtimes /dev/null: read-only file system",
        "write: <nil>",
    ];
    prints(&events, &expected);
}
