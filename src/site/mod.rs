//! Lessons to pages.

pub mod content;
mod drawing;
pub mod endings;
mod lesson;
pub mod map;
mod markdown;
pub mod mistakes;
mod questions;
pub mod search;
pub mod view;

pub use content::{Content, ContentError};
pub use mistakes::{At, Mistake, Mistakes};
