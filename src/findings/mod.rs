//! What the toolchain says of the reader's code, understood: text in, plain data out.
//!
//! One parser a format, each a pure function of one line. What a parser reads prints again as it was, so that nothing is
//! lost, and what it does not know it says so. `tests/suite/findings.rs` holds each against what the toolchain prints of its
//! whole standard library.

pub mod bounds;
pub mod codes;
pub mod compile_errors;
pub mod decisions;
pub mod explanations;
pub mod inlining;
pub mod listing;
pub mod optimiser_log;
pub mod place;

mod diagnose;

pub use diagnose::{Reading, Sources, diagnostics};
