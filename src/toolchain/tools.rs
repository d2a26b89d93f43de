//! Tools that are compiled ahead: some of Go's own, which the go command would compile when they are first asked for; its
//! linker, which links faster so; and two of ours, which lie in the folder beside this file.

mod huge_pages;

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
    /// Files of ours: names and texts.
    Own(&'static [(&'static str, &'static str)]),
    /// A package of the toolchain, to be compiled with a runtime that asks for huge pages.
    OnHugePages(&'static str),
}

/// All of them.
pub(super) const ALL: [Tool; 5] = [
    Tool { name: "objdump", needs: "src/cmd/objdump", source: Source::Package("cmd/objdump") },
    Tool { name: "nm", needs: "src/cmd/nm", source: Source::Package("cmd/nm") },
    Tool { name: "link", needs: "src/cmd/link", source: Source::OnHugePages("cmd/link") },
    Tool { name: "layout", needs: "src/go/types", source: Source::Own(LAYOUT) },
    Tool { name: "sections", needs: "src/debug/elf", source: Source::Own(SECTIONS) },
];

const LAYOUT: &[(&str, &str)] = &[
    ("layout.go", include_str!("tools/layout.go")),
    ("layout_measure.go", include_str!("tools/layout_measure.go")),
    ("layout_source.go", include_str!("tools/layout_source.go")),
];

const SECTIONS: &[(&str, &str)] = &[("sections.go", include_str!("tools/sections.go"))];

impl Tool {
    /// Whether the toolchain has what it is made of.
    pub fn can_be_had(&self, toolchain: &Toolchain) -> bool {
        toolchain.goroot().join(self.needs).is_dir()
    }

    /// Whether the toolchain has one of its own, which is as good but for the time it takes.
    pub fn can_be_missing(&self) -> bool {
        matches!(self.source, Source::OnHugePages(_))
    }

    /// What the go command is to build; nothing where the toolchain is not made as we know it. Files of ours are written
    /// to `folder`.
    pub fn arguments(&self, toolchain: &Toolchain, folder: &Path) -> io::Result<Vec<&'static str>> {
        let files = match self.source {
            Source::Package(path) => return Ok(vec![path]),
            Source::OnHugePages(path) => {
                let flag = huge_pages::overlay(toolchain.goroot(), folder)?;
                return Ok(flag.map_or_else(Vec::new, |flag| vec![flag, path]));
            }
            Source::Own(files) => files,
        };
        for (name, text) in files {
            fs::write(folder.join(name), text)?;
        }
        Ok(files.iter().map(|(name, _)| *name).collect())
    }
}

impl Tools {
    /// Those in a folder.
    pub(super) fn read(folder: PathBuf) -> io::Result<Self> {
        let names = fs::read_dir(&folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        Ok(Self { names: names.collect::<io::Result<_>>()?, folder })
    }
}
