//! What happens inside a cell: its first process sets it up and reaps, a stub becomes the program.

pub(crate) mod access;
mod files;
mod folder;
mod held;
pub(crate) mod init;
mod root;
mod stub;

use crate::folders::Links;
use crate::layout::Layout;
use crate::seccomp::Filters;

/// What stands between a cell and the host, as far as the zygote decides it.
#[derive(Debug)]
pub(crate) struct Wall<'a> {
    pub(crate) filters: &'a Filters,
    /// No cgroup limits memory here, so RLIMIT_DATA must do what it can: it counts each process alone, and private
    /// memory only.
    pub(crate) soft_memory: bool,
    pub(crate) ground: Ground<'a>,
    pub(crate) layout: Layout,
}

/// What a cell is built on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground<'a> {
    /// Namespaces of its own.
    Namespaces,
    /// A folder, for a host that grants no namespaces.
    Folder {
        /// The uid and gid of the cell alone; `None` where the service's own must do.
        host_id: Option<u32>,
        /// What the zygote has linked for the overlays.
        links: &'a Links,
    },
}
