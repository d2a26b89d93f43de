//! Clients that exist already: what they send, byte for byte, and what they look for in the answer.

mod codapi;
mod playground;
mod socket;
