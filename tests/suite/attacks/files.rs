//! The host's files are out of sight, the cell's own have an end, and nothing of them is left.

use serde_json::json;

use super::{Answers, attack, prints};
use crate::harness::events::Events;
use crate::harness::host::Host;
use crate::harness::serve::Service;
use crate::harness::text_of;

#[test]
fn the_hosts_files_are_not_there() {
    let secret = tempfile::NamedTempFile::new_in("/var/tmp").expect("a file");
    Host::each(|host| {
        let events = attack("host_files", host).arg(secret.path().to_str().expect("UTF-8")).tells().that_end("ok");
        let answers = Answers::of(host);
        prints(&events, &[answers.passwd, &format!("5 {}", answers.ids)]);
    });
}

#[test]
fn only_its_own_folders_can_be_written() {
    Host::each(|host| {
        let events = attack("writes", host).tells().that_end("ok");
        let own = ["own folder: <nil>", "exec: permission denied"];
        let null = ["setuid bit: false", "/dev/null: <nil>", "/dev/null removed: false"];
        prints(&events, &[&["through a link: true"][..], &own, &own, &null].concat());
        assert!(std::fs::metadata("/dev/null").is_ok_and(|null| !null.is_file()), "the machine's /dev/null");
    });
}

#[test]
fn links_and_devices_lead_nowhere() {
    const REFUSED: [&str; 14] = [
        "hard link to the time zones",
        "hard link to passwd",
        "hard link to null",
        "move /tmp",
        "remove /tmp",
        "remove /code",
        "move over /dev/null",
        "exchange",
        "fifo",
        "device",
        "socket",
        "owner",
        "up",
        "loop",
    ];
    let refused = REFUSED.map(|what| format!("{what}: true"));
    let lines: Vec<&str> = refused.iter().map(String::as_str).chain(["done"]).collect();
    Host::each(|host| prints(&attack("links", host).tells().that_end("ok"), &lines));
}

#[test]
fn the_disk_has_an_end() {
    Host::each(|host| {
        let (service, events) = served("disk", host);
        let end = Answers::of(host).files_have_an_end;
        let (sum, inodes) = (format!("sum: {end}"), format!("inodes: {end}"));
        let folder = the_cells_folder(&events);
        let each = "disk: true true";
        prints(&events, &[each, each, each, &sum, "sparse: true", &inodes, &format!("folder: {folder}")]);
        nothing_is_left_of(&folder, &service, host);
    });
}

/// By a service with one place, which lives on when the run has ended.
fn served(attack: &str, host: Host) -> (Service, Events) {
    let service = Service::start_on(host, &[("BUILD_SECONDS", "60"), ("RUN_SECONDS", "60"), ("MAX_RUNS", "1")]);
    let source = text_of(&format!("attacks/{attack}.go"));
    let events = service.run(&json!({"source": source, "mode": "run"})).that_end("ok");
    (service, events)
}

/// The last line of a program that says where its temporary files lie.
#[track_caller]
fn the_cells_folder(events: &Events) -> String {
    let stdout = events.stdout();
    let last = stdout.lines().last().and_then(|line| line.strip_prefix("folder: "));
    last.unwrap_or_else(|| panic!("no folder: {stdout}{}", events.stderr())).to_owned()
}

/// With namespaces a cell's files die with its mounts. Without them they lie on the host's disk, and have to be removed
/// before the run's place is given to another.
#[track_caller]
fn nothing_is_left_of(folder: &str, service: &Service, host: Host) {
    if host == Host::NoNamespaces {
        assert!(folder.starts_with("/tmp/underhood-"), "{folder}");
        // As the service sees it.
        let root = format!("/proc/{}/root", service.pid());
        let home = folder.split('/').take(3).collect::<Vec<_>>().join("/");
        assert!(std::fs::exists(format!("{root}{home}")).expect("looked up"), "not even {home} is there");
        // Whoever is next has the place of the one before.
        service.run(&json!({"source": text_of("programs/hello.go"), "mode": "run"})).that_end("ok");
        assert!(!std::fs::exists(format!("{root}{folder}")).expect("looked up"), "{folder} is still there");
    } else {
        assert_eq!(folder, "/tmp");
    }
}

/// What a program leaves in its cell may be large, but must not make the end of the cell slow.
#[test]
fn a_tree_that_is_left_behind_is_gone_at_once() {
    Host::each(|host| {
        let (service, events) = served("deep_tree", host);
        let stdout = events.stdout();
        let lines: Vec<&str> = stdout.lines().collect();
        let names = if Answers::of(host).files_have_an_end { "true no space left on device" } else { "false <nil>" };
        assert!(lines[0] == "2000" && lines[1].starts_with(names), "{lines:?}");
        nothing_is_left_of(&the_cells_folder(&events), &service, host);
    });
}

#[test]
fn descriptors_have_an_end() {
    Host::each(|host| {
        let events = attack("descriptors", host).tells().that_end("ok");
        prints(&events, &["true true", "raise: operation not permitted"]);
    });
}

#[test]
fn no_descriptor_is_left_open_for_a_program() {
    const REFUSED: [&str; 5] = ["F_SETPIPE_SZ", "F_ADD_SEALS", "F_SETOWN", "F_NOTIFY", "F_SETLEASE"];
    Host::each(|host| {
        let answers = Answers::of(host);
        let executable = format!("executable: {}", answers.executable_fails);
        let mut lines = vec!["open: [0 1 2]", "/proc/self/fd: true", "/dev/fd: true", &executable];
        lines.extend(["write to 0: bad file descriptor", "truncate 0: true", "map 0 to write: permission denied"]);
        lines.push("read from 1: bad file descriptor");
        let refused = REFUSED.map(|command| format!("{command}: operation not permitted"));
        lines.extend(refused.iter().map(String::as_str));
        lines.push("execute standard input: permission denied");
        let input = host.path(&crate::harness::suite("attacks/script.txt"));
        let events = attack("finds_descriptors", host).argument("--stdin").argument(input).tells();
        prints(&events.that_end("ok"), &lines);
    });
}
