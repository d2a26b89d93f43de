//! Lessons to pages.

pub mod view;
