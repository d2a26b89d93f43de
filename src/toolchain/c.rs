//! What the race detector needs of C: a compiler while the standard library is compiled for it, and the host's C library
//! wherever a program runs. Both are taken from this machine when the library is made.
//!
//! Go's own part of it is compiled with the host's compiler (runtime/cgo), and a program is linked against the host's C
//! library. The files of that which the dynamic linker names are copied beside the compiled standard library, each with
//! the place where a program looks for it, so that what cells are given is what was there when all was made.
//!
//! No cell has a C compiler. The go command asks for one all the same, to find what was compiled with it, and the linker
//! for the library of functions that compilers call by themselves. The answers that the real one gave are written down,
//! and in a cell a program stands in that does nothing but repeat them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The name under which Go looks for it.
pub(super) const COMPILER: &str = "gcc";

/// Where it is looked for, as the search path of commands that compile ahead.
pub(super) const SEARCHED: &str = "/usr/bin:/bin";

/// What to install, where there is none or the headers are missing.
pub(super) const REMEDY: &str = "install gcc and the headers of the C library (apt-get install gcc libc6-dev)";

/// The folder of the copies.
const SHARED: &str = "shared";

/// The folder of the program that stands in for the compiler.
const STAND_IN: &str = "cc";

/// Where cells show that folder.
pub const STAND_IN_PLACE: &str = "/cc";

/// The compiler's own functions, in the same folder.
pub const LIBGCC: &str = "libgcc.a";

/// A file of the host's C library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The copy.
    pub file: PathBuf,
    /// Where programs look for it.
    pub place: PathBuf,
}

/// The host's compiler, if there is one.
pub(super) fn compiler() -> Option<PathBuf> {
    SEARCHED.split(':').map(|folder| Path::new(folder).join(COMPILER)).find(|path| path.is_file())
}

/// The folder of the program that stands in for the compiler, beside the compiled standard library `folder`.
pub(super) fn stand_in(folder: &Path) -> PathBuf {
    folder.with_file_name(STAND_IN)
}

/// The copies of what lies at `places`, beside the compiled standard library `folder`.
pub(super) fn shared(folder: &Path, places: Vec<PathBuf>) -> Vec<Shared> {
    let copies = folder.with_file_name(SHARED);
    let copy = |place: PathBuf| Shared { file: copies.join(place.file_name().unwrap_or_default()), place };
    places.into_iter().map(copy).collect()
}

/// Makes the program that stands in for `compiler`, in `whole`. `scratch` is a folder for what is needed on the way.
pub(super) fn write_stand_in(compiler: &Path, whole: &Path, scratch: &Path) -> io::Result<()> {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(compiler);
        command.args(arguments).current_dir(scratch).env_clear().env("LC_ALL", "C").env("PATH", SEARCHED);
        let output = command.stdin(Stdio::null()).output()?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!("{COMPILER} {} failed: {said}", arguments.join(" "))))
    };
    let folder = whole.join(STAND_IN);
    fs::create_dir_all(&folder)?;
    // The very words of cmd/go/internal/work, gccToolID, and of cmd/link/internal/ld, findLibPathCmd.
    let version = run(&["-###", "-x", "c", "-c", "-"])?.stderr;
    let libgcc = run(&["-m64", "--print-libgcc-file-name"])?.stdout;
    fs::copy(String::from_utf8_lossy(&libgcc).trim_end(), folder.join(LIBGCC))?;
    fs::write(scratch.join("said"), version)?;
    fs::write(scratch.join("libgcc"), format!("{STAND_IN_PLACE}/{LIBGCC}\n"))?;
    fs::write(scratch.join("stand_in.s"), include_str!("c/stand_in.s"))?;
    run(&["-nostdlib", "-static", "-o", COMPILER, "stand_in.s"])?;
    fs::copy(scratch.join(COMPILER), folder.join(COMPILER)).map(drop)
}

/// Copies into `whole` what the dynamic linker finds for `program`, and returns where it did.
pub(super) fn copy_shared(program: &Path, whole: &Path) -> io::Result<Vec<PathBuf>> {
    let copies = whole.join(SHARED);
    fs::create_dir_all(&copies)?;
    // ld.so(8): told in this way it lists what it would load, and the program is not run.
    let mut list = Command::new(program);
    let output = list.env_clear().env("LD_TRACE_LOADED_OBJECTS", "1").stdin(Stdio::null()).output()?;
    let places = listed(&String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| io::Error::other("the dynamic linker does not say what a program needs"))?;
    for place in &places {
        fs::copy(place, copies.join(place.file_name().unwrap_or_default()))?;
    }
    Ok(places)
}

/// The places in a list of the dynamic linker's, as ldd(1) prints it. `None` if there are none or one is not found.
fn listed(text: &str) -> Option<Vec<PathBuf>> {
    let mut places = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("linux-vdso.so")) {
        // `NAME => PLACE (ADDRESS)`, or the dynamic linker itself: `PLACE (ADDRESS)`.
        let place = line.split_once(" => ").map_or(line, |(_, place)| place);
        let (place, _) = place.rsplit_once(" (0x")?;
        let place = PathBuf::from(place);
        if !place.is_absolute() {
            return None;
        }
        places.push(place);
    }
    (!places.is_empty()).then_some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dynamic_linker_says_what_a_program_needs() {
        let text = "\tlinux-vdso.so.1 (0x00007ffc2b5f2000)\n\
                    \tlibresolv.so.2 => /lib/x86_64-linux-gnu/libresolv.so.2 (0x00007f0e1c1d5000)\n\
                    \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0e1bff4000)\n\
                    \t/lib64/ld-linux-x86-64.so.2 (0x00007f0e1c1f1000)\n";
        let places = [
            "/lib/x86_64-linux-gnu/libresolv.so.2",
            "/lib/x86_64-linux-gnu/libc.so.6",
            "/lib64/ld-linux-x86-64.so.2",
        ];
        assert_eq!(listed(text), Some(places.map(PathBuf::from).to_vec()));
        for wrong in ["", "\tlibx.so => not found\n", "\tstatically linked\n", "\tx => y (0x1)\n"] {
            assert_eq!(listed(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_stand_in_answers_two_questions() {
        let folder = tempfile::tempdir().unwrap();
        let compiler = compiler().expect("there is a C compiler where this is tested");
        write_stand_in(&compiler, folder.path(), folder.path()).unwrap();
        let ask = |program: &Path, arguments: &[&str]| {
            let mut command = Command::new(program);
            let output = command.args(arguments).env("LC_ALL", "C").stdin(Stdio::null()).output().unwrap();
            (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
        };
        let stand_in = stand_in(&folder.path().join("cache")).join(COMPILER);
        let question = ["-###", "-x", "c", "-c", "-"];
        let version = |said: String| said.lines().find(|line| line.contains(" version ")).map(str::to_owned);
        let (answered, said) = ask(&stand_in, &question);
        assert!(answered);
        assert_eq!(version(said).unwrap(), version(ask(&compiler, &question).1).unwrap());
        let libgcc = ask(&stand_in, &["-m64", "--print-libgcc-file-name"]);
        assert_eq!(libgcc, (true, "/cc/libgcc.a\n".to_owned()));
        assert!(fs::metadata(stand_in.with_file_name(LIBGCC)).unwrap().len() > 0);
        for other in [&["--version"][..], &["-c", "x.c"], &["-m64", "--print-prog-name=as"], &["-"], &[]] {
            assert_eq!(ask(&stand_in, other), (false, "there is no C compiler here\n".to_owned()), "{other:?}");
        }
    }
}
