//! Memory has an end however it is taken.
//!
//! With a memory cgroup (*hard*) everything that a cell holds counts together, and the answer is `out_of_memory`. Without
//! one (*soft*) RLIMIT_DATA refuses private memory beyond the limit, Go says so in its own words, and three ways lead
//! past it; those are named below, since they are not held.

use super::{attack, prints, says_out_of_memory};
use crate::harness::events::Events;
use crate::harness::host::Host;

/// The limit in these cases, so that it is soon reached, and twice as much in bytes: the most that a soft case is let
/// have, so that the machine survives what is not held.
const LITTLE: &str = "64MiB";
const TWICE_AS_MUCH: u64 = 128 << 20;

/// Far more than any cell may have.
const ENDLESS: u64 = 1 << 40;

/// Either answer tells the reader what ran out.
#[track_caller]
fn ran_out(events: Events, host: Host) {
    if host.memory_is_hard() {
        let events = events.that_end("out_of_memory");
        assert_eq!(events.exit()["signal"], "SIGKILL");
    } else {
        let events = events.that_end("failed");
        let stderr = events.stderr();
        assert!(says_out_of_memory(&stderr), "{stderr}");
    }
}

#[test]
fn the_heap() {
    Host::each(|host| ran_out(attack("heap", host).limit("RUN_MEMORY", LITTLE).tells(), host));
}

/// The memory limit comes before Go's own limit of 1 GB on a stack.
#[test]
fn endless_recursion() {
    Host::each(|host| ran_out(attack("recursion", host).limit("RUN_MEMORY", LITTLE).tells(), host));
}

#[test]
fn what_a_terminal_says_of_it() {
    Host::each(|host| {
        let ended = attack("heap", host).limit("RUN_MEMORY", LITTLE).ends();
        if host.memory_is_hard() {
            ended.with_code(137).and_says("needed more memory than it may");
        } else {
            ended.with_code(2).and_says("out of memory");
        }
    });
}

/// Not held where memory is soft: RLIMIT_DATA counts no shared memory.
#[test]
fn shared_anonymous_memory() {
    beyond_rlimit_data("shared");
}

/// Not held where memory is soft: RLIMIT_DATA takes a mapping that grows down for a stack.
#[test]
fn memory_that_grows_down() {
    beyond_rlimit_data("growsdown");
}

fn beyond_rlimit_data(kind: &str) {
    Host::each(|host| {
        let attack = || attack("shared_memory", host).limit("RUN_MEMORY", LITTLE);
        let run = |most: u64| attack().arg(kind).arg(&most.to_string()).tells();
        if host.memory_is_hard() {
            ran_out(run(ENDLESS), host);
        } else {
            prints(&run(TWICE_AS_MUCH).that_end("ok"), &["taken true"]);
        }
    });
}

/// A page of tables for every 2 MiB that are looked at, and no page of data. Not held where memory is soft.
#[test]
fn page_tables() {
    beyond_rlimit_data("tables");
}

/// Files of a cell lie in memory. Where memory is soft they are not counted with the rest: a cell may have both.
#[test]
fn files() {
    Host::each(|host| {
        let events = attack("disk", host).limit("RUN_MEMORY", LITTLE).tells();
        if host.memory_is_hard() {
            // Killing the program gives no file back, so the cell's init may go too, and with it the program's signal.
            events.that_end("out_of_memory");
        } else {
            assert!(events.that_end("ok").stdout().starts_with("disk: true true\n"));
        }
    });
}

/// Buffers of TCP are the kernel's memory, and all connections of the machine draw on one pool. Held by v2, where
/// they count as memory, and by a limit of their own on v1. Where memory is soft they are as many as descriptors and the
/// kernel's own limit for a connection allow.
#[test]
fn socket_buffers() {
    Host::each(|host| {
        let events = attack("socket_buffers", host).tells();
        if events.status() == "out_of_memory" && host.memory_is_hard() {
            return;
        }
        let events = events.that_end("ok");
        let stdout = events.stdout();
        let mebibytes: u64 = stdout.split(' ').nth(2).and_then(|word| word.parse().ok()).expect("a number");
        let most = if host.memory_is_hard() { 256 } else { 1024 };
        assert!(mebibytes <= most, "the kernel holds {stdout}");
    });
}

#[test]
fn pipe_buffers() {
    Host::each(|host| prints(&attack("pipes", host).tells().that_end("ok"), &["too many open files", "true true"]));
}

/// Descriptors on their way through a socket belong to no process; the kernel counts them for the uid.
#[test]
fn descriptors_in_flight() {
    Host::each(|host| {
        let events = attack("in_flight", host).tells().that_end("ok");
        prints(&events, &["sent: too many references: cannot splice", "bounded: true"]);
    });
}

#[test]
fn no_memory_is_locked_shared_or_poisoned() {
    Host::each(|host| {
        let events = attack("locked_memory", host).tells().that_end("ok");
        let expected = [
            "mlock: function not implemented",
            "mlockall: function not implemented",
            "mmap: true",
            "mmap: true",
            "madvise: invalid argument",
            "madvise: invalid argument",
            "page zero: true",
            // All pages look alike to one who does not own the file; to its owner they all are there, or not, since
            // every cell reads the same file.
            "mincore: errno 0 64",
            "map to write: permission denied",
            "map to execute: operation not permitted",
        ];
        let stdout = events.stdout();
        for (line, expected) in stdout.lines().zip(expected) {
            let is_own_file = host == Host::User && line.starts_with("mincore: errno 0 ");
            // EINVAL without the kernel's option for it, EPERM with it.
            let is_denied = line == "madvise: operation not permitted";
            assert!(line == expected || is_own_file || is_denied, "{line:?}, not {expected:?}");
        }
        assert_eq!(stdout.lines().count(), expected.len(), "{stdout}");
    });
}
