//! Underhood.

/// From lessons to pages.
pub mod site {
    pub mod view;
}

fn main() {}
