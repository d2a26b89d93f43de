//! The Go toolchain that everything is run with: found, or installed and verified, its standard
//! library compiled ahead, and the settings that it understands.
//!
//! Nothing here is called while a request is served, except to read what was prepared.

mod archive;
mod data;
mod fetch;
mod find;
mod goroot;
mod install;
mod knobs;
mod pins;
mod prepared;
mod progress;
mod stdlib;
mod version;

pub use data::{DataDir, DataError};
pub use find::{Choice, FindError, Origin, choose, installed, on_path};
pub use goroot::{GorootError, Toolchain, goarch};
pub use install::{InstallError, Installed, Sources, install};
pub use knobs::{KnobsError, godebug_keys, godebug_removed, goexperiments};
pub use pins::{Pin, all as pins, default as default_pin, find as find_pin};
pub use prepared::{Knobs, Prepared, PreparedError};
pub use progress::{Interrupted, Progress, Silent, Unit};
pub use stdlib::{BUILD_ENV, Stdlib, StdlibError, prepare, prepared};
pub use version::{NotAVersion, Version, Wanted};
