//! With the race detector a cell holds files of the host's C library. It gives no program anything else.

use super::{attack, prints};
use crate::harness::command::{Run, run_text};
use crate::harness::events::Events;
use crate::harness::host::Host;

const HELLO: &str = "package main\n\nfunc main() { println(\"hello\") }\n";

/// Hosts with mounts; the others have no race detector.
fn each(case: impl Fn(Host)) {
    // An ordinary user cannot compile it into a data folder that is another's.
    run_text(HELLO).opt("race=on").ends().with_code(0);
    Host::each(|host| {
        if host.holds("namespaces") {
            case(host);
        }
    });
}

fn with_race_detector(run: Run) -> Run {
    run.opt("race=on")
}

#[test]
fn of_the_host_there_is_the_c_library_and_nothing_of_it_changes() {
    each(|host| {
        let events: Events = with_race_detector(attack("c_library", host)).tells();
        let stdout = events.stdout();
        let (files, answers): (Vec<&str>, Vec<&str>) = stdout.lines().partition(|line| line.starts_with("file "));
        let is_expected = |file: &&str| {
            let name = file.trim_start_matches("file ");
            ["null", "exe"].contains(&name)
                || name.starts_with("ld-linux")
                || name.starts_with("lib") && name.contains(".so")
        };
        assert!(files.len() <= 8 && files.iter().all(is_expected), "{files:?}");
        assert!(files.contains(&"file libc.so.6") && files.contains(&"file ld-linux-x86-64.so.2"), "{files:?}");
        let refused =
            ["write", "remove", "mode", "move over", "beside", "preload", "link"].map(|what| format!("{what}: true"));
        let mut expected: Vec<&str> = refused.iter().map(String::as_str).collect();
        expected.extend(["read: <nil>", "copy: <nil>", "open: <nil>", "as code: operation not permitted"]);
        expected.extend(["execute the copy: permission denied", "fork: operation not permitted"]);
        expected.push("memfd: operation not permitted");
        assert_eq!(answers, expected, "{}", events.stderr());
        // The dynamic linker is started, and cannot map what lies in a folder that can be written.
        assert_eq!(events.exit()["code"], 127, "{}", events.stderr());
        assert!(events.stderr().contains("/tmp/program: failed to map segment"), "{}", events.stderr());
    });
}

/// Each of these says the same as in a cell without it.
#[test]
fn the_kernel_and_the_cell_answer_as_they_do_without_it() {
    each(|host| {
        for name in ["system_calls", "sockets", "links", "shared_counts"] {
            let without = attack(name, host).tells().that_end("ok").stdout();
            let with = with_race_detector(attack(name, host)).tells().that_end("ok");
            prints(&with, &without.lines().collect::<Vec<_>>());
        }
    });
}

#[test]
fn memory_and_processes_have_an_end() {
    each(|host| {
        let events = with_race_detector(attack("heap", host)).tells();
        let ended = if host.memory_is_hard() { "out_of_memory" } else { "failed" };
        assert_eq!(events.status(), ended, "{}", events.stderr());
        let forked = with_race_detector(attack("fork_bomb", host)).tells().that_end("ok");
        prints(&forked, &attack("fork_bomb", host).tells().stdout().lines().collect::<Vec<_>>());
    });
}

/// In words that say what is missing.
#[test]
fn without_namespaces_there_is_none() {
    Host::each(|host| {
        if !host.holds("namespaces") {
            let refused = run_text(HELLO).on(host).opt("race=on").ends().with_code(2);
            refused.and_says("the race detector cannot be had here").and_says("grants no namespaces");
        }
    });
}
