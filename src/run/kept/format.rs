//! One entry as one file.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `UHKEPT`, 0, and the version of this format, 1 |
//! | 8 | length of what was told, little-endian |
//! | 8 | length of the program, or all ones when there is none |
//! | … | what was told, then the program |
//! | 32 | SHA-256 of the key and of all bytes before this |
//!
//! The key is in the digest and not in the file: a file under another key's name does not verify.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};

use nix::sys::uio::pread;
use sha2::{Digest as _, Sha256};

use super::{Entry, Key, Program};

const MAGIC: [u8; 8] = *b"UHKEPT\0\x01";
const NO_PROGRAM: u64 = u64::MAX;
const HEAD: u64 = 24;
const DIGEST: u64 = 32;
/// Few large writes instead of many small ones.
const BUFFER: usize = 64 << 10;

/// Why a file did not become an entry.
#[derive(Debug)]
pub(super) enum Unread {
    /// The file is at fault, and will be the next time.
    Damaged(String),
    /// We are: descriptors or memory ran out. The file may be good.
    Failed(io::Error),
}

/// How many bytes [`write`] writes.
pub(super) fn length(entry: &Entry) -> u64 {
    HEAD + entry.told.len() as u64 + entry.program.as_ref().map_or(0, Program::length) + DIGEST
}

pub(super) fn write(file: &File, key: &Key, entry: &Entry) -> io::Result<()> {
    let mut out = Hashed::new(BufWriter::with_capacity(BUFFER, file), key);
    out.write_all(&MAGIC)?;
    out.write_all(&(entry.told.len() as u64).to_le_bytes())?;
    out.write_all(&entry.program.as_ref().map_or(NO_PROGRAM, Program::length).to_le_bytes())?;
    out.write_all(&entry.told)?;
    if let Some(program) = &entry.program {
        io::copy(&mut Image { program, at: 0 }, &mut out)?;
    }
    let (mut out, digest) = out.finish();
    out.write_all(&digest)?;
    out.flush()
}

/// Reads a file of at most `limit` bytes. No length that it names is believed before it fits the file's own.
pub(super) fn read(file: &File, key: &Key, limit: u64) -> Result<Entry, Unread> {
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(damaged("it is not a regular file"));
    }
    if metadata.len() > limit {
        return Err(damaged("it is larger than an entry may be"));
    }
    let mut source = Hashed::new(file, key);
    let mut head = [[0; 8]; 3];
    source.read_exact(head.as_flattened_mut()).map_err(unreadable)?;
    if head[0] != MAGIC {
        return Err(damaged("it begins as no entry of this version does"));
    }
    let told = u64::from_le_bytes(head[1]);
    let program = Some(u64::from_le_bytes(head[2])).filter(|length| *length != NO_PROGRAM);
    let length = [told, program.unwrap_or(0), DIGEST].into_iter().try_fold(HEAD, u64::checked_add);
    if length != Some(metadata.len()) {
        return Err(damaged("its length is not what it should be"));
    }
    // It is at most the file's length here, which `limit` bounds.
    let mut told = vec![0; usize::try_from(told).map_err(|_| damaged("it is too large"))?];
    source.read_exact(&mut told).map_err(unreadable)?;
    let program = program.map(|length| image(&mut source, length)).transpose()?;
    let (mut source, digest) = source.finish();
    let mut written = [0; DIGEST as usize];
    source.read_exact(&mut written).map_err(unreadable)?;
    if written != digest {
        return Err(damaged("its digest does not match"));
    }
    Ok(Entry { told, program })
}

/// An error of the file itself: damage, unless it says that the process or the machine is short of something.
pub(super) fn unreadable(error: io::Error) -> Unread {
    use nix::libc::{EMFILE, ENFILE, ENOMEM};
    match error.raw_os_error() {
        Some(EMFILE | ENFILE | ENOMEM) => Unread::Failed(error),
        _ => Unread::Damaged(format!("it cannot be read: {error}")),
    }
}

fn damaged(why: &str) -> Unread {
    Unread::Damaged(why.to_owned())
}

/// It bears the name that a program has that was just linked, so that it cannot tell the two apart.
fn image(source: &mut Hashed<&File>, length: u64) -> Result<Program, Unread> {
    let mut read = Ok(());
    let mut source = Watched { source, error: &mut read };
    let image = sandbox::sealed_program("main", &mut source, length).and_then(Program::new);
    match (read, image) {
        (Err(error), _) => Err(unreadable(error)),
        (Ok(()), Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Err(unreadable(error)),
        (Ok(()), image) => image.map_err(Unread::Failed),
    }
}

/// Hashes all that passes.
struct Hashed<T> {
    inner: T,
    hash: Sha256,
}

impl<T> Hashed<T> {
    fn new(inner: T, key: &Key) -> Self {
        Self { inner, hash: Sha256::new().chain_update(key.as_bytes()) }
    }

    fn finish(self) -> (T, [u8; DIGEST as usize]) {
        (self.inner, self.hash.finalize().into())
    }
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let length = self.inner.write(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Remembers an error of the source, which in a copy looks like one of the destination.
struct Watched<'a, T> {
    source: &'a mut T,
    error: &'a mut io::Result<()>,
}

impl<T: Read> Read for Watched<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.read(buffer).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                *self.error = Err(error.raw_os_error().map_or(error.kind().into(), io::Error::from_raw_os_error));
            }
        })
    }
}

/// A program read from its beginning, whatever the position of its descriptor.
struct Image<'a> {
    program: &'a Program,
    at: u64,
}

impl Read for Image<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = pread(self.program, buffer, self.at.cast_signed())?;
        self.at += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_of_ours_is_not_held_against_the_file() {
        use nix::libc::{EACCES, EIO, ELOOP, EMFILE, ENFILE, ENOMEM};
        for ours in [EMFILE, ENFILE, ENOMEM] {
            assert!(matches!(unreadable(io::Error::from_raw_os_error(ours)), Unread::Failed(_)), "{ours}");
        }
        for its in [EACCES, EIO, ELOOP] {
            assert!(matches!(unreadable(io::Error::from_raw_os_error(its)), Unread::Damaged(_)), "{its}");
        }
    }
}
