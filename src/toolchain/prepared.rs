//! A toolchain with everything that a runner needs of it, as plain data.

use std::{collections::BTreeSet, path::PathBuf};

use super::{
    data::DataDir,
    goroot::Toolchain,
    knobs::{KnobsError, godebug_keys, goexperiments},
    stdlib::{StdlibError, prepared},
};

/// A toolchain that is ready to build and run.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The release as Go names it: `go1.27.3`.
    pub version: String,
    /// Its folder.
    pub goroot: PathBuf,
    /// The build cache that holds its standard library; read-only.
    pub cache: PathBuf,
    /// The settings that it understands.
    pub knobs: Knobs,
}

/// The settings that a toolchain understands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knobs {
    /// Keys of GODEBUG.
    pub godebug: BTreeSet<String>,
    /// Words of GOEXPERIMENT, negated ones included.
    pub goexperiment: BTreeSet<String>,
}

/// Why a toolchain is not ready.
#[derive(Debug, thiserror::Error)]
pub enum PreparedError {
    /// Its standard library was not compiled ahead.
    #[error(
        "the standard library of Go {version} is not compiled yet; type: underhood toolchain install --if-missing"
    )]
    NotCompiled {
        /// The release.
        version: String,
    },
    /// The prepared standard library cannot be looked at.
    #[error(transparent)]
    Stdlib(#[from] StdlibError),
    /// Its settings cannot be read.
    #[error(transparent)]
    Knobs(#[from] KnobsError),
}

impl Prepared {
    /// What was prepared for `toolchain`. Reads a few source files; compiles nothing.
    pub fn load(toolchain: &Toolchain, data: &DataDir) -> Result<Self, PreparedError> {
        let stdlib = prepared(toolchain, data)?
            .ok_or_else(|| PreparedError::NotCompiled { version: toolchain.version().to_string() })?;
        Ok(Self {
            version: format!("go{}", toolchain.version()),
            goroot: toolchain.goroot().to_owned(),
            cache: stdlib.cache().to_owned(),
            knobs: Knobs::read(toolchain)?,
        })
    }
}

impl Knobs {
    /// Reads them from the toolchain's source.
    pub fn read(toolchain: &Toolchain) -> Result<Self, KnobsError> {
        Ok(Self { godebug: godebug_keys(toolchain)?, goexperiment: goexperiments(toolchain)? })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::goroot::tests::write, *};

    #[test]
    fn what_was_not_compiled_says_what_to_type() {
        let dir = tempfile::tempdir().unwrap();
        write(&dir.path().join("go"), "1.27.3", "x");
        let toolchain = Toolchain::at(&dir.path().join("go")).unwrap();
        let error = Prepared::load(&toolchain, &DataDir::at(dir.path())).unwrap_err().to_string();
        assert!(error.contains("toolchain install --if-missing"), "{error}");
    }
}
