//! Which host uid stands behind the uid that a cell's programs see.

use std::collections::BTreeSet;
use std::fs;

use nix::unistd::{Pid, getegid, geteuid};
use rustix::thread::{CapabilitySet, capabilities};

use crate::report::{Control, Level, Report, State};
use crate::spec::{At, Failure, INSIDE_ID};

/// The first host uid and gid used for cells. systemd's list of uid ranges (systemd.io/UIDS-GIDS) leaves
/// 1879048192 to 2147483647 unused.
const FIRST_SLOT_ID: u32 = 1_900_000_000;

/// The most cells that can live at once with host ids of their own.
const SLOTS: u32 = 65_536;

/// How host ids are handed out.
#[derive(Debug)]
pub(crate) enum Identities {
    /// As root: one of our own for every living cell, so that cells share nothing that is counted or owned by uid.
    PerSlot { taken: BTreeSet<u32> },
    /// As an ordinary user: our own uid behind all.
    Own,
}

impl Identities {
    /// Tests the capabilities, not the uid: root in a container may not have them.
    pub(crate) fn discover() -> Self {
        // The last three are for cells without namespaces: to give them folders, take those back, and end them.
        let wanted = CapabilitySet::SETUID
            | CapabilitySet::SETGID
            | CapabilitySet::CHOWN
            | CapabilitySet::DAC_OVERRIDE
            | CapabilitySet::KILL;
        let capable = capabilities(None).is_ok_and(|sets| sets.effective.contains(wanted));
        let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        if capable && covers(&map, FIRST_SLOT_ID, SLOTS) {
            Self::PerSlot { taken: BTreeSet::new() }
        } else {
            Self::Own
        }
    }

    pub(crate) fn control(&self, level: Level) -> Control {
        let inside = if level == Level::Full { format!("uid {INSIDE_ID} inside; ") } else { String::new() };
        match self {
            Self::PerSlot { .. } => {
                let detail = format!("{inside}a host uid of its own for every cell");
                Control::new(Report::IDENTITY, State::Active, detail)
            }
            // Nothing limits the threads of root, and too much belongs to it.
            Self::Own if level != Level::Full && geteuid().is_root() => {
                let detail = "root, without the right to take another uid: start the service as an ordinary user";
                Control::new(Report::IDENTITY, State::Missing, detail.to_owned())
            }
            Self::Own => {
                let detail = format!("{inside}the service's own uid (not started as root)");
                Control::new(Report::IDENTITY, State::Degraded, detail)
            }
        }
    }

    /// A slot that no living cell has, or `None` where slots are not used.
    pub(crate) fn take(&mut self) -> Result<Option<u32>, Failure> {
        let Self::PerSlot { taken } = self else { return Ok(None) };
        let free = (0..SLOTS).find(|slot| !taken.contains(slot));
        let slot = free.ok_or_else(|| Failure::new("give the cell a uid", "all are taken"))?;
        taken.insert(slot);
        Ok(Some(slot))
    }

    pub(crate) fn give_back(&mut self, slot: Option<u32>) {
        if let (Self::PerSlot { taken }, Some(slot)) = (self, slot) {
            taken.remove(&slot);
        }
    }
}

/// The uid and gid of a slot on the host.
pub(crate) fn host_id(slot: u32) -> u32 {
    FIRST_SLOT_ID + slot
}

/// Writes the uid and gid maps of a process that has just been cloned into a new user namespace.
pub(crate) fn write_maps(pid: Pid, slot: Option<u32>) -> Result<(), Failure> {
    let write =
        |file: &str, text: String| fs::write(format!("/proc/{pid}/{file}"), text).at(format_args!("write {file}"));
    let (uid, gid) = match slot {
        Some(slot) => (host_id(slot), host_id(slot)),
        None => {
            // An unprivileged process may map its gid only after giving up setgroups (user_namespaces(7)).
            write("setgroups", "deny".to_owned())?;
            (geteuid().as_raw(), getegid().as_raw())
        }
    };
    write("uid_map", format!("{INSIDE_ID} {uid} 1"))?;
    write("gid_map", format!("{INSIDE_ID} {gid} 1"))
}

/// Whether a uid_map (user_namespaces(7)) has the whole range `first..first + count`.
fn covers(map: &str, first: u32, count: u32) -> bool {
    map.lines().any(|line| {
        let mut numbers = line.split_whitespace().filter_map(|number| number.parse::<u64>().ok());
        let (Some(inside), Some(_), Some(length)) = (numbers.next(), numbers.next(), numbers.next()) else {
            return false;
        };
        inside <= u64::from(first) && u64::from(first) + u64::from(count) <= inside + length
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_without_the_range_is_seen() {
        assert!(covers("         0          0 4294967295\n", FIRST_SLOT_ID, SLOTS));
        assert!(!covers("         0     100000      65536\n", FIRST_SLOT_ID, SLOTS));
        assert!(!covers("", FIRST_SLOT_ID, SLOTS));
    }

    #[test]
    fn a_slot_is_taken_once() {
        let mut identities = Identities::PerSlot { taken: BTreeSet::new() };
        let first = identities.take().unwrap();
        assert_ne!(first, identities.take().unwrap());
        identities.give_back(first);
        assert_eq!(first, identities.take().unwrap());
        assert_eq!(Identities::Own.take(), Ok(None));
    }
}
