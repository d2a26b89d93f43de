//! Which cgroup hierarchies this process may use, and removing what a dead service left in them.

use std::fs;
use std::path::{Path, PathBuf};

use super::{PREFIX, Version};

/// The controllers that we want.
const WANTED: [&str; 3] = ["memory", "pids", "cpu"];

/// A hierarchy in which we may make folders.
pub(super) struct Place {
    pub(super) version: Version,
    /// The folder of the cgroup that this process is in.
    pub(super) base: PathBuf,
    /// Those of `WANTED` that it has.
    pub(super) controllers: Vec<&'static str>,
}

/// What was found.
pub(super) struct Found {
    pub(super) places: Vec<Place>,
    pub(super) missing: Vec<(&'static str, String)>,
}

/// Reads /proc/self/cgroup (cgroups(7)) and /proc/self/mountinfo (proc(5)).
pub(super) fn discover() -> Found {
    let memberships = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let mountinfo = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut places = Vec::new();
    for line in memberships.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let version = if controllers.is_empty() { Version::V2 } else { Version::V1 };
        let Some(base) = folder_of(&mountinfo, version, controllers, path) else { continue };
        let available = match version {
            Version::V1 => controllers.split(',').map(str::to_owned).collect(),
            Version::V2 => enabled_for_children(&base),
        };
        let controllers: Vec<_> = WANTED.into_iter().filter(|name| available.iter().any(|has| has == name)).collect();
        // A v2 hierarchy without our controllers still has cgroup.kill.
        if version == Version::V2 || !controllers.is_empty() {
            places.push(Place { version, base, controllers });
        }
    }
    let missing = WANTED
        .into_iter()
        .filter(|name| !places.iter().any(|place| place.controllers.contains(name)))
        .map(|name| (name, format!("no cgroup v2 or v1 hierarchy offers {name} to this process")))
        .collect();
    Found { places, missing }
}

/// Removes the folders of services that are gone, and only those: `underhood-<pid>` where that pid is no zygote.
pub(super) fn sweep(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        if pid.parse::<u32>().is_err() || is_zygote(pid) {
            continue;
        }
        if let Ok(cells) = fs::read_dir(entry.path()) {
            for cell in cells.flatten().filter(|cell| cell.path().is_dir()) {
                let _ = fs::write(cell.path().join("cgroup.kill"), "1");
                let _ = fs::remove_dir(cell.path());
            }
        }
        let _ = fs::remove_dir(entry.path());
    }
}

fn is_zygote(pid: &str) -> bool {
    fs::read(format!("/proc/{pid}/cmdline"))
        .is_ok_and(|cmdline| cmdline.starts_with(crate::spec::ZYGOTE_NAME.as_bytes()))
}

/// Where the cgroup `path` of a hierarchy is mounted, or `None` when it is not visible here.
fn folder_of(mountinfo: &str, version: Version, controllers: &str, path: &str) -> Option<PathBuf> {
    mountinfo.lines().find_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let mut left = left.split(' ').skip(3);
        let (root, mount_point) = (left.next()?, left.next()?);
        let mut right = right.split(' ');
        let kind = right.next()?;
        let options = right.nth(1).unwrap_or_default();
        let matches = match version {
            Version::V2 => kind == "cgroup2",
            Version::V1 => {
                kind == "cgroup" && controllers.split(',').all(|name| options.split(',').any(|has| has == name))
            }
        };
        if !matches {
            return None;
        }
        let below = Path::new(path).strip_prefix(root).ok()?;
        Some(Path::new(mount_point).join(below))
    })
}

/// The controllers that children of `base` can have, after asking for ours.
fn enabled_for_children(base: &Path) -> Vec<String> {
    let read = |file: &str| -> Vec<String> {
        let text = fs::read_to_string(base.join(file)).unwrap_or_default();
        text.split_whitespace().map(str::to_owned).collect()
    };
    for name in read("cgroup.controllers").iter().filter(|name| WANTED.contains(&name.as_str())) {
        // Refused where processes live beside the children or the folder is not delegated: then it is not ours.
        let _ = fs::write(base.join("cgroup.subtree_control"), format!("+{name}"));
    }
    read("cgroup.subtree_control")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTINFO: &str = "\
31 24 0:27 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
32 24 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
33 24 0:29 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
34 24 0:30 /user.slice /mnt/inner rw - cgroup cgroup rw,pids
";

    #[test]
    fn finds_the_folder_of_a_membership() {
        let find = |version, controllers, path| folder_of(MOUNTINFO, version, controllers, path);
        assert_eq!(find(Version::V1, "memory", "/a/b"), Some("/sys/fs/cgroup/memory/a/b".into()));
        assert_eq!(find(Version::V1, "cpu,cpuacct", "/"), Some("/sys/fs/cgroup/cpu,cpuacct".into()));
        assert_eq!(find(Version::V2, "", "/x"), Some("/sys/fs/cgroup/unified/x".into()));
    }

    #[test]
    fn a_mount_of_a_part_shows_only_that_part() {
        let find = |path| folder_of(MOUNTINFO, Version::V1, "pids", path);
        assert_eq!(find("/user.slice/one"), Some("/mnt/inner/one".into()));
        assert_eq!(find("/system.slice"), None);
    }
}
