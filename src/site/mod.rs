//! Lessons to pages.

pub mod content;
mod drawing;
pub mod endings;
mod lesson;
mod markdown;
pub mod mistakes;
pub mod view;

pub use content::{Content, ContentError};
pub use mistakes::{At, Mistake, Mistakes};
