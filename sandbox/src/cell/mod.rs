//! What happens inside a cell: its first process sets it up and reaps, a stub becomes the program.

pub(crate) mod access;
pub(crate) mod init;
mod root;
pub(crate) mod stub;
