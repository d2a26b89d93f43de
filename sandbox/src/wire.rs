//! Messages between the service, the zygote and the cells: one JSON value a datagram on a SEQPACKET socket,
//! with descriptors beside it.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recv, recvmsg, sendmsg, socketpair,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::report::Report;
use crate::spec::{CellSpec, Command, Counters, CpuWeight, Failure, Status, Usage};

/// The largest datagram in bytes. Jobs, which hold the reader's files, travel in a memfd instead.
const MESSAGE_BYTES: usize = 64 * 1024;

/// The most descriptors in one datagram: stdin, stdout, stderr, program.
const MESSAGE_FDS: usize = 4;

/// From the service to the zygote.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToZygote {
    /// Prepare a cell.
    Spawn { id: u64, spec: CellSpec },
    /// Set a cell's share of the processors.
    Weigh { id: u64, weight: CpuWeight },
    /// Kill a cell and all that is in it.
    Kill { id: u64 },
}

/// From the zygote to the service.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromZygote {
    /// Sent once, first.
    Hello { report: Report },
    /// The cell's process exists; its control socket and its pidfd come along. `folder` is where it lies on a host
    /// without mounts.
    Spawned { id: u64, folder: Option<PathBuf> },
    /// The cell could not be made.
    Refused { id: u64, failure: Failure },
    /// The cell's last process is reaped and its cgroups are gone.
    Gone { id: u64, counters: Counters },
}

/// From the service to a cell, one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToCell {
    /// What every command gets as stdout and stderr.
    Outputs,
    /// Run the job in the first descriptor, with the second as its stdin.
    Job { bytes: u64 },
    /// What a command of the job executes that says [`crate::spec::Program::Handed`].
    Program,
}

/// From a cell to the service.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromCell {
    /// Set up, waiting for a job.
    Ready,
    /// A step of our own failed; the cell ends.
    Failed(Failure),
    /// The command with this index is running.
    Started { command: usize },
    /// It has ended.
    Ended { command: usize, status: Status, usage: Usage },
    /// No command is left; the artifact, where one was asked for and is there, comes along. The cell ends.
    Finished,
}

/// From a cell's init to the stub that waits to become the program: the command, with stdin, stdout, stderr and,
/// where there is a fourth, its program.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ToStub {
    pub command: Command,
}

/// From a stub that does not become the program.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromStub {
    /// All that it may ever do is settled; it waits for its command.
    Armed,
    /// A step failed. A stub that succeeds says nothing more: exec closes its socket.
    Failed(Failure),
}

/// A connected pair, closed on exec.
pub(crate) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}

/// Sends one message. EAGAIN comes back to the caller where the socket is non-blocking.
pub(crate) fn send(socket: impl AsFd, message: &impl Serialize, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    if bytes.len() > MESSAGE_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "message too long for one datagram"));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MESSAGE_FDS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many descriptors for one datagram"));
    }
    loop {
        match sendmsg(&socket, &[IoSlice::new(&bytes)], &mut control, SendFlags::NOSIGNAL) {
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The length of the next message; 0 when the other side has closed. Asked for beforehand, since a buffer for the longest
/// would be pages that every cell has to clear.
fn next_length(socket: impl AsFd) -> io::Result<usize> {
    loop {
        match recv(&socket, &mut [0; 0], RecvFlags::PEEK | RecvFlags::TRUNC) {
            Ok((_, length)) => return Ok(length),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::CONNRESET) => return Ok(0),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Receives one message, or `None` when the other side has closed.
pub(crate) fn receive<T: DeserializeOwned>(socket: impl AsFd) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut bytes = vec![0; next_length(&socket)?];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MESSAGE_FDS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let length = loop {
        match recvmsg(&socket, &mut [IoSliceMut::new(&mut bytes)], &mut control, RecvFlags::CMSG_CLOEXEC) {
            Ok(received) => break received.bytes,
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::CONNRESET) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    };
    if length == 0 {
        return Ok(None);
    }
    let mut fds = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            fds.extend(received);
        }
    }
    Ok(Some((serde_json::from_slice(&bytes[..length])?, fds)))
}
