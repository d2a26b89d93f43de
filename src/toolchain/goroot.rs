//! A Go toolchain on disk, looked at without running it.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{archive::hex, version::Version};

/// A usable Go toolchain for this machine, with all its parts under one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    goroot: PathBuf,
    version: Version,
    id: String,
}

/// Why a folder is no usable toolchain.
#[derive(Debug, thiserror::Error)]
pub enum GorootError {
    /// A part that every toolchain has is not there or cannot be read.
    #[error("{goroot} is no whole Go toolchain: {part}: {cause}")]
    Part {
        /// The folder.
        goroot: PathBuf,
        /// The part, relative to it.
        part: String,
        /// What the system said.
        cause: io::Error,
    },
    /// A part is a link to somewhere else, as in Debian's golang packages. A sandbox sees only
    /// the toolchain's own folder.
    #[error(
        "{goroot} is not in one place ({part} lies in {real}), so a sandbox cannot be given it; use another with --go, or type: underhood toolchain install"
    )]
    Scattered {
        /// The folder.
        goroot: PathBuf,
        /// The part, relative to it.
        part: String,
        /// Where it really is.
        real: PathBuf,
    },
    /// VERSION holds something else than a release.
    #[error("{goroot}: its VERSION file says {found:?}; underhood needs a released Go")]
    Unreleased {
        /// The folder.
        goroot: PathBuf,
        /// The first line of VERSION.
        found: String,
    },
    /// The programs are for another machine, or damaged.
    #[error("{goroot}: {part} is no program for this machine ({machine})", machine = host())]
    Foreign {
        /// The folder.
        goroot: PathBuf,
        /// The part, relative to it.
        part: String,
    },
}

impl Toolchain {
    /// Looks at the toolchain in `goroot`. Reads a few hundred kilobytes; runs nothing.
    pub fn at(goroot: &Path) -> Result<Self, GorootError> {
        let missing =
            |part: &str, cause| GorootError::Part { goroot: goroot.to_owned(), part: part.to_owned(), cause };
        let goroot = &fs::canonicalize(goroot).map_err(|e| missing(".", e))?;
        let text = fs::read_to_string(goroot.join("VERSION")).map_err(|e| missing("VERSION", e))?;
        // "go1.27.3", or "go1.27.3 X:experiment" for one built with experiments on.
        let first = text.lines().next().unwrap_or_default();
        let version = first
            .split(' ')
            .next()
            .filter(|word| word.starts_with("go"))
            .and_then(|word| word.parse().ok())
            .ok_or_else(|| GorootError::Unreleased { goroot: goroot.clone(), found: first.to_owned() })?;

        let tools = tool_folder();
        let programs = ["bin/go".to_owned(), format!("{tools}/compile"), format!("{tools}/link")];
        let folders = ["src/runtime".to_owned(), "pkg/include".to_owned()];
        for part in programs.iter().chain(&folders) {
            let real = fs::canonicalize(goroot.join(part)).map_err(|e| missing(part, e))?;
            if !real.starts_with(goroot) {
                return Err(GorootError::Scattered { goroot: goroot.clone(), part: part.clone(), real });
            }
        }

        let mut id = Sha256::new();
        id.update(&text);
        for part in &programs {
            let (size, head) = program(&goroot.join(part)).map_err(|e| missing(part, e))?;
            if !runs_here(&head) {
                return Err(GorootError::Foreign { goroot: goroot.clone(), part: part.clone() });
            }
            id.update(size.to_le_bytes());
            id.update(&head);
        }
        let mut id = hex(&id.finalize());
        id.truncate(16);
        Ok(Self { goroot: goroot.clone(), version, id })
    }

    /// The toolchain's folder, without links in it.
    pub fn goroot(&self) -> &Path {
        &self.goroot
    }

    /// Its release.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// 16 hexadecimal digits that differ between toolchains and do not depend on where one lies:
    /// a hash of VERSION and, of go, compile and link, the sizes and first pages, which hold
    /// Go's build id and so stand for the whole content.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What to type to have its standard library compiled, or compiled anew.
    pub fn remedy(&self) -> String {
        let goroot = self.goroot.to_string_lossy();
        let goroot = shlex::try_quote(&goroot).unwrap_or_default();
        format!("underhood toolchain install --if-missing --go {goroot}")
    }

    /// The `go` command.
    pub fn go(&self) -> PathBuf {
        self.goroot.join("bin/go")
    }
}

/// This machine in Go's words, such as `linux/amd64`.
pub fn host() -> String {
    format!("linux/{}", goarch())
}

/// This machine's GOARCH.
pub fn goarch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Where the compiler and the linker lie, relative to GOROOT.
pub fn tool_folder() -> String {
    format!("pkg/tool/linux_{}", goarch())
}

/// Size and first 64 KiB of a program.
fn program(path: &Path) -> io::Result<(u64, Vec<u8>)> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(64 << 10).read_to_end(&mut head)?;
    Ok((size, head))
}

/// Whether `head` begins a little-endian 64-bit ELF program of this machine.
fn runs_here(head: &[u8]) -> bool {
    // e_machine of the ELF header: EM_X86_64, EM_AARCH64.
    let machine: u16 = match goarch() {
        "amd64" => 62,
        "arm64" => 183,
        _ => return head.starts_with(b"\x7fELF"),
    };
    head.starts_with(b"\x7fELF\x02\x01") && head.get(18..20) == Some(&machine.to_le_bytes())
}

#[cfg(test)]
pub(super) mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// The files of a toolchain that passes [`Toolchain::at`], with `mark` in its programs.
    /// The programs have the real header of this test's own program and cannot be run.
    pub(in super::super) fn files(version: &str, mark: &str) -> Vec<(String, Vec<u8>)> {
        let (_, head) = program(&std::env::current_exe().unwrap()).unwrap();
        let program = [&head[..64], mark.as_bytes()].concat();
        let tools = tool_folder();
        vec![
            ("VERSION".to_owned(), format!("go{version}\ntime 2026-01-02T03:04:05Z\n").into_bytes()),
            ("bin/go".to_owned(), program.clone()),
            (format!("{tools}/compile"), program.clone()),
            (format!("{tools}/link"), program),
            ("pkg/include/textflag.h".to_owned(), b"#define NOSPLIT 4\n".to_vec()),
            ("src/runtime/proc.go".to_owned(), b"package runtime\n".to_vec()),
        ]
    }

    /// Such a toolchain, written to `goroot`.
    pub(in super::super) fn write(goroot: &Path, version: &str, mark: &str) {
        for (name, content) in files(version, mark) {
            let path = goroot.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }

    #[test]
    fn a_toolchain_tells_its_version_and_id() {
        let dir = tempfile::tempdir().unwrap();
        let (one, same, other) = (dir.path().join("one"), dir.path().join("same"), dir.path().join("other"));
        write(&one, "1.27.3", "x");
        write(&same, "1.27.3", "x");
        write(&other, "1.27.3", "y");
        let at = |path: &Path| Toolchain::at(path).unwrap();
        assert_eq!(at(&one).version().to_string(), "1.27.3");
        assert_eq!(at(&one).id(), at(&same).id());
        assert_ne!(at(&one).id(), at(&other).id());
        assert_eq!(at(&one).id().len(), 16);
    }

    fn error(spoil: impl FnOnce(&Path)) -> String {
        let dir = tempfile::tempdir().unwrap();
        let goroot = dir.path().join("go");
        write(&goroot, "1.27.3", "x");
        spoil(&goroot);
        Toolchain::at(&goroot).unwrap_err().to_string()
    }

    #[test]
    fn broken_toolchains_say_what_is_wrong() {
        let text = error(|go| fs::remove_file(go.join(tool_folder()).join("link")).unwrap());
        assert!(text.contains("no whole Go toolchain") && text.contains("/link"), "{text}");
        let text = error(|go| fs::write(go.join("VERSION"), "devel go1.28-abc").unwrap());
        assert!(text.contains("devel go1.28-abc"), "{text}");
        let text = error(|go| fs::write(go.join("bin/go"), "#!/bin/sh\n").unwrap());
        assert!(text.contains("bin/go is no program for this machine (linux/"), "{text}");
        let text = error(|go| {
            fs::rename(go.join("src"), go.with_file_name("elsewhere")).unwrap();
            symlink("../elsewhere", go.join("src")).unwrap();
        });
        assert!(text.contains("src/runtime lies in") && text.contains("toolchain install"), "{text}");
    }

    #[test]
    fn a_program_for_another_machine_is_told() {
        let text = error(|go| {
            let path = go.join("bin/go");
            let mut program = fs::read(&path).unwrap();
            program[18] = 8; // EM_MIPS
            fs::write(&path, program).unwrap();
        });
        assert!(text.contains("no program for this machine"), "{text}");
    }
}
