//! Limits by control groups: that a cell has them, that they are told rightly, and that nothing of them is left.
//!
//! `UNDERHOOD_TEST_CGROUP`, `v1` or `v2`, says which interface must be found; otherwise what `doctor` tells is held
//! against what the kernel shows.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::harness::client::Answer;
use crate::harness::command::run;
use crate::harness::endless::{Cgroup, Endless, PROGRAM, Pids, cgroups_of, signal};
use crate::harness::host::Host;
use crate::harness::serve::{NDJSON, Service};
use crate::harness::{text_of, token};

/// How long the kernel and a zygote may take to put away what is over. Emulated machines are slow.
const PUT_AWAY: Duration = Duration::from_secs(20);

/// What `doctor` says of a control: `Some(version)` when a control group holds it.
fn told(control: &str) -> Option<String> {
    let output = Host::mine().underhood().args(["doctor", "--json"]).stdin(Stdio::null()).output().expect("it runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let controls = report["controls"].as_array().expect("controls");
    let told = controls.iter().find(|told| told["name"] == control).expect("the control");
    let detail = told["detail"].as_str().expect("a detail");
    let version = (told["state"] == "active")
        .then(|| detail.strip_prefix("cgroup ").and_then(|detail| detail.split(':').next()).expect("a version"));
    if let Ok(wanted) = env::var("UNDERHOOD_TEST_CGROUP") {
        assert_eq!(version, Some(wanted.as_str()), "{told}");
    }
    version.map(str::to_owned)
}

/// The leaves of a program's cell: control groups that are not the service's own.
fn leaves_of(program: u32) -> Vec<Cgroup> {
    let is_leaf = |folder: &PathBuf| {
        let names: Vec<&str> = folder.iter().rev().take(2).filter_map(|name| name.to_str()).collect();
        names[0].starts_with("cell-") && names[1].starts_with("underhood-")
    };
    cgroups_of(program).into_iter().filter(|(_, folder)| is_leaf(folder)).collect()
}

/// Fails unless all of these are removed in time.
#[track_caller]
fn are_removed(leaves: &[Cgroup]) {
    let begun = Instant::now();
    let folders = || leaves.iter().filter_map(|(_, leaf)| leaf.parent()).filter(|folder| folder.exists());
    while let Some(folder) = folders().next() {
        assert!(begun.elapsed() < PUT_AWAY, "{} is still there", folder.display());
        // No event tells that a folder is removed.
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// `underhood run` lets all cells together have what the larger stage may have.
const LIMITS: &[(&str, &str)] = &[("RUN_MEMORY", "96MiB"), ("BUILD_MEMORY", "700MiB"), ("RUN_PIDS", "40")];

#[test]
fn a_cell_has_the_limits_that_are_told() {
    let running = Endless::start(Host::mine().underhood(), LIMITS);
    let leaves = leaves_of(running.pids.program);
    let limits =
        [("memory", ["memory.limit_in_bytes", "memory.max"], "100663296"), ("pids", ["pids.max", "pids.max"], "41")];
    for (controller, [v1, v2], limit) in limits {
        let version = told(&format!("cgroup {controller}"));
        let file = if version.as_deref() == Some("v2") { v2 } else { v1 };
        let of_version = |names: &[String]| match version.as_deref() {
            Some("v2") => names.is_empty(),
            _ => names.iter().any(|name| name == controller),
        };
        let leaf = leaves.iter().find(|(names, _)| of_version(names)).map(|(_, folder)| folder);
        assert_eq!(leaf.is_some(), version.is_some(), "{controller}: {version:?}, {leaves:?}");
        if let Some(leaf) = leaf {
            let written = fs::read_to_string(leaf.join(file)).expect("a limit");
            assert_eq!(written.trim_end(), limit, "{controller}");
            if controller == "memory" {
                let all = fs::read_to_string(leaf.with_file_name(file)).expect("a limit");
                assert_eq!(all.trim_end(), (700 << 20).to_string(), "memory of all cells");
            }
        }
    }
    if let Some(version) = told("cgroup cpu") {
        let (file, weight) = if version == "v2" { ("cpu.weight", "10") } else { ("cpu.shares", "102") };
        let weights = leaves.iter().filter_map(|(_, leaf)| fs::read_to_string(leaf.parent()?.join(file)).ok());
        assert_eq!(weights.map(|text| text.trim_end().to_owned()).collect::<Vec<_>>(), [weight]);
    }
    drop(running);
    are_removed(&leaves);
}

/// Reads up to the event that has this in it.
#[track_caller]
fn come_to(answer: &mut Answer, text: &str) {
    loop {
        let line = answer.line();
        assert!(!line.is_empty(), "it ended before {text:?}");
        if line.contains(text) {
            return;
        }
    }
}

#[test]
fn what_a_killed_program_used_is_counted() {
    let events = run(PROGRAM).limit("RUN_SECONDS", 3).tells().that_end("timed_out");
    let used = |what: &str| events.exit()[what].as_u64().expect("a number");
    // Of v1, only memory is counted.
    if told("cgroup.kill").is_some() {
        assert!((300..=30_000).contains(&used("cpu_ms")), "{}", events.exit());
    }
    if told("cgroup memory").is_some() {
        assert!((100 << 10..256 << 20).contains(&used("max_rss_bytes")), "{}", events.exit());
    }
}

/// The zygote that takes the place of a dead one finds itself where the first one moved the service.
#[test]
fn a_zygote_that_replaces_a_dead_one_limits_as_well() {
    let service = Service::start();
    let begin = || {
        let token = token();
        let request = json!({"source": text_of(PROGRAM), "mode": "run", "args": [token]});
        let mut answer = service.post(request.to_string(), NDJSON);
        come_to(&mut answer, "begun");
        let pids = Pids::of(&token);
        (leaves_of(pids.program), pids, answer)
    };
    let (first_leaves, first, mut answer) = begin();
    signal(first.zygote, Signal::SIGKILL);
    assert!(answer.rest().contains("\"internal\""), "how a run ends whose zygote is killed");
    // It sweeps before it is of use.
    are_removed(&first_leaves);
    let (leaves, pids, answer) = begin();
    assert_ne!(pids.zygote, first.zygote);
    assert_eq!(leaves.len(), first_leaves.len(), "{leaves:?}, {first_leaves:?}");
    let of_memory = |(_, leaf): &Cgroup| {
        ["memory.max", "memory.limit_in_bytes"].iter().find_map(|file| fs::read_to_string(leaf.join(file)).ok())
    };
    let limit = leaves.iter().find_map(of_memory).map(|text| text.trim_end().to_owned());
    assert_eq!(limit.is_some(), told("cgroup memory").is_some(), "{leaves:?}");
    assert!(limit.is_none_or(|limit| limit == (256 << 20).to_string()), "the default limit of a program");
    drop(answer);
    service.still_answers();
}

/// A cell's init that is stopped cannot see that its service is gone, so its programs live on.
#[track_caller]
fn the_next_start_ends_what_is_left(underhood: impl Fn() -> Command) {
    let mut running = Endless::start(underhood(), &[]);
    let leaves = leaves_of(running.pids.program);
    assert!(!leaves.is_empty(), "no control group to find it by");
    signal(running.pids.init, Signal::SIGSTOP);
    signal(running.pids.zygote, Signal::SIGKILL);
    running.kill_service();
    let mut start = underhood();
    let output = start.arg("doctor").stdin(Stdio::null()).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    // Nobody else would end it; the start of another test may have been quicker, and be at it still.
    are_removed(&leaves);
    assert!(fs::metadata(format!("/proc/{}", running.pids.program)).is_err(), "it is still there");
}

#[test]
fn a_dead_services_programs_are_ended_by_the_next() {
    if told("cgroup.kill").is_none() && told("cgroup memory").is_none() {
        return eprintln!("not tried: without control groups nothing tells which programs are left");
    }
    the_next_start_ends_what_is_left(|| Host::mine().underhood());
}

#[test]
fn a_dead_services_programs_are_ended_without_v2_too() {
    if Host::mine() != Host::Root || told("cgroup memory").as_deref() != Some("v1") {
        return eprintln!("not tried: there is no v1, or no right to hide v2");
    }
    the_next_start_ends_what_is_left(|| {
        let underhood = Host::mine().underhood();
        let mut command = Command::new("unshare");
        let without_v2 =
            "while read -r _ at kind _; do [ $kind != cgroup2 ] || umount \"$at\"; done < /proc/mounts; exec \"$@\"";
        command.args(["--mount", "--", "/bin/sh", "-ec", without_v2, "without-v2"]);
        command.arg(underhood.get_program());
        command
    });
}
