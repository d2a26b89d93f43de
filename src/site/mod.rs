//! Lessons to pages.

pub mod content;
mod drawing;
pub mod endings;
mod highlight;
mod lesson;
pub mod map;
mod markdown;
pub mod mistakes;
pub mod modes;
mod prediction;
mod questions;
pub mod search;
pub mod shared;
pub mod view;

pub use content::{Content, ContentError};
pub use markdown::{render_inline, render_plain};
pub use mistakes::{At, Mistake, Mistakes};
#[cfg(test)]
pub use prediction::prediction;
