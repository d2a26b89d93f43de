//! Underhood.
fn main() {}
