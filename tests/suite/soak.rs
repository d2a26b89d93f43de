//! Many runs, one in ten of them hostile: nothing is left of any.
//!
//! `UNDERHOOD_SOAK_RUNS` says how many; `make soak` makes it ten thousand.

mod mixed;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::host::Host;
use crate::harness::processes::{Held, below};
use crate::harness::serve::{NDJSON, Service};
use crate::harness::text_of;

/// At once.
const CLIENTS: usize = 4;

/// Runs after which the service has seen everything once and has all that it keeps.
const WARM_UP: usize = 500;

/// Prepared cells while few are run, and processes in one at most: its init and a stub. Tools that wait are not counted.
const PREPARED: usize = 2;
const IN_A_CELL: usize = 2;

/// How soon after the last run the service holds what it holds idle.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn runs_leave_nothing_behind() {
    let runs = env::var("UNDERHOOD_SOAK_RUNS").map_or(60, |runs| runs.parse().expect("a number of runs"));
    let outside = Outside::now(&BTreeSet::new());
    let is_long = runs >= 4 * WARM_UP;
    let prepared = if is_long { 4 * PREPARED } else { PREPARED };
    // So many places that one client may have four.
    let limits = [("RUN_SECONDS", "1"), ("MAX_RUNS", "16"), ("POOL", &*prepared.to_string())];
    let service = Service::start_on(Host::mine(), &limits);
    let kinds = Kinds::default();
    let warm_up = WARM_UP.min(runs / 2);
    soak(&service, &kinds, warm_up);
    let early = settled(&service);
    soak(&service, &kinds, runs - warm_up);
    let late = settled(&service);
    eprintln!("after {warm_up} runs {early:?}\nafter {runs} runs {late:?}");
    // The zygote and what is prepared: which kinds of cells those are hangs on what was asked for.
    let most = 1 + prepared * IN_A_CELL;
    assert!(late.processes <= most, "processes: {late:?}, more than {most}");
    is_flat(early, late, is_long);
    outside.has_no_mounts_of(&service);
    drop(service);
    outside.is_as_before();
}

/// The service holds no more late than early. Over a few requests growth cannot be told from warming up.
fn is_flat(early: Held, late: Held, is_long: bool) {
    assert!(late.descriptors <= early.descriptors, "descriptors: {late:?}, before {early:?}");
    if is_long {
        assert!(late.processes <= early.processes, "processes: {late:?}, before {early:?}");
        let most = early.memory_bytes + early.memory_bytes / 10;
        assert!(late.memory_bytes <= most, "memory: {late:?}, before {early:?}");
    }
}

/// What may be seen of a service from outside: folders and control groups of its name, and mounts.
#[derive(Debug)]
struct Outside {
    folders: BTreeSet<String>,
    mounts: usize,
}

impl Outside {
    /// Those of services that are at work beside this test, under other zygotes than `but`, come and go.
    fn now(but: &BTreeSet<u32>) -> Self {
        let mut folders = BTreeSet::new();
        for place in ["/tmp", "/sys/fs/cgroup"] {
            find(Path::new(place), 3, &mut folders);
        }
        let mine = |folder: &String| {
            let pid = folder.rsplit("underhood-").next().and_then(|rest| rest.split('-').next()?.parse().ok());
            pid.is_some_and(|pid: u32| !but.contains(&pid) && !is_anothers(pid))
        };
        folders.retain(mine);
        let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mounts").lines().count();
        Self { folders, mounts }
    }

    /// The service is at work, and the host sees none of its mounts.
    fn has_no_mounts_of(&self, service: &Service) {
        let own = below(service.pid()).into_iter().collect();
        assert_eq!(Self::now(&own).mounts, self.mounts, "mounts of the host");
    }

    /// Soon after a service is gone, nothing is there that was not there before it.
    fn is_as_before(&self) {
        let begun = Instant::now();
        loop {
            // What others had left before may be swept meanwhile.
            let now = Self::now(&BTreeSet::new());
            if now.folders.is_subset(&self.folders) && now.mounts == self.mounts {
                return;
            }
            assert!(begun.elapsed() < SOON, "left over: {now:?}, before {self:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether a zygote with this pid is alive and serves another test.
fn is_anothers(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"underhood-zygote"))
}

fn find(folder: &Path, depth: usize, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_folder {
            continue;
        }
        if entry.file_name().to_string_lossy().starts_with("underhood-") {
            found.insert(entry.path().display().to_string());
        } else if depth > 0 {
            find(&entry.path(), depth - 1, found);
        }
    }
}

/// Waits until two looks in a row find the same number of processes and descriptors.
fn settled(service: &Service) -> Held {
    service.still_answers();
    let begun = Instant::now();
    let mut last = Held::by(service.pid());
    loop {
        thread::sleep(Duration::from_secs(1));
        let now = Held::by(service.pid());
        if (now.processes, now.descriptors) == (last.processes, last.descriptors) {
            return now;
        }
        assert!(begun.elapsed() < SOON, "still changing: {last:?}, {now:?}");
        last = now;
    }
}

/// The programs that are sent.
struct Kinds {
    honest: Vec<Value>,
    hostile: Vec<(Value, &'static [&'static str])>,
}

impl Default for Kinds {
    fn default() -> Self {
        let program = |name: &str, mode: &str| json!({"source": text_of(name), "mode": mode});
        let honest = ["hello", "generics", "closures", "maps", "syntax_error"];
        let mut honest: Vec<_> = honest.map(|name| program(&format!("programs/{name}.go"), "escape")).into();
        honest.push(program("programs/hello.go", "run"));
        let attack = |name: &str, argument: &str, ends: &'static [&'static str]| {
            let mut request = program(&format!("attacks/{name}.go"), "run");
            request["args"] = json!([argument]);
            (request, ends)
        };
        let hostile = vec![
            attack("fork_bomb", "", &["ok", "failed"]),
            attack("threads", "", &["failed"]),
            attack("heap", "", &["out_of_memory", "failed"]),
            attack("disk", "", &["ok"]),
            attack("floods", "stdout", &["output_limit"]),
            attack("floods", "stderr", &["output_limit"]),
            attack("ignores_signals", "", &[]),
            attack("stops_itself", "", &[]),
            attack("holds_stdout", "", &["ok"]),
            attack("in_flight", "hold", &["ok", "failed", "out_of_memory"]),
        ];
        Self { honest, hostile }
    }
}

fn soak(service: &Service, kinds: &Kinds, runs: usize) {
    let next = AtomicUsize::new(0);
    let one = |number: usize| match number % 10 {
        // A client that hangs up is hostile too.
        9 if number % 50 == 49 => {
            let mut answer = service.post(kinds.hostile[6].0.to_string(), NDJSON);
            answer.line();
        }
        9 => {
            let (request, ends) = &kinds.hostile[number / 10 % kinds.hostile.len()];
            let events = service.run(request);
            // On a busy machine a second may be too short for it to get that far.
            assert!(
                ends.contains(&events.status()) || events.status() == "timed_out",
                "{request}: {}",
                events.exit()
            );
        }
        _ => {
            let request = &kinds.honest[number % kinds.honest.len()];
            let events = service.run(request);
            assert!(["ok", "build_failed"].contains(&events.status()), "{request}: {}", events.exit());
        }
    };
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= runs {
                        return;
                    }
                    one(number);
                    if runs >= WARM_UP && number.is_multiple_of(500) {
                        eprintln!("{number} of {runs} runs: {:?}", Held::by(service.pid()));
                    }
                }
            });
        }
    });
}
