//! The kinds of cell: in two the toolchain works on the reader's files, in one the program runs.

use std::path::{Path, PathBuf};

use sandbox::spec::{CellSpec, Mount, Network, Processes, Word};

use super::limits::{Limits, StageLimits};
use super::places::{CACHE, CODE, GOROOT, OUT, TMP, TOOLS};
use super::tools;
use crate::toolchain::{Library, Prepared, STAND_IN_PLACE, Shared, Target, tool_folder};

const CONFIG: &str = "/etc/xdg";

/// For the compiler and the linker alone, the first of which is started with it: the compiled standard library
/// read-only, threads only.
pub fn tools(go: &Prepared, library: &Library, limits: &StageLimits, target: &Target) -> CellSpec {
    let mut mounts = vec![
        Mount::ReadOnly { source: go.goroot.clone(), target: GOROOT.into(), exec: true },
        Mount::ReadOnly { source: library.folder.clone(), target: CACHE.into(), exec: false },
        Mount::ReadOnly { source: go.tools.folder.clone(), target: TOOLS.into(), exec: true },
        scratch(OUT),
    ];
    mounts.extend(stand_in(library, false));
    mounts.extend(common());
    CellSpec {
        mounts,
        processes: Processes::ThreadsOnly,
        network: Network::None,
        limits: limits.cell(),
        ahead: tools::ahead(go, &build_env(limits, target)),
        huge: huge(go),
    }
}

/// For the go command: the compiled standard library under an overlay, children allowed.
pub fn build(go: &Prepared, library: &Library, limits: &StageLimits) -> CellSpec {
    let mut mounts = vec![
        Mount::ReadOnly { source: go.goroot.clone(), target: GOROOT.into(), exec: true },
        Mount::Overlay { lower: library.folder.clone(), target: CACHE.into() },
        Mount::ReadOnly { source: go.tools.folder.clone(), target: TOOLS.into(), exec: true },
        scratch(OUT),
        // Without /proc the go command cannot start its telemetry process, and says so unless it is off.
        file(&format!("{CONFIG}/go/telemetry/mode"), "off\n"),
    ];
    mounts.extend(stand_in(library, true));
    mounts.extend(common());
    CellSpec {
        mounts,
        processes: Processes::Children,
        network: Network::Loopback,
        limits: limits.cell(),
        ahead: Vec::new(),
        huge: huge(go),
    }
}

/// The one tool to which huge pages make a difference: it has 28 MB, and most of its time goes into getting started.
fn huge(go: &Prepared) -> Vec<PathBuf> {
    vec![go.goroot.join(tool_folder()).join("compile")]
}

/// What stands in for the C compiler where packages were compiled with one.
fn stand_in(library: &Library, exec: bool) -> Option<Mount> {
    let source = library.stand_in()?;
    Some(Mount::ReadOnly { source, target: STAND_IN_PLACE.into(), exec })
}

/// The binary comes by descriptor: no GOROOT, no cache, no /proc, threads only. There is more where programs that are
/// built with `library` need more.
pub fn run(go: &Prepared, library: &Library, limits: &Limits) -> CellSpec {
    let zones = "lib/time/zoneinfo.zip";
    let mut mounts = vec![
        // package time looks in the GOROOT that the linker wrote down.
        Mount::ReadOnly { source: go.goroot.join(zones), target: PathBuf::from(GOROOT).join(zones), exec: false },
        file("/etc/hosts", "127.0.0.1 localhost underhood\n::1 localhost\n"),
        file("/etc/nsswitch.conf", "hosts: files\n"),
        file("/etc/group", "reader:x:1000:\n"),
    ];
    mounts.extend(common());
    let cell = CellSpec {
        mounts,
        processes: Processes::ThreadsOnly,
        network: Network::Loopback,
        limits: limits.run.cell(),
        ahead: Vec::new(),
        huge: Vec::new(),
    };
    if library.shared.is_empty() { cell } else { with_race_detector(cell, library, limits) }
}

/// Adds what the race detector needs: the host's C library, and the name of the program, about which it complains
/// otherwise.
fn with_race_detector(mut cell: CellSpec, library: &Library, limits: &Limits) -> CellSpec {
    for Shared { file, place } in &library.shared {
        // The kernel starts the dynamic linker, and that maps the others as code.
        cell.mounts.push(Mount::ReadOnly { source: file.clone(), target: place.clone(), exec: true });
    }
    cell.mounts.push(Mount::Link { target: "/proc/self/exe".into(), to: Path::new(CODE).join("main") });
    // It maps 300 MB and touches few of them, so a limit on what is mapped has to be larger than one on memory; as large
    // as that of builds, by which places are counted.
    cell.limits.data_bytes = limits.run_memory_bytes();
    cell
}

/// The environment of every toolchain command. Nothing of it comes from the reader or from the service's own.
pub fn build_env(limits: &StageLimits, target: &Target) -> Vec<(String, Word)> {
    // The runtime sees no cgroup in here, so the tools must be told to collect in time.
    let memory = (limits.memory_bytes / 10 * 9).to_string();
    // The race detector is for cells with mounts, where a path is itself.
    let path = if target.has_race_detector() {
        Word::from(format!("{GOROOT}/bin:{STAND_IN_PLACE}"))
    } else {
        Word::path("", format!("{GOROOT}/bin"))
    };
    let mut env = named([
        ("GOCACHE", Word::path("", CACHE)),
        ("GOENV", Word::from("off")),
        ("GOMEMLIMIT", Word::from(memory)),
        ("GOPATH", Word::path("", "/tmp/go")),
        ("GOPROXY", Word::from("off")),
        ("GOROOT", Word::path("", GOROOT)),
        ("GOSUMDB", Word::from("off")),
        ("GOTOOLCHAIN", Word::from("local")),
        ("HOME", Word::path("", TMP)),
        ("PATH", path),
        ("PWD", Word::path("", CODE)),
        ("TMPDIR", Word::path("", TMP)),
        ("XDG_CONFIG_HOME", Word::path("", CONFIG)),
    ]);
    env.extend(target.settings().map(|(name, value)| (name.to_owned(), Word::from(value))));
    env.extend(target.env().into_iter().map(|(name, value)| (name, Word::from(value))));
    env
}

/// What a program finds in its environment beside the reader's own variables.
pub fn run_env() -> Vec<(String, Word)> {
    named([
        ("HOME", Word::path("", TMP)),
        ("PATH", Word::from("/usr/local/bin:/usr/bin:/bin")),
        ("PWD", Word::path("", CODE)),
        ("TMPDIR", Word::path("", TMP)),
        ("USER", Word::from("reader")),
    ])
}

fn named<const N: usize>(variables: [(&str, Word); N]) -> Vec<(String, Word)> {
    variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn common() -> [Mount; 4] {
    [
        scratch(CODE),
        scratch(TMP),
        Mount::Device { path: "/dev/null".into() },
        file("/etc/passwd", "reader:x:1000:1000:A reader:/tmp:/bin/false\n"),
    ]
}

fn scratch(target: &str) -> Mount {
    Mount::Scratch { target: target.into() }
}

fn file(target: &str, text: &str) -> Mount {
    Mount::File { target: target.into(), text: text.to_owned() }
}
