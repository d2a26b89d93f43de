//! The host's files are out of sight, the cell's own have an end, and nothing of them is left.

use std::time::Duration;

use super::{attack, prints};
use crate::harness::host::Host;
use crate::harness::{processes, token};

#[test]
fn the_hosts_files_are_not_there() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    Host::each(|host| {
        let events = attack("host_files", host).arg(secret.path().to_str().expect("UTF-8")).tells().that_end("ok");
        prints(&events, &[r#""reader:x:1000:1000:A reader:/tmp:/bin/false\n" <nil>"#, "4 1000 1000 1000"]);
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
        let events = attack("disk", host).tells().that_end("ok");
        prints(&events, &["disk: true true", "disk: true true", "disk: true true", "sparse: true", "inodes: true"]);
    });
}

/// What a program leaves in its cell may be large, but must not make the end of the cell slow.
#[test]
fn a_tree_that_is_left_behind_is_gone_at_once() {
    Host::each(|host| {
        let token = token();
        let events = attack("deep_tree", host).arg(&token).tells().that_end("ok");
        let stdout = events.stdout();
        let lines: Vec<&str> = stdout.lines().collect();
        assert!(lines[0] == "2000" && lines[1].starts_with("true"), "{lines:?}");
        assert!(lines[1].ends_with("no space left on device"), "{lines:?}");
        processes::are_gone(&token, Duration::ZERO);
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
    let refused = ["F_SETPIPE_SZ", "F_ADD_SEALS", "F_SETOWN", "F_NOTIFY", "F_SETLEASE"];
    let refused = refused.map(|command| format!("{command}: operation not permitted"));
    let mut lines = vec!["open: [0 1 2]", "/proc/self/fd: true", "/dev/fd: true", "executable: true"];
    lines.extend(["write to 0: bad file descriptor", "truncate 0: true", "map 0 to write: permission denied"]);
    lines.push("read from 1: bad file descriptor");
    lines.extend(refused.iter().map(String::as_str));
    // Its standard input names an interpreter in the cell's own folder, where nothing can be executed.
    lines.push("execute standard input: permission denied");
    Host::each(|host| {
        let input = host.path(&crate::harness::suite("attacks/script.txt"));
        let events = attack("finds_descriptors", host).argument("--stdin").argument(input).tells();
        prints(&events.that_end("ok"), &lines);
    });
}
