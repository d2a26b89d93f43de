//! The whole of Underhood against the real Go toolchain and the real sandbox.
//!
//! Go programs lie beside the tests: `programs/` are a reader's, `attacks/` try to get out.

mod api;
mod attacks;
mod authoring_docs;
mod caches;
mod capture;
mod check;
mod ci;
mod clients;
mod command_line;
mod control_groups;
mod diagnostics;
mod differential;
mod export;
mod fair_use;
mod findings;
mod harness;
mod http;
mod huge_pages;
mod inlining;
mod levels;
mod modes;
mod observing;
mod operating;
mod race;
mod same_bytes;
mod shares;
mod shelf;
mod soak;
mod stopping;
mod toolchains;
mod watch;
