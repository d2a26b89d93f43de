//! What the real go command says of a program. Kept from one run of the tests to the next, since it takes minutes.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::corpus::Program;
use super::kept;
use crate::harness::command::{Ended, Raw};
use crate::harness::go::{self, Folder};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    Run,
    Escape,
    Reasons,
    Asm,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::Run, Self::Escape, Self::Reasons, Self::Asm];

    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Escape => "escape",
            Self::Reasons => "escape level=2",
            Self::Asm => "asm",
        }
    }
}

/// What a reader sees in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Status and code or signal of the exit event, such as `build_failed 1`.
    pub exit: String,
    pub stdout: String,
    pub stderr: String,
}

/// What the real side says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Real {
    Says(Seen),
    /// It does not say the same twice, so that nobody can be asked to; here is why.
    Varies(String),
}

/// To be counted up when what is asked of the real side changes, so that old answers are not taken for new ones.
const RECIPE: u32 = 1;

/// A program that takes longer is not compared.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a program that differs is asked again, twice each time.
const MORE: usize = 8;

const EACH_TIME: &str = "prints something else each time";

/// The kept answer of the real side, or a new one.
pub fn answer(program: &Program, mode: Mode) -> Real {
    let path = kept::folder().join(key(program, mode));
    if let Some(real) = read(&path) {
        return real;
    }
    let real = ask(program, mode);
    keep(program, mode, &real);
    real
}

fn keep(program: &Program, mode: Mode, real: &Real) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut packed, real).expect("written");
    kept::write(&kept::folder().join(key(program, mode)), &packed.finish().expect("packed"));
}

/// Whether a program that said the same twice says something else when it is asked more often, under load as
/// ours is. From then on its answer is that it varies.
pub fn varies_after_all(program: &Program, said: &Seen) -> bool {
    let again = (0..MORE).map(|_| run(program, &Folder::with(program.files.clone())));
    let varies = again.into_iter().any(|real| !matches!(real, Real::Says(seen) if seen == *said));
    if varies {
        keep(program, Mode::Run, &Real::Varies(EACH_TIME.to_owned()));
    }
    varies
}

/// `None` if it is not there, or was cut short or changed by somebody.
fn read(kept: &Path) -> Option<Real> {
    let mut text = Vec::new();
    GzDecoder::new(File::open(kept).ok()?).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

fn key(program: &Program, mode: Mode) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{RECIPE} {}", mode.name()));
    for (name, text) in &program.files {
        hash.update(format!("\n{} {name}\n{text}", text.len()));
    }
    kept::hex(&hash.finalize())
}

fn ask(program: &Program, mode: Mode) -> Real {
    let folder = Folder::with(program.files.clone());
    let ended = match mode {
        Mode::Run => return run(program, &folder),
        Mode::Escape => folder.build("-m"),
        Mode::Reasons => folder.build("-m=2"),
        Mode::Asm => folder.compile(&[], &[]),
    };
    Real::Says(of_tool(ended))
}

fn of_tool(ended: Ended) -> Seen {
    let code = ended.code.expect("a tool is not killed");
    let exit = if code == 0 { "ok 0".to_owned() } else { format!("build_failed {code}") };
    Seen { exit, stdout: ended.stdout, stderr: ended.stderr }
}

fn run(program: &Program, folder: &Folder) -> Real {
    let (built, binary) = folder.link();
    if built.code != Some(0) {
        return Real::Says(of_tool(built));
    }
    if !is_program(&binary) {
        // By design: go build makes a library in silence, and what cannot be run is told in the words of go run.
        let stderr = built.stderr + "package command-line-arguments is not a main package\n";
        return Real::Says(Seen { exit: "build_failed 1".to_owned(), stdout: built.stdout, stderr });
    }
    // The second time with as much different as may be, so that what depends on it comes to light.
    let elsewhere = Folder::with(program.files.clone());
    let once = folder.execute(&binary, &[], PATIENCE).map(|raw| of_program(&built, raw, [folder, &elsewhere]));
    let again = elsewhere.execute(&binary, &[("GOMAXPROCS", "1")], PATIENCE);
    let again = again.map(|raw| of_program(&built, raw, [folder, &elsewhere]));
    match (once, again) {
        (Some(once), Some(again)) if once == again => Real::Says(once),
        (Some(_), Some(_)) => Real::Varies(EACH_TIME.to_owned()),
        _ => Real::Varies("takes longer than five seconds".to_owned()),
    }
}

fn is_program(binary: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(binary).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && magic == *b"\x7fELF"
}

fn of_program(built: &Ended, raw: Raw, folders: [&Folder; 2]) -> Seen {
    let shown =
        |bytes: &[u8]| folders.iter().fold(bytes.to_vec(), |bytes, folder| folder.as_in_a_cell(&bytes).into_bytes());
    let text = |bytes: &[u8]| String::from_utf8_lossy(&shown(bytes)).into_owned();
    let goroot = format!("{}/", go::root().display());
    Seen {
        exit: exit(raw.status),
        // What a program prints by itself is its own, but panics name files of GOROOT.
        stdout: built.stdout.clone() + &text(&raw.stdout).replace(&goroot, "/usr/local/go/"),
        stderr: built.stderr.clone() + &text(&raw.stderr).replace(&goroot, "$GOROOT/"),
    }
}

fn exit(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "ok 0".to_owned(),
        (Some(code), _) => format!("failed {code}"),
        (None, Some(number)) => format!("signalled {}", Signal::try_from(number).expect("a signal of Linux")),
        (None, None) => unreachable!("it ended"),
    }
}
