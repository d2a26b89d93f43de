//! Which cgroup hierarchies this process may use.

use std::fs;
use std::path::{Path, PathBuf};

use super::delegation::{self, Delegation, Home};
use super::{Version, WANTED};

/// A hierarchy in which we may make folders.
pub(super) struct Place {
    pub(super) version: Version,
    /// The folder of the cgroup that this process was started in.
    pub(super) base: PathBuf,
    /// Those of `WANTED` that it has.
    pub(super) controllers: Vec<&'static str>,
    /// Where service and zygote moved to, if they had to leave `base` (v2 only).
    pub(super) home: Option<Home>,
}

/// What was found.
pub(super) struct Found {
    pub(super) places: Vec<Place>,
    /// Why a controller is not there, by its name.
    pub(super) missing: Vec<(&'static str, String)>,
}

/// Reads /proc/self/cgroup (cgroups(7)) and /proc/self/mountinfo (proc(5)); in v2, makes room for cells.
pub(super) fn discover() -> Found {
    let memberships = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let mountinfo = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut places = Vec::new();
    let mut refused = None;
    for line in memberships.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let version = if controllers.is_empty() { Version::V2 } else { Version::V1 };
        let Some(base) = folder_of(&mountinfo, version, controllers, path) else { continue };
        let place = match version {
            Version::V1 => {
                let controllers = WANTED.into_iter().filter(|name| controllers.split(',').any(|has| has == *name));
                Place { version, base, controllers: controllers.collect(), home: None }
            }
            Version::V2 => {
                let delegation = delegation::delegate(base);
                refused = delegation.refused;
                let Delegation { base, controllers, home, .. } = delegation;
                Place { version, base, controllers, home }
            }
        };
        // A v2 hierarchy without our controllers still has cgroup.kill.
        if version == Version::V2 || !place.controllers.is_empty() {
            places.push(place);
        }
    }
    let why = |name| refused.clone().unwrap_or(format!("no cgroup v2 or v1 hierarchy offers {name} to this process"));
    let missing = WANTED
        .into_iter()
        .filter(|name| !places.iter().any(|place: &Place| place.controllers.contains(name)))
        .map(|name| (name, why(name)))
        .collect();
    Found { places, missing }
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
        // Joined a part at a time, since joining nothing would add a slash.
        Some(below.iter().fold(PathBuf::from(mount_point), |folder, part| folder.join(part)))
    })
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
