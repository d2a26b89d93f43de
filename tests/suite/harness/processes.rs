//! Processes of the machine: those that carry a word among their arguments, and those of a service.

use std::fs;
use std::time::{Duration, Instant};

/// The processes whose command line holds `token`.
pub fn with(token: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.split(|byte| *byte == 0).any(|argument| argument == token.as_bytes()))
    })
    .collect()
}

/// Fails unless they are all gone in time.
#[track_caller]
pub fn are_gone(token: &str, within: Duration) {
    let begun = Instant::now();
    while !with(token).is_empty() {
        assert!(begun.elapsed() < within, "still there after {within:?}: {:?}", with(token));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How much a service holds of what a run takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its processes: zygote, cells, programs. Without the tools that wait for their arguments: which of the prepared
    /// cells are for tools hangs on what was asked for last.
    pub processes: usize,
    /// Its own descriptors.
    pub descriptors: usize,
    /// Its own resident memory in bytes.
    pub memory_bytes: usize,
}

impl Held {
    /// By the service with this pid, now.
    pub fn by(pid: u32) -> Self {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("a running service").count();
        // The second number of statm counts resident pages (proc(5)).
        let statm = fs::read_to_string(format!("/proc/{pid}/statm")).expect("a running service");
        let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
        let waits = |pid: &u32| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).any(|argument| argument.starts_with(b"@"))
        };
        let processes = below(pid).iter().filter(|pid| !waits(pid)).count();
        Self { processes, descriptors, memory_bytes: pages * 4096 }
    }

    /// Waits until no more processes and descriptors are held than these. Fails when they still are in the end.
    #[track_caller]
    pub fn is_reached_again(self, pid: u32, within: Duration) {
        let begun = Instant::now();
        loop {
            let now = Self::by(pid);
            if now.processes <= self.processes && now.descriptors <= self.descriptors {
                return;
            }
            assert!(begun.elapsed() < within, "still {now:?} after {within:?}, {self:?} before");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// All processes below one: its children, and theirs.
pub fn below(pid: u32) -> Vec<u32> {
    children(pid).into_iter().flat_map(|child| [vec![child], below(child)].concat()).collect()
}

/// The children of one (proc(5)).
pub fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children: String = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok()).collect();
    children.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

/// The processes below one that bear this name.
pub fn named(pid: u32, name: &str) -> Vec<u32> {
    let is_named =
        |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim_end() == name);
    below(pid).into_iter().filter(is_named).collect()
}

/// The readers' programs that run below one: those that were started as `main`.
pub fn programs(pid: u32) -> Vec<u32> {
    let is_program = |pid: &u32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line == b"main\0");
    below(pid).into_iter().filter(is_program).collect()
}

/// Waits until there is something. Fails when there is nothing in the end.
#[track_caller]
pub fn wait_for<T>(what: &str, within: Duration, mut is_there: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(it) = is_there() {
            return it;
        }
        assert!(begun.elapsed() < within, "{what}: not after {within:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Fails unless these processes have all ended in time, whether or not someone has reaped them: those whose parent is
/// gone are reaped by the machine's init, when it likes.
#[track_caller]
pub fn have_ended(pids: &[u32], within: Duration) {
    let begun = Instant::now();
    // The state follows the name, which stands in parentheses (proc(5)).
    let is_alive = |pid: &&u32| {
        fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z')))
    };
    let alive = || pids.iter().filter(is_alive).collect::<Vec<_>>();
    while !alive().is_empty() {
        assert!(begun.elapsed() < within, "still there after {within:?}: {:?}", alive());
        std::thread::sleep(Duration::from_millis(5));
    }
}
