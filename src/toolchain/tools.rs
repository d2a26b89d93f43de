//! Tools that a toolchain comes without, compiled ahead: some of Go's own, which the go command would compile when they
//! are first asked for, and two of ours, which lie beside this file.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::goroot::Toolchain;

/// The tools that were compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    /// Their folder. Everyone can read it, and run what lies in it.
    pub folder: PathBuf,
    /// Their names. A toolchain without the sources of one has none of it.
    pub names: BTreeSet<String>,
}

/// How a tool is compiled.
pub(super) struct Tool {
    /// Its name.
    pub name: &'static str,
    /// A folder of GOROOT without which it cannot be.
    needs: &'static str,
    source: Source,
}

enum Source {
    /// A package of the toolchain.
    Package(&'static str),
    /// One file of ours.
    Own(&'static str),
}

/// All of them.
pub(super) const ALL: [Tool; 4] = [
    Tool { name: "objdump", needs: "src/cmd/objdump", source: Source::Package("cmd/objdump") },
    Tool { name: "nm", needs: "src/cmd/nm", source: Source::Package("cmd/nm") },
    Tool { name: "layout", needs: "src/go/types", source: Source::Own(include_str!("tools/layout.go")) },
    Tool { name: "sections", needs: "src/debug/elf", source: Source::Own(include_str!("tools/sections.go")) },
];

impl Tool {
    /// Whether the toolchain has what it is made of.
    pub fn can_be_had(&self, toolchain: &Toolchain) -> bool {
        toolchain.goroot().join(self.needs).is_dir()
    }

    /// What the go command is to build. A file of ours is written to `folder`.
    pub fn argument(&self, folder: &Path) -> io::Result<String> {
        match self.source {
            Source::Package(path) => Ok(path.to_owned()),
            Source::Own(text) => {
                let file = format!("{}.go", self.name);
                fs::write(folder.join(&file), text)?;
                Ok(file)
            }
        }
    }
}

impl Tools {
    /// Those in a folder.
    pub(super) fn read(folder: PathBuf) -> io::Result<Self> {
        let names = fs::read_dir(&folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        Ok(Self { names: names.collect::<io::Result<_>>()?, folder })
    }
}
