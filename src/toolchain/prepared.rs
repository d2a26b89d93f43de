//! A toolchain with everything that a runner needs of it, as plain data.

use std::{collections::BTreeSet, io, path::PathBuf, sync::Arc};

use super::{
    goroot::Toolchain,
    knobs::{KnobsError, godebug_keys, goexperiments},
    libraries::Libraries,
    library::Library,
    stdlib::StdlibError,
    target::Target,
    tools::Tools,
};

/// A toolchain that is ready to build and run.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The release as Go names it: `go1.27.3`.
    pub version: String,
    /// [`Toolchain::id`].
    pub id: String,
    /// Its folder.
    pub goroot: PathBuf,
    /// Its standard library, compiled for this machine.
    pub library: Arc<Library>,
    /// The tools that were compiled with it.
    pub tools: Tools,
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
    #[error("the standard library of Go {version} is not compiled yet; type: {remedy}")]
    NotCompiled {
        /// The release.
        version: String,
        /// What to type.
        remedy: String,
    },
    /// The prepared standard library cannot be looked at.
    #[error(transparent)]
    Stdlib(#[from] StdlibError),
    /// The tools that were compiled with it are gone.
    #[error("the tools that were compiled ahead cannot be read: {0}")]
    Tools(io::Error),
    /// Its settings cannot be read.
    #[error(transparent)]
    Knobs(#[from] KnobsError),
}

impl Prepared {
    /// What was prepared of `toolchain`. Reads a few files; compiles nothing.
    pub fn load(toolchain: &Toolchain, libraries: &Libraries) -> Result<Self, PreparedError> {
        let library = libraries.find(&Target::host())?.ok_or_else(|| PreparedError::NotCompiled {
            version: toolchain.version().to_string(),
            remedy: toolchain.remedy(),
        })?;
        Ok(Self {
            version: format!("go{}", toolchain.version()),
            id: toolchain.id().to_owned(),
            goroot: toolchain.goroot().to_owned(),
            tools: Tools::read(library.tools()).map_err(PreparedError::Tools)?,
            library,
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
    use super::{super::data::DataDir, super::goroot::tests::write, *};

    #[test]
    fn what_was_not_compiled_says_what_to_type() {
        let dir = tempfile::tempdir().unwrap();
        write(&dir.path().join("go"), "1.27.3", "x");
        let toolchain = Toolchain::at(&dir.path().join("go")).unwrap();
        let error =
            Prepared::load(&toolchain, &Libraries::of(&toolchain, &DataDir::at(dir.path()))).unwrap_err().to_string();
        let remedy = format!("type: underhood toolchain install --if-missing --go {}", toolchain.goroot().display());
        assert!(error.ends_with(&remedy), "{error}");
    }
}
