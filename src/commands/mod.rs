//! One file a subcommand.

pub mod toolchain;
