//! Go programs whose heap lies on huge pages.
//!
//! The linker fills some 20 MB of heap in 40 ms, and without them a quarter of that time goes into page faults of 4 KiB
//! each. The runtime does not ask for huge pages, and most kernels give them to those alone who ask
//! (`transparent_hugepage=madvise`). There is no way to ask for another process, so the program is compiled with a runtime
//! that asks; what it computes is the same.

use std::{collections::BTreeMap, fs, io, path::Path};

/// Where the runtime asks the kernel for memory.
const FILE: &str = "src/runtime/mem_linux.go";

/// The end of a check in `sysMapOS`, in Go 1.21 to 1.27, after which the pages can be used.
const CHECKED: &str = "throw(\"runtime: cannot map pages in arena address space\")\n\t}\n";

/// The heap grows by 4 MiB or a multiple of it (`pallocChunkBytes` in runtime/mpagealloc.go). Of less, a huge page would
/// waste much.
const ASKS: &str = "\tif n >= 4<<20 {\n\t\tmadvise(v, n, _MADV_HUGEPAGE)\n\t}\n";

/// Writes to `folder` what the go command needs, and returns its flag. `None` where the runtime is not as expected.
pub fn overlay(goroot: &Path, folder: &Path) -> io::Result<Option<&'static str>> {
    let file = goroot.join(FILE);
    let text = fs::read_to_string(&file)?;
    if text.matches(CHECKED).count() != 1 {
        return Ok(None);
    }
    let own = folder.join("mem_linux.txt");
    fs::write(&own, text.replace(CHECKED, &format!("{CHECKED}{ASKS}")))?;
    let replace = BTreeMap::from([(file, own)]);
    fs::write(folder.join("overlay.json"), serde_json::to_vec(&BTreeMap::from([("Replace", replace)]))?)?;
    Ok(Some("-overlay=overlay.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_that_is_not_as_expected_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (goroot, folder) = (dir.path().join("go"), dir.path().join("program"));
        fs::create_dir_all(goroot.join("src/runtime")).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(goroot.join(FILE), "package runtime\n").unwrap();
        assert_eq!(overlay(&goroot, &folder).unwrap(), None);
        fs::write(goroot.join(FILE), format!("func sysMapOS() {{\n\tif p != v {{\n\t\t{CHECKED}}}\n")).unwrap();
        assert!(overlay(&goroot, &folder).unwrap().is_some());
        let text = fs::read_to_string(folder.join("mem_linux.txt")).unwrap();
        assert!(text.ends_with("\t}\n\tif n >= 4<<20 {\n\t\tmadvise(v, n, _MADV_HUGEPAGE)\n\t}\n}\n"), "{text}");
    }
}
