//! Limits on whole cells by control groups, v2 where it has the controllers, else v1, else none.
//!
//! Layout: one folder `underhood-<zygote pid>` in each hierarchy, below the cgroup that the service was started in,
//! and in it one leaf a cell. In v2 there may be a leaf for the service beside it; see [`delegation`]. Only folders of
//! that prefix are ever touched, and those of others only when their zygote is gone; see [`sweep`].

mod delegation;
mod discover;
mod members;
mod sweep;

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use self::delegation::Home;
use crate::lock;
use crate::report::{Control, State};
use crate::spec::{At, Counters, CpuWeight, Failure, Limits};

/// What every folder of ours is called, before the zygote's pid.
const PREFIX: &str = "underhood-";

/// What the leaf of service and zygote is called, before the service's pid. Cells' folders never are.
const SERVICE_PREFIX: &str = "underhood-service-";

/// The controllers that we want.
const WANTED: [&str; 3] = ["memory", "pids", "cpu"];

/// One of the two interfaces; they differ in file names and in how a process joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// What a hierarchy can do. Found out once, since every file that is asked for is an inode that each leaf gets anew.
#[derive(Clone, Copy, Debug)]
struct Kind {
    version: Version,
    memory: bool,
    /// Whether the kernel accounts for swap, and v1 for buffers of TCP sockets.
    swap: bool,
    tcp: bool,
    pids: bool,
    cpu: bool,
}

/// One mounted hierarchy with our folder in it.
#[derive(Debug)]
struct Tree {
    kind: Kind,
    /// `…/underhood-<pid>`.
    folder: PathBuf,
    /// Tells other services that this one lives.
    _lock: File,
}

/// All hierarchies in use. Dropping it removes our folders.
#[derive(Debug)]
pub(crate) struct Cgroups {
    trees: Vec<Tree>,
    home: Option<Home>,
    /// Why a controller is not used, by its name.
    missing: Vec<(&'static str, String)>,
}

/// A cell's leaves, one a hierarchy.
#[derive(Debug)]
pub(crate) struct Leaf {
    folders: Vec<(Kind, PathBuf)>,
    v2: Option<File>,
}

impl Cgroups {
    /// Finds what this host offers and makes our folders. `total_memory_bytes` caps the sum of all cells.
    pub(crate) fn set_up(total_memory_bytes: Option<u64>) -> Self {
        let found = discover::discover();
        let mut cgroups = Self { trees: Vec::new(), home: None, missing: found.missing };
        for place in found.places {
            sweep::sweep(&place.base);
            let folder = place.base.join(format!("{PREFIX}{}", std::process::id()));
            match prepare_tree(&place, &folder, total_memory_bytes) {
                Ok(tree) => cgroups.trees.push(tree),
                Err(error) => {
                    let _ = fs::remove_dir(&folder);
                    let reason = format!("{}: {error}", place.base.display());
                    cgroups.missing.extend(place.controllers.iter().map(|name| (*name, reason.clone())));
                }
            }
            if place.home.is_some() {
                cgroups.home = place.home;
            }
        }
        cgroups
    }

    /// Makes a leaf and writes its limits anew; nothing is carried over from an earlier cell.
    pub(crate) fn leaf(&self, id: u64, limits: &Limits) -> Result<Leaf, Failure> {
        let mut leaf = Leaf { folders: Vec::new(), v2: None };
        for tree in &self.trees {
            let folder = tree.folder.join(format!("cell-{id}"));
            fs::create_dir(&folder).at(format_args!("cgroup {}", folder.display()))?;
            leaf.folders.push((tree.kind, folder.clone()));
            tree.kind.limit(&folder, limits).at(format_args!("cgroup {}", folder.display()))?;
            if tree.kind.version == Version::V2 {
                leaf.v2 = Some(File::open(&folder).at(format_args!("cgroup {}", folder.display()))?);
            }
        }
        Ok(leaf)
    }

    /// Whether a cell's memory is limited as a whole.
    pub(crate) fn limit_memory(&self) -> bool {
        self.trees.iter().any(|tree| tree.kind.memory)
    }

    /// What holds and what does not, for `underhood doctor`.
    pub(crate) fn controls(&self) -> Vec<Control> {
        let describe = |name: &'static str, what: &str, has: fn(&Kind) -> bool| {
            if let Some(tree) = self.trees.iter().find(|tree| has(&tree.kind)) {
                return Control::new(name, State::Active, format!("cgroup {}: {what}", tree.kind.version.name()));
            }
            let why = self.missing.iter().find(|(missing, _)| name.ends_with(missing));
            let why = why.map_or("no cgroup hierarchy with this controller", |(_, why)| why);
            let (state, instead) = match name {
                "cgroup memory" => (State::Degraded, "; RLIMIT_DATA instead: soft, private memory of each process"),
                "cgroup pids" => (State::Degraded, "; RLIMIT_NPROC instead"),
                _ => (State::Missing, ""),
            };
            Control::new(name, state, format!("{why}{instead}"))
        };
        let mut controls = vec![
            describe("cgroup memory", "hard limit, tmpfs included", |kind| kind.memory),
            describe("cgroup pids", "processes and threads of a cell", |kind| kind.pids),
            describe("cgroup cpu", "cells share what the service leaves", |kind| kind.cpu),
        ];
        let kill = self.trees.iter().any(|tree| tree.kind.version == Version::V2);
        controls.push(if kill {
            Control::new("cgroup.kill", State::Active, "cgroup v2: a cell dies in one write".to_owned())
        } else {
            let why = "no cgroup v2; a cell ends with its first process";
            Control::new("cgroup.kill", State::Missing, why.to_owned())
        });
        controls
    }
}

impl Drop for Cgroups {
    fn drop(&mut self) {
        for tree in &self.trees {
            let _ = fs::remove_dir(&tree.folder);
        }
        if let Some(home) = &self.home {
            home.leave();
        }
    }
}

impl Leaf {
    /// Where a new process is to start its life, for clone3.
    pub(crate) fn v2(&self) -> Option<BorrowedFd<'_>> {
        self.v2.as_ref().map(AsFd::as_fd)
    }

    /// Puts a process into the leaves; not into that of v2 if it was born there.
    pub(crate) fn attach(&self, pid: Pid, born_in_v2: bool) -> Result<(), Failure> {
        for (kind, folder) in &self.folders {
            if kind.version == Version::V1 || !born_in_v2 {
                fs::write(folder.join("cgroup.procs"), pid.to_string())
                    .at(format_args!("join {}", folder.display()))?;
            }
        }
        Ok(())
    }

    /// Sets the cell's share of the processors, among cells.
    pub(crate) fn weigh(&self, CpuWeight(weight): CpuWeight) {
        for (kind, folder) in self.folders.iter().filter(|(kind, _)| kind.cpu) {
            // 1024 shares of v1 are a weight of 100.
            let (file, value) = match kind.version {
                Version::V1 => ("cpu.shares", (weight * 1024 / 100).max(2)),
                Version::V2 => ("cpu.weight", weight),
            };
            let _ = fs::write(folder.join(file), value.to_string());
        }
    }

    /// Kills everything in the leaf, where v2 can.
    pub(crate) fn kill(&self) {
        for (kind, folder) in &self.folders {
            if kind.version == Version::V2 {
                let _ = members::kill_all(folder);
            }
        }
    }

    /// Reads the counters and removes the leaf. To be called when the cell's last process is reaped.
    pub(crate) fn finish(self) -> Counters {
        let mut counters = Counters::default();
        for (kind, folder) in &self.folders {
            kind.read(folder, &mut counters);
            if let Err(error) = fs::remove_dir(folder) {
                eprintln!("underhood: cannot remove {}: {error}", folder.display());
            }
        }
        counters
    }
}

impl Version {
    fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// The file that limits swap, where the kernel accounts for it.
    fn swap_limit(self) -> &'static str {
        match self {
            Self::V1 => "memory.memsw.limit_in_bytes",
            Self::V2 => "memory.swap.max",
        }
    }
}

impl Kind {
    /// Looks at a folder that is no hierarchy's root: there the files of each controller are.
    fn of(version: Version, controllers: &[&str], folder: &Path) -> Self {
        let has = |name: &str| controllers.contains(&name);
        let memory = has("memory");
        let is_there = |file: &str| memory && folder.join(file).exists();
        let (swap, tcp) = (is_there(version.swap_limit()), is_there(TCP_LIMIT));
        Self { version, memory, swap, tcp, pids: has("pids"), cpu: has("cpu") }
    }

    fn limit(self, folder: &Path, limits: &Limits) -> io::Result<()> {
        if self.memory {
            self.limit_memory(folder, limits.memory_bytes)?;
        }
        if self.pids {
            fs::write(folder.join("pids.max"), limits.pids.to_string())?;
        }
        Ok(())
    }

    fn limit_memory(self, folder: &Path, bytes: u64) -> io::Result<()> {
        let (limit, most_swap) = match self.version {
            // Memory and swap together.
            Version::V1 => ("memory.limit_in_bytes", bytes),
            // memory.oom.group stays off: the init then outlives the command that the kernel kills, and tells how it
            // ended and what it used, as it does in v1.
            Version::V2 => ("memory.max", 0),
        };
        fs::write(folder.join(limit), bytes.to_string())?;
        if self.tcp {
            fs::write(folder.join(TCP_LIMIT), (bytes / TCP_PART).to_string())?;
        }
        if self.swap {
            fs::write(folder.join(self.version.swap_limit()), most_swap.to_string())?;
        }
        Ok(())
    }

    fn read(self, folder: &Path, counters: &mut Counters) {
        let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
        if self.memory {
            let (oom, peak) = match self.version {
                Version::V1 => ("memory.oom_control", "memory.max_usage_in_bytes"),
                Version::V2 => ("memory.events", "memory.peak"),
            };
            counters.oom_kills += keyed(&read(oom), "oom_kill");
            counters.peak_bytes += read(peak).trim().parse().unwrap_or(0);
        }
        if self.pids {
            counters.pids_refused += keyed(&read("pids.events"), "max");
        }
        // Only v2 has the time in this file, and there every cgroup has it, whatever its controllers.
        if self.version == Version::V2 {
            counters.cpu_us += keyed(&read("cpu.stat"), "usage_usec");
        }
    }
}

/// A tenth of the weight that a process outside has by default, so that the service stays quick while cells spin.
const CPU_SHARES_V1: &str = "102";
const CPU_WEIGHT_V2: &str = "10";

fn prepare_tree(place: &discover::Place, folder: &Path, total_memory_bytes: Option<u64>) -> io::Result<Tree> {
    fs::create_dir(folder)?;
    let lock = lock::take(folder)?;
    let kind = Kind::of(place.version, &place.controllers, folder);
    if place.version == Version::V2 && !place.controllers.is_empty() {
        let enable: Vec<String> = place.controllers.iter().map(|name| format!("+{name}")).collect();
        fs::write(folder.join("cgroup.subtree_control"), enable.join(" "))?;
    }
    if let (true, Some(bytes)) = (kind.memory, total_memory_bytes) {
        kind.limit_memory(folder, bytes)?;
    }
    if kind.cpu {
        let (file, value) = match kind.version {
            Version::V1 => ("cpu.shares", CPU_SHARES_V1),
            Version::V2 => ("cpu.weight", CPU_WEIGHT_V2),
        };
        fs::write(folder.join(file), value)?;
    }
    Ok(Tree { kind, folder: folder.to_owned(), _lock: lock })
}

/// What part of its memory a cell may hold in buffers of TCP sockets. v1 counts these apart; without a limit one program
/// can take so many that the kernel leaves too few for the service's own connections. v2 counts them as memory.
const TCP_PART: u64 = 8;

/// The file that limits them; v2 has none.
const TCP_LIMIT: &str = "memory.kmem.tcp.limit_in_bytes";

/// The value of `key` in a file of `key value` lines.
fn keyed(text: &str, key: &str) -> u64 {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(name, _)| *name == key)
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::keyed;

    #[test]
    fn reads_the_whole_key_only() {
        let v2 = "low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\noom_group_kill 1\n";
        assert_eq!(keyed(v2, "oom_kill"), 3);
        assert_eq!(keyed("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", "oom_kill"), 2);
        assert_eq!(keyed("", "oom_kill"), 0);
    }
}
