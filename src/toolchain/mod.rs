//! The Go toolchain that everything is run with: found, or installed and verified, its standard
//! library compiled ahead, and the settings that it understands.
//!
//! Nothing here is called while a request is served, except to read what was prepared.

mod archive;
mod c;
mod data;
mod facts;
mod fetch;
mod find;
mod goroot;
mod install;
mod knobs;
mod libraries;
mod library;
mod pins;
mod prepared;
mod progress;
mod stdlib;
mod target;
mod tools;
mod version;

pub use c::{LIBGCC, STAND_IN_PLACE, Shared};
pub use data::{DataDir, cache_folder};
pub use facts::{Amount, Facts, Meter, Setting, Variable};
pub use find::{Choice, Origin, choose, installed, on_path};
pub use goroot::{Toolchain, tool_folder};
pub use install::{InstallError, Sources, install};
pub use knobs::KnobsError;
pub use libraries::Libraries;
pub use library::{IMPORTCFG_LINK, Library, Recipe};
pub use pins::{all as pins, default as default_pin, find as find_pin};
pub use prepared::{Knobs, Prepared};
pub use progress::{Interrupted, Progress, Unit};
pub use stdlib::StdlibError;
pub use target::Target;
pub use tools::Tools;
pub use version::Wanted;
