//! A share: code that a stranger wrote.

use askama::Template;

use super::Page;

/// The page of a share.
#[derive(Debug, Template)]
#[template(path = "shared.html")]
pub struct SharedPage<'a> {
    /// The frame.
    pub page: Page<'a>,
    /// Its id.
    pub id: String,
    /// What it was shared with.
    pub facts: Vec<Fact>,
    /// Lines with characters that are not seen, or that change the order of what is seen, from 1; the first few.
    pub odd_lines: Vec<usize>,
    /// A rendered [`super::SnippetView`]. Trusted. `None` where no one text holds its files.
    pub snippet_html: Option<String>,
    /// The code, in colours, for where there is no snippet. Trusted.
    pub code_html: String,
}

/// Something that a share says of how it is run.
#[derive(Debug)]
pub struct Fact {
    /// What.
    pub name: &'static str,
    /// As the stranger wrote it.
    pub value: String,
}
