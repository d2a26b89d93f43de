//! Runs a hostile program under limits.
//!
//! # Theory of operation
//!
//! Three kinds of process. The *service* (the caller, with its async runtime and its many threads) never forks. It
//! starts one *zygote*, small and single-threaded, which clones *cells*. A cell is a set of namespaces around an
//! `init`, its pid 1, which forks a *stub* for each command; the stub gives up everything and executes the program.
//!
//! ```text
//! service ──SEQPACKET── zygote ──clone3── init (pid 1 of the cell)
//!    └───────control socket────────────────┘└─fork─ stub ─exec─ program
//! ```
//!
//! Life and death go by descriptors. A cell's init exits when its control socket closes, and the kernel then kills
//! all processes of its pid namespace; the zygote kills and reaps all cells when its own socket closes. So whoever
//! dies, and however, nothing is left running.
//!
//! A request travels as plain data ([`spec`]): the [`CellSpec`](spec::CellSpec) when a cell is prepared, the
//! [`Job`](spec::Job) when it is used. Programs get three descriptors (and their own image), an environment that is
//! spelled out, and files that are written into the cell's tmpfs; no path of the host is ever opened on a program's
//! behalf after the mounts are made.

mod cell;
mod cgroup;
mod folders;
mod huge_pages;
mod identity;
mod layout;
mod lock;
mod orphans;
pub mod report;
mod seccomp;
mod service;
pub mod spec;
mod sys;
mod wire;
pub mod zygote;

pub use layout::Layout;
pub use service::{
    Cell, Error, Outputs, Pool, PoolCounts, Progress, Running, Sandbox, SandboxCounts, sealed_copy, sealed_memfd,
    sealed_program,
};
