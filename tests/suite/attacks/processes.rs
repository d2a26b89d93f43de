//! A program is alone, stays one process, and ends when it has to.

use std::time::Duration;

use super::{Answers, attack, prints, program};
use crate::harness::host::Host;
use crate::harness::{processes, token};

#[test]
fn there_are_no_other_processes() {
    let no = "operation not permitted";
    let refused = ["fork", "vfork", "clone", "clone newuser"].map(|call| format!("{call}: {no}"));
    let mut lines = vec!["exec: true"];
    lines.extend(refused.iter().map(String::as_str));
    lines.extend(["clone3: function not implemented", "forkexec: operation not permitted"]);
    Host::each(|host| {
        let parent = format!("parent: {}", Answers::of(host).parent_is_first);
        let lines = [&lines[..], &[&parent, "alive after kill(1)", "alive after kill(-1)"]].concat();
        prints(&attack("processes", host).tells().that_end("ok"), &lines);
    });
}

/// No child is ever made, so there are neither daemons nor zombies.
#[test]
fn a_fork_bomb_does_not_fork() {
    Host::each(|host| {
        let token = token();
        let events = attack("fork_bomb", host).arg(&token).tells().that_end("ok");
        prints(&events, &["children: 0 operation not permitted", "zombies: no child processes"]);
        processes::are_gone(&token, Duration::ZERO);
    });
}

#[test]
fn threads_have_an_end() {
    Host::each(|host| {
        let events = attack("threads", host).tells().that_end("failed");
        assert_eq!(events.exit()["code"], 2);
        assert!(events.stderr().contains("failed to create new OS thread"), "{}", events.stderr());
        // Where the kernel counts, it is told in words too.
        let told = events.first("diagnostic").is_some_and(|diagnostic| diagnostic["code"] == "threads");
        assert_eq!(told, host.holds("cgroup pids"), "{events:?}");
    });
}

#[test]
fn what_holds_standard_output_does_not_hold_the_run() {
    Host::each(|host| prints(&attack("holds_stdout", host).tells().that_end("ok"), &["done"]));
}

#[test]
fn what_will_not_end_is_ended() {
    Host::each(|host| {
        for name in ["ignores_signals", "stops_itself"] {
            let token = token();
            let events = attack(name, host).arg(&token).limit("RUN_SECONDS", 1).tells().that_end("timed_out");
            assert_eq!(events.stdout() + &events.stderr(), "begun\n", "{name}");
            processes::are_gone(&token, Duration::ZERO);
        }
        let ended = attack("stops_itself", host).limit("RUN_SECONDS", 1).ends().with_code(124);
        ended.and_says("begun\n").and_says("ran longer than it may");
    });
}

/// The stages of a run are told by events; it is killed at each of them, and just before.
#[test]
fn killing_underhood_at_any_moment_ends_the_program() {
    Host::each(|host| {
        for lines in [0, 1, 3, 5] {
            let token = token();
            let below = attack("ignores_signals", host).arg(&token).killed_after(lines);
            processes::have_ended(&below, Answers::of(host).last_process);
            processes::are_gone(&token, Duration::ZERO);
        }
    });
}

#[test]
fn killing_everything_ends_the_program_at_most() {
    let source = "package main\n\nimport \"syscall\"\n\n\
        func main() { println(\"before\"); syscall.Kill(-1, syscall.SIGKILL); println(\"after\") }\n";
    Host::each(|host| {
        let events = program(source, host).tells();
        assert!(["ok", "signalled"].contains(&events.status()), "{}", events.exit());
        assert!(events.stderr().starts_with("before\n"), "{}", events.stderr());
    });
}

/// The init of a cell is deaf: neither a kill nor a false word that its child has ended reaches it.
#[test]
fn no_signal_reaches_the_init() {
    Host::each(|host| {
        let events = attack("signals", host).tells().that_end("failed");
        prints(&events, &["alive"]);
        assert_eq!(events.exit()["code"], 3);
    });
}

#[test]
fn every_deadly_signal_is_told_by_its_name() {
    Host::each(|host| {
        for (number, name) in [(6, "SIGABRT"), (9, "SIGKILL"), (31, "SIGSYS")] {
            let events = attack("dies_of", host).arg(&number.to_string()).tells().that_end("signalled");
            assert_eq!((&events.exit()["signal"], events.stderr().as_str()), (&name.into(), "before\n"));
        }
        let events = attack("dies_of", host).arg("9").arg("its whole group").tells().that_end("signalled");
        assert_eq!(events.stderr(), "before\n");
    });
}

/// These have no names of their own (signal(7)).
#[test]
fn a_real_time_signal_is_the_programs_end_and_not_ours() {
    Host::each(|host| {
        for number in ["34", "64"] {
            let events = attack("dies_of", host).arg(number).tells().that_end("signalled");
            assert!(events.exit()["signal"].as_str().is_some_and(|name| name.contains(number)), "{}", events.exit());
            assert_eq!(events.stderr(), "before\n");
        }
    });
}

/// A program may end with the codes that `underhood run` has for its own verdicts. The event tells them apart, and on a
/// terminal the words that come with a verdict are missing.
#[test]
fn exit_codes_that_look_like_ours() {
    Host::each(|host| {
        for code in [124, 125] {
            let events = attack("exits_with", host).arg(&code.to_string()).tells().that_end("failed");
            assert_eq!(events.exit()["code"], code);
        }
        let ended = attack("exits_with", host).arg("137").ends().with_code(137);
        assert_eq!(ended.stderr, Answers::of(host).warning);
    });
}

#[test]
fn limits_cannot_be_raised_and_may_be_lowered() {
    const LIMITS: [&str; 10] =
        ["CPU", "FSIZE", "CORE", "NPROC", "NOFILE", "MEMLOCK", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO"];
    let refused = LIMITS.map(|limit| format!("{limit} 1 1"));
    let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
    Host::each(|host| {
        let events = attack("limits", host).tells().that_end("ok");
        prints(&events, &refused);
        assert_eq!(events.stderr(), "then: too many open files\nthen: cannot allocate memory\n");
    });
}

/// A core would be written, or piped into a program of the host's, if RLIMIT_CORE were not what it is.
#[test]
fn a_crash_leaves_no_core() {
    let crash =
        "package main\n\nimport \"os\"\n\nfunc main() {\n\tif len(os.Args) > 1 {\n\t\tpanic(\"down\")\n\t}\n}\n";
    Host::each(|host| {
        let events = program(crash, host).env("GOTRACEBACK=crash").arg("x").tells().that_end("signalled");
        assert_eq!(events.exit()["signal"], "SIGABRT");
        assert!(events.stderr().starts_with("panic: down\n"), "{}", events.stderr());
    });
}

#[test]
fn ending_in_the_middle_of_writing_keeps_what_was_written() {
    Host::each(|host| {
        let events = attack("ends_while_writing", host).tells().that_end("ok");
        for text in [events.stdout(), events.stderr()] {
            let whole = text.strip_suffix('\n').expect("a whole line at the end");
            assert!(whole.lines().count() >= 1900 && whole.lines().all(|line| line == "0123456789"), "{text}");
        }
    });
}

#[test]
fn closing_all_output_does_not_end_the_run_nor_lose_the_code() {
    Host::each(|host| {
        let events = attack("goes_on_unheard", host).tells().that_end("failed");
        prints(&events, &["before"]);
        assert_eq!(events.exit()["code"], 7);
        assert!(events.exit()["wall_ms"].as_u64().is_some_and(|wall| wall >= 300), "{}", events.exit());
    });
}
