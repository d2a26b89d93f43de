//! Underhood: see how Go programs really run.
//!
//! A library for this workspace's own use: the program in `main.rs`, and the fuzz targets in `fuzz/`. What is public
//! here is what they need, and no promise to anyone else.

mod authoring;
mod commands;
mod examples;
mod export;
pub mod findings;
mod http;
pub mod protocol;
mod run;
mod shares;
mod site;
mod toolchain;

pub use authoring::{golden, messages};
pub use commands::main;
pub use examples::{Catalogue, Example, Variant, wants};
pub use http::pages::form;
pub use http::problem::status;
pub use run::{cells, environment, limits, only, output, places, plan, source};
pub use toolchain::{Knobs, Library, Prepared, Recipe, Target, Tools};
