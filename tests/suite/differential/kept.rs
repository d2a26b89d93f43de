//! What is kept from one run of the tests to the next.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use crate::harness::go;

/// Where answers of this very toolchain are kept, wherever it lies.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let mut hash = Sha256::new();
        for file in ["VERSION", "bin/go", "pkg/tool/linux_amd64/compile", "pkg/tool/linux_amd64/link"] {
            let path = go::root().join(file);
            hash.update(fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("differential").join(hex(&hash.finalize()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    })
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whole or not at all: another process of the tests may write the same at the same time.
pub fn write(path: &Path, bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().expect("a folder")).expect("a file");
    file.write_all(bytes).expect("written");
    file.persist(path).expect("renamed");
}
