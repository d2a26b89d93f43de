//! Anonymous files that no one can change any more.

use std::fs::{File, Permissions};
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::PermissionsExt as _;

use rustix::fs::{MemfdFlags, SealFlags};

/// An anonymous file with this content, opened read-only, which no one can change any more.
///
/// # Errors
/// When memory or descriptors run out.
pub fn sealed_memfd(name: &str, content: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(executable_memfd(name)?);
    file.write_all(content)?;
    // A program that gets it as its input is not to execute it.
    file.set_permissions(Permissions::from_mode(0o444))?;
    seal(file)
}

/// Copies a regular file of at most `limit` bytes into a sealed memfd, so that it no longer depends on the cell that
/// made it. `Ok(None)` when it is larger.
///
/// # Errors
/// When it cannot be read, or memory or descriptors run out.
pub fn sealed_copy(name: &str, source: OwnedFd, limit: u64) -> io::Result<Option<OwnedFd>> {
    let mut source = File::from(source);
    let metadata = source.metadata()?;
    if !metadata.is_file() || metadata.len() > limit {
        return Ok(None);
    }
    let mut copy = File::from(executable_memfd(name)?);
    io::copy(&mut io::Read::take(&mut source, limit), &mut copy)?;
    seal(copy).map(Some)
}

/// The next `length` bytes of `source` as a sealed memfd that may be executed.
///
/// # Errors
/// When they cannot be read, fewer are there, or memory or descriptors run out.
pub fn sealed_program(name: &str, source: &mut dyn io::Read, length: u64) -> io::Result<OwnedFd> {
    let mut copy = File::from(executable_memfd(name)?);
    if io::copy(&mut io::Read::take(source, length), &mut copy)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    seal(copy)
}

fn executable_memfd(name: &str) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Linux 6.3 wants to be told whether a memfd may be executed; older kernels do not know the flag.
    match rustix::fs::memfd_create(name, flags | MemfdFlags::EXEC) {
        Err(rustix::io::Errno::INVAL) => Ok(rustix::fs::memfd_create(name, flags)?),
        other => Ok(other?),
    }
}

/// How often sealing is tried. The kernel refuses while anyone holds a page of the file, which on a busy host its own
/// housekeeping may do for a moment (mm/memfd.c, memfd_wait_for_pins); it has waited for some 150 ms then.
const ATTEMPTS: usize = 4;

/// Seals, then opens anew for reading: a descriptor that may write would make exec fail with ETXTBSY.
fn seal(memfd: File) -> io::Result<OwnedFd> {
    let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        match rustix::fs::fcntl_add_seals(&memfd, seals) {
            Err(rustix::io::Errno::BUSY) if left > 0 => {}
            sealed => break sealed?,
        }
    }
    Ok(OwnedFd::from(File::open(format!("/proc/self/fd/{}", memfd.as_raw_fd()))?))
}
