//! A program at work that ends only when it is killed, and the processes and control groups behind it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{go, processes, suite, token};

/// A program that ignores what it can, and says `begun` first.
pub const PROGRAM: &str = "attacks/ignores_signals.go";

/// `underhood run` of it. All is killed with the value.
pub struct Endless {
    service: Child,
    pub pids: Pids,
}

/// A program and what stands behind it.
#[derive(Debug)]
pub struct Pids {
    pub program: u32,
    /// Pid 1 of its cell.
    pub init: u32,
    pub zygote: u32,
}

impl Endless {
    /// Adds to a command line that ends in the name of the binary, and waits until the program runs.
    pub fn start(mut underhood: Command, limits: &[(&str, &str)]) -> Self {
        go::root();
        let token = token();
        underhood.arg("run").arg(suite(PROGRAM)).args(["--arg", &token]);
        underhood.envs(limits.iter().map(|(name, value)| (format!("UNDERHOOD_{name}"), value)));
        let mut service = underhood.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("underhood starts");
        let mut line = String::new();
        BufReader::new(service.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        assert_eq!(line, "begun\n", "the program does not run");
        Self { service, pids: Pids::of(&token) }
    }

    /// As `kill -9` does to the service, and to it alone.
    pub fn kill_service(&mut self) {
        self.service.kill().expect("killed");
        self.service.wait().expect("reaped");
    }
}

impl Pids {
    /// Those of the running program that was given this word as an argument.
    pub fn of(token: &str) -> Self {
        let is_program =
            |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|n| n != "underhood\n");
        let program = processes::with(token).into_iter().find(is_program).expect("the program");
        let init = parent_of(program);
        Self { program, init, zygote: parent_of(init) }
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A test may have stopped it, and then it does not end with its service.
            let _ = kill(as_pid(self.pids.init), Signal::SIGKILL);
        }
        let _ = self.service.kill();
        let _ = self.service.wait();
    }
}

/// Sends a signal to a process that the caller knows to be ours.
pub fn signal(pid: u32, signal: Signal) {
    kill(as_pid(pid), signal).expect("signalled");
}

fn as_pid(pid: u32) -> Pid {
    Pid::from_raw(pid.try_into().expect("a pid"))
}

/// A control group of v1 with the names of its controllers, or one of v2 with none.
pub type Cgroup = (Vec<String>, PathBuf);

/// The control groups that a process is in.
pub fn cgroups_of(pid: u32) -> Vec<Cgroup> {
    let mounts = fs::read_to_string("/proc/self/mounts").expect("mounts");
    let memberships = fs::read_to_string(format!("/proc/{pid}/cgroup")).expect("memberships");
    let folder = |line: &str| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let controllers: Vec<String> =
            controllers.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let mount = mounts.lines().find_map(|mount| {
            let fields: Vec<&str> = mount.split(' ').collect();
            let has = |name: &String| fields[3].split(',').any(|option| option == name);
            let kind = if controllers.is_empty() { "cgroup2" } else { "cgroup" };
            (fields[2] == kind && controllers.iter().all(has)).then_some(fields[1])
        })?;
        Some((controllers, Path::new(mount).join(path.trim_start_matches('/'))))
    };
    memberships.lines().filter_map(folder).collect()
}

/// The second word after the name in proc_pid_stat(5).
fn parent_of(pid: u32) -> u32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    let (_, rest) = stat.rsplit_once(") ").expect("a name");
    rest.split(' ').nth(1).and_then(|pid| pid.parse().ok()).expect("a parent")
}
