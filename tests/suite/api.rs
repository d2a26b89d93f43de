//! The API as its own document describes it.

mod described;
mod document;
mod examples;
mod headers;
mod problems;
mod secrets;
