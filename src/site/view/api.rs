//! The page about the API, as plain data.

use askama::Template;

use super::Page;

/// The page about the API.
#[derive(Debug, Template)]
#[template(path = "api.html")]
pub struct ApiPage<'a> {
    /// The frame.
    pub page: Page<'a>,
    /// What holds for all of it. Trusted.
    pub intro_html: String,
    /// Operations by subject, in order.
    pub groups: Vec<Group>,
    /// What they take and answer, by name in order.
    pub schemas: Vec<SchemaView>,
    /// A run's events, a line each.
    pub lines: &'a str,
}

/// Operations of one subject.
#[derive(Debug)]
pub struct Group {
    /// Its name.
    pub title: String,
    /// What it is about, in a sentence.
    pub description: String,
    /// At least one.
    pub operations: Vec<Operation>,
}

/// What is done by one method at one address.
#[derive(Debug)]
pub struct Operation {
    /// Unique on the page.
    pub id: String,
    /// In capitals.
    pub method: String,
    /// Such as `/api/v1/runs`.
    pub path: String,
    /// What it does, in a few words.
    pub title: String,
    /// What it does. Trusted.
    pub description_html: String,
    /// Of the path, the query or the head.
    pub parameters: Vec<Field>,
    /// What the body is.
    pub body: Option<Kind>,
    /// Lines to type into a shell, each with what it shows.
    pub examples: Vec<CommandLine>,
    /// All answers, by status.
    pub answers: Vec<Answer>,
}

/// A line to type into a shell.
#[derive(Debug)]
pub struct CommandLine {
    /// What it shows.
    pub title: String,
    /// The line, or lines.
    pub text: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Such as `200`.
    pub status: String,
    /// What it means. Trusted.
    pub description_html: String,
    /// The forms that it comes in.
    pub forms: Vec<Form>,
    /// Its headers.
    pub headers: Vec<Field>,
}

/// A form of an answer.
#[derive(Debug)]
pub struct Form {
    /// Such as `application/json`.
    pub media_type: String,
    /// What it is, or each part of it.
    pub kind: Kind,
    /// Whether it is one after another.
    pub is_stream: bool,
}

/// A schema that has a name.
#[derive(Debug)]
pub struct SchemaView {
    /// Its name.
    pub name: String,
    /// What it is.
    pub shape: Shape,
}

/// What a schema takes.
#[derive(Debug)]
pub struct Shape {
    /// Its name among others that are possible.
    pub title: String,
    /// What it means. Trusted.
    pub description_html: String,
    /// In a few words, where it has no fields.
    pub kind: Option<Kind>,
    /// The fields of an object.
    pub fields: Vec<Field>,
    /// All of these hold.
    pub all: Vec<Shape>,
    /// One of these holds.
    pub one: Vec<Shape>,
}

/// A field, a parameter or a header.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it means. Trusted.
    pub description_html: String,
    /// Bounds and defaults, each in a few words.
    pub notes: Vec<String>,
}

/// A type, in words.
#[derive(Debug, Default)]
pub struct Kind(pub Vec<Word>);

/// A part of it.
#[derive(Debug)]
pub struct Word {
    /// Its text.
    pub text: String,
    /// A named schema's place on the page.
    pub href: Option<String>,
    /// Whether it is to be written as it stands.
    pub is_literal: bool,
}
