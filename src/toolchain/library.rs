//! A standard library that was compiled ahead for one target, and what it takes to build a program against it.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    archive::hex,
    c::{self, Shared},
};

/// The file that tells the linker where each compiled package is, and what `runtime/debug.ReadBuildInfo` tells. The
/// places are relative to the folder, so it holds wherever a sandbox shows that.
pub const IMPORTCFG_LINK: &str = "importcfg.link";

const RECIPE: &str = "recipe.json";

/// The folder of the tools.
pub(super) const TOOLS: &str = "tools";

/// How the name of a library's folder begins.
pub(super) const CACHE: &str = "cache";

/// A compiled standard library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Library {
    /// The folder to use as GOCACHE, or under an overlay of it; [`IMPORTCFG_LINK`] lies in it too. Everyone can read it.
    pub folder: PathBuf,
    /// The packages, and the file of each in the folder.
    pub packages: BTreeMap<String, String>,
    /// How long each of those files is, in bytes.
    pub lengths: BTreeMap<String, u64>,
    /// How the go command builds a program of some files against it.
    pub recipe: Recipe,
    /// What programs need of the host's C library; nothing where they are not linked against it.
    pub shared: Vec<Shared>,
}

/// The flags with which the go command calls the compiler and the linker for a program of some files, as it told itself
/// (`go build -x`). Left out is what names a file, the build id, and how many processors are used: none of it shows in
/// what the tools print or in what the program does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// For `compile`.
    pub compile: Vec<String>,
    /// For `link`.
    pub link: Vec<String>,
}

/// The content of [`RECIPE`].
#[derive(Serialize, Deserialize)]
struct Written {
    recipe: Recipe,
    lengths: BTreeMap<String, u64>,
    /// Where programs look for the files of the host's C library.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    shared: Vec<PathBuf>,
}

impl Library {
    /// What was written by [`Library::write`] to the folder in `place` whose name begins so.
    pub(super) fn read(place: &Path) -> io::Result<Self> {
        let entries = fs::read_dir(place)?.collect::<io::Result<Vec<_>>>()?;
        let is_cache = |entry: &&fs::DirEntry| entry.file_name().to_string_lossy().starts_with(CACHE);
        let Some(folder) = entries.iter().find(is_cache) else { return Err(io::ErrorKind::NotFound.into()) };
        let folder = &folder.path();
        let Written { recipe, lengths, shared } = serde_json::from_slice(&fs::read(folder.join(RECIPE))?)?;
        let importcfg = fs::read_to_string(folder.join(IMPORTCFG_LINK))?;
        let package = |line: &str| {
            let (name, file) = line.strip_prefix("packagefile ")?.split_once('=')?;
            Some((name.to_owned(), file.to_owned()))
        };
        let packages = importcfg.lines().filter_map(package).collect();
        let shared = c::shared(folder, shared);
        Ok(Self { folder: folder.to_owned(), packages, lengths, recipe, shared })
    }

    /// A file that is not there whole, if there is one. Looks at lengths only, so it is quick.
    pub fn cut(&self) -> Option<&str> {
        let is_cut = |(file, length): &(&String, &u64)| {
            fs::metadata(self.folder.join(file)).map_or(true, |metadata| metadata.len() != **length)
        };
        self.lengths.iter().find(is_cut).map(|(file, _)| file.as_str())
    }

    /// Removes the files whose content is not what it was, and returns them. Reads all of them, some hundred megabytes. The
    /// go command names a file of its cache by the SHA-256 of its content (cmd/go/internal/cache, OutputID).
    pub fn remove_damaged(&self) -> Vec<PathBuf> {
        let is_damaged = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix("-d"));
            digest(path).ok().as_deref() != name
        };
        let damaged: Vec<_> = self.packages.values().map(|file| self.folder.join(file)).filter(is_damaged).collect();
        let names: Vec<&str> =
            damaged.iter().filter_map(|file| file.file_stem()?.to_str()?.strip_suffix("-d")).collect();
        // Entries say which action made which content (cmd/go/internal/cache, Get). `go list` believes one whose content
        // is gone.
        let mentions = |entry: &PathBuf| {
            entry.to_str().is_some_and(|path| path.ends_with("-a"))
                && fs::read_to_string(entry).is_ok_and(|text| names.iter().any(|name| text.contains(name)))
        };
        let entries: Vec<PathBuf> =
            if damaged.is_empty() { Vec::new() } else { self.files().filter(mentions).collect() };
        for file in damaged.iter().chain(&entries) {
            // One that cannot be removed is found again the next time.
            let _ = fs::remove_file(file);
        }
        damaged
    }

    /// All files of its cache, which are in folders of two hexadecimal digits.
    fn files(&self) -> impl Iterator<Item = PathBuf> {
        let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        list(&self.folder).filter(|path| path.is_dir()).flat_map(move |folder| list(&folder).collect::<Vec<_>>())
    }

    /// Writes what [`Library::read`] reads: `exports` is what `go list -export` said, with places in `folder`; `log`
    /// what `go build -x` of a program said; `shared` where programs look for files of the host's C library.
    pub(super) fn write(folder: &Path, exports: &[String], log: &[String], shared: Vec<PathBuf>) -> io::Result<()> {
        let (recipe, modinfo) =
            recipe(log).ok_or_else(|| io::Error::other("go build -x does not say how it builds"))?;
        let place = format!("={}/", folder.display());
        let exports: String = exports.iter().map(|line| line.replacen(&place, "=", 1) + "\n").collect();
        let files = exports.lines().filter_map(|line| line.split_once('='));
        let length = |(_, file): (&str, &str)| Ok((file.to_owned(), fs::metadata(folder.join(file))?.len()));
        let lengths = files.map(length).collect::<io::Result<_>>()?;
        fs::write(folder.join(RECIPE), serde_json::to_vec(&Written { recipe, lengths, shared })?)?;
        fs::write(folder.join(IMPORTCFG_LINK), exports + &modinfo + "\n")
    }

    /// The folder of tools that lies beside it, for this machine's only.
    pub(super) fn tools(&self) -> PathBuf {
        self.folder.with_file_name(TOOLS)
    }

    /// The folder of a program that stands in for the C compiler, where packages were compiled with one.
    pub fn stand_in(&self) -> Option<PathBuf> {
        (!self.shared.is_empty()).then(|| c::stand_in(&self.folder))
    }

    /// Whether a program may import the package `path`: it is there, and not the standard library's own affair
    /// (cmd/go/internal/load, disallowInternal and disallowVendor).
    pub fn offers(&self, path: &str) -> bool {
        path == "unsafe" || self.packages.contains_key(path) && is_public(path)
    }

    /// The packages that a program may import, in order.
    pub fn public_packages(&self) -> impl Iterator<Item = &str> {
        self.packages.keys().map(String::as_str).filter(|path| is_public(path))
    }
}

/// The SHA-256 of a file. It may be large, and is never in memory as a whole.
fn digest(path: &Path) -> io::Result<String> {
    let mut file = BufReader::with_capacity(64 << 10, fs::File::open(path)?);
    let mut digest = Sha256::new();
    loop {
        let part = file.fill_buf()?;
        if part.is_empty() {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(part);
        let length = part.len();
        file.consume(length);
    }
}

fn is_public(path: &str) -> bool {
    !path.split('/').any(|part| part == "internal" || part == "vendor")
}

/// The recipe, and the line of the linker's importcfg that is no package.
fn recipe(log: &[String]) -> Option<(Recipe, String)> {
    let call = |tool: &str| {
        let line = log.iter().rfind(|line| line.contains(&format!("/{tool} -o ")))?;
        let words = shlex::split(line)?;
        let at = words.iter().position(|word| word.ends_with(&format!("/{tool}")))?;
        // The last word is the file.
        Some(flags(&words[at + 1..words.len() - 1]))
    };
    let modinfo = log.iter().find(|line| line.starts_with("modinfo "))?;
    Some((Recipe { compile: call("compile")?, link: call("link")? }, modinfo.clone()))
}

fn flags(words: &[String]) -> Vec<String> {
    let mut words = words.iter();
    let mut flags = Vec::new();
    while let Some(word) = words.next() {
        match word.split('=').next().unwrap_or_default() {
            "-o" | "-trimpath" | "-importcfg" => drop(words.next()),
            "-buildid" if !word.contains('=') => drop(words.next()),
            "-buildid" | "-extld" | "-c" => {}
            _ => flags.push(word.clone()),
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"WORK=/x/go-build1
cat >/x/go-build1/b001/importcfg << 'EOF' # internal
packagefile fmt=/y z/cache/ab/abc-d
EOF
/opt/go/pkg/tool/linux_amd64/compile -o $WORK/b001/_pkg_.a -trimpath "$WORK/b001=>" -p main -lang=go1.27 -complete -buildid a/b -goversion go1.27.3 -c=2 -nolocalimports -importcfg $WORK/b001/importcfg -pack ./main.go
cat >/x/go-build1/b001/importcfg.link << 'EOF' # internal
packagefile command-line-arguments=$WORK/b001/_pkg_.a
modinfo "0w\xaf\tpath\n"
EOF
GOROOT='/opt/go' /opt/go/pkg/tool/linux_amd64/link -o $WORK/b001/exe/a.out -importcfg $WORK/b001/importcfg.link -X=runtime.godebugDefault=a=1 -buildmode=exe -buildid=a/b/c/a -extld=gcc $WORK/b001/_pkg_.a"#;

    #[test]
    fn the_go_command_tells_how_it_builds() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("cache-1");
        fs::create_dir(&folder).unwrap();
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let shown = folder.display();
        let exports = format!(
            "packagefile fmt={shown}/ab/abc-d\npackagefile internal/abi={shown}/cd/x-d\npackagefile vendor/a.b/c={shown}/ef/y-d"
        );
        for file in ["ab/abc-d", "cd/x-d", "ef/y-d"] {
            fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
            fs::write(folder.join(file), "archive").unwrap();
        }
        let places = vec![PathBuf::from("/lib64/ld.so")];
        Library::write(&folder, &lines(&exports), &lines(LOG), places.clone()).unwrap();
        let library = Library::read(place.path()).unwrap();
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            library.recipe.compile,
            words("-p main -lang=go1.27 -complete -goversion go1.27.3 -nolocalimports -pack")
        );
        assert_eq!(library.recipe.link, words("-X=runtime.godebugDefault=a=1 -buildmode=exe"));
        let link = fs::read_to_string(folder.join(IMPORTCFG_LINK)).unwrap();
        assert!(link.starts_with("packagefile fmt=ab/abc-d\n") && link.ends_with("modinfo \"0w\\xaf\\tpath\\n\"\n"));
        assert!(library.offers("fmt") && library.offers("unsafe"));
        for other in ["internal/abi", "vendor/a.b/c", "a.b/c", "C", "main", ""] {
            assert!(!library.offers(other), "{other}");
        }
        assert!(Library::write(&folder, &[], &lines("nothing"), Vec::new()).is_err());
        assert_eq!(library.shared, [Shared { file: place.path().join("shared/ld.so"), place: places[0].clone() }]);

        assert_eq!(library.cut(), None);
        fs::write(folder.join("cd/x-d"), "arch").unwrap();
        assert_eq!(library.cut(), Some("cd/x-d"));
    }

    #[test]
    fn a_file_is_named_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("{}-d", hex(&Sha256::digest("archive")));
        fs::create_dir(folder.path().join("ab")).unwrap();
        fs::write(folder.path().join(&name), "archive").unwrap();
        fs::write(folder.path().join("ab/x-a"), format!("v1 x {} 7", name.trim_end_matches("-d"))).unwrap();
        fs::write(folder.path().join("ab/y-a"), "v1 y z 7").unwrap();
        let packages = BTreeMap::from([("fmt".to_owned(), name.clone())]);
        let library = Library { folder: folder.path().to_owned(), packages, ..Library::default() };
        assert_eq!(library.remove_damaged(), Vec::<PathBuf>::new());
        fs::write(folder.path().join(&name), "archivE").unwrap();
        assert_eq!(library.remove_damaged(), [folder.path().join(&name)]);
        assert!(!folder.path().join(&name).exists() && !folder.path().join("ab/x-a").exists());
        assert!(folder.path().join("ab/y-a").exists());
    }
}
