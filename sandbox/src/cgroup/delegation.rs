//! Making a cgroup v2 folder hand its controllers down to children.
//!
//! The kernel lets a cgroup do so only while no process lives in it itself ("no internal processes", cgroups(7)); the
//! root of the tree alone is free of that rule. systemd starts a service with `Delegate=yes` inside the very folder
//! that it hands over. So service and zygote first move into a leaf of their own beside the cells:
//!
//! ```text
//! underhood.service             delegated; empty, hands its controllers down
//! ├── underhood-service-<pid>   the service and its zygote
//! └── underhood-<zygote pid>    limits all cells together
//!     └── cell-<id>
//! ```
//!
//! Only these two are ever moved. A folder in which anyone else lives, such as the shell of a terminal, was not handed
//! to us, and is left as it is.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{PidfdFlags, getppid, pidfd_open};

use super::{PREFIX, SERVICE_PREFIX, WANTED, members};

/// How long other services that were started in the same folder may take to move away, and how long the zygote waits
/// at its end for its service.
const PATIENCE: Duration = Duration::from_secs(1);

/// A folder below which cells' cgroups can be made.
pub(super) struct Delegation {
    pub(super) base: PathBuf,
    /// Those of `WANTED` that its children have.
    pub(super) controllers: Vec<&'static str>,
    /// Why they do not have the others.
    pub(super) refused: Option<String>,
    /// Where service and zygote moved to, if they did.
    pub(super) home: Option<Home>,
}

/// The leaf in which service and zygote live.
#[derive(Debug)]
pub(super) struct Home {
    base: PathBuf,
    leaf: PathBuf,
    /// `None` when the service is gone already.
    service: Option<OwnedFd>,
}

/// Makes the cgroup that this process was started in hand down what it has.
pub(super) fn delegate(own: PathBuf) -> Delegation {
    // A zygote that takes the place of a dead one is born in the leaf that the first one made.
    let is_home = own.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(SERVICE_PREFIX));
    let (base, mut home) = match own.parent() {
        Some(base) if is_home => (base.to_owned(), Some(Home::known(base, &own))),
        _ => (own, None),
    };
    let has = listed(&base, "cgroup.controllers");
    let mut refused = None;
    if has.is_empty() {
        refused = Some(format!("{}: the cgroup above hands none of {} down", base.display(), WANTED.join(", ")));
    } else if listed(&base, "cgroup.subtree_control") != has {
        if home.is_none() && !is_root(&base) {
            match Home::make(&base) {
                Ok(made) => home = Some(made),
                Err(why) => refused = Some(why),
            }
        }
        if refused.is_none() {
            refused = enable(&base, &has).err().map(|error| format!("{}: {error}", base.display()));
        }
    }
    let controllers = listed(&base, "cgroup.subtree_control");
    if controllers.is_empty() {
        home.take().as_ref().map(Home::give_back);
    }
    Delegation { base, controllers, refused, home }
}

/// Those of `WANTED` that a file of the cgroup names.
fn listed(base: &Path, file: &str) -> Vec<&'static str> {
    let text = fs::read_to_string(base.join(file)).unwrap_or_default();
    WANTED.into_iter().filter(|name| text.split_whitespace().any(|has| has == *name)).collect()
}

/// The root of the tree has no such file; that of a cgroup namespace, being no real root, does.
fn is_root(base: &Path) -> bool {
    !base.join("cgroup.type").exists()
}

fn enable(base: &Path, controllers: &[&str]) -> io::Result<()> {
    // One by one: a controller that cannot be had does not keep the others away.
    let switch = |name: &&str| fs::write(base.join("cgroup.subtree_control"), format!("+{name}"));
    controllers.iter().map(switch).fold(Ok(()), io::Result::and)
}

impl Home {
    fn known(base: &Path, leaf: &Path) -> Self {
        let service = getppid().and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        Self { base: base.to_owned(), leaf: leaf.to_owned(), service }
    }

    /// Moves the service and this process out of `base`, which has to be theirs alone.
    fn make(base: &Path) -> Result<Self, String> {
        let own = i32::try_from(std::process::id()).map_err(|error| error.to_string())?;
        // A parent that is not of this program is whoever took the place of a service that is gone.
        let service = getppid().map(rustix::process::Pid::as_raw_pid).filter(|pid| members::is_of_this_program(*pid));
        let at = |error: io::Error| format!("{} is not delegated to this user: {error}", base.display());
        wait_until_alone(base, own, service)?;
        let leaf = base.join(format!("{SERVICE_PREFIX}{}", service.unwrap_or(own)));
        match fs::create_dir(&leaf) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(at)?,
        }
        let home = Self::known(base, &leaf);
        for pid in members::of(base).map_err(at)? {
            if (pid == own || Some(pid) == service)
                && let Err(error) = members::move_to(&leaf, pid)
            {
                home.give_back();
                return Err(at(error));
            }
        }
        Ok(home)
    }

    /// Undoes what was done to the delegated folder, as far as it can be. Nothing is while the service lives: it may
    /// be starting another zygote at this moment.
    pub(super) fn leave(&self) {
        let deadline = Instant::now() + PATIENCE;
        if self.service.as_ref().is_none_or(|service| members::ends_by(service, deadline)) {
            self.give_back();
        }
    }

    fn give_back(&self) {
        if self.is_shared() {
            return;
        }
        // Processes can go back only to a folder that hands nothing down.
        for name in listed(&self.base, "cgroup.subtree_control") {
            if fs::write(self.base.join("cgroup.subtree_control"), format!("-{name}")).is_err() {
                return;
            }
        }
        for pid in members::of(&self.leaf).unwrap_or_default() {
            let _ = members::move_to(&self.base, pid);
        }
        let _ = fs::remove_dir(&self.leaf);
    }

    /// Whether another service has folders here too.
    fn is_shared(&self) -> bool {
        let Ok(entries) = fs::read_dir(&self.base) else { return true };
        entries.flatten().any(|entry| {
            entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX)) && entry.path() != self.leaf
        })
    }
}

/// Returns when no process lives in `base` but these two. Other services that were started there are given the time
/// to move away; anyone else means that the folder is not ours.
fn wait_until_alone(base: &Path, own: i32, service: Option<i32>) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let pids = members::of(base).map_err(|error| format!("{}: {error}", base.display()))?;
        let others: Vec<i32> = pids.into_iter().filter(|pid| *pid != own && Some(*pid) != service).collect();
        if others.is_empty() {
            return Ok(());
        }
        let stranger = others.iter().find(|pid| !members::is_of_this_program(**pid));
        if let Some(pid) = stranger.or(others.first().filter(|_| Instant::now() >= deadline)) {
            let user = if rustix::process::geteuid().is_root() { "" } else { " --user" };
            return Err(format!(
                "{} is not Underhood's alone: {} lives in it; start Underhood in a cgroup of its own, with \
                 Delegate=yes in its unit, or by `systemd-run{user} --scope --property=Delegate=yes`",
                base.display(),
                described(*pid)
            ));
        }
        // No event tells that a process has left a cgroup.
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn described(pid: i32) -> String {
    if pid == 0 {
        return "a process of another pid namespace".to_owned();
    }
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    format!("process {pid} ({})", name.trim_end())
}
