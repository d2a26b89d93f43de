//! The page about the API, made of its document.

use std::sync::LazyLock;

use askama::{Result, Template as _};
use serde_json::Value;

use super::{examples, openapi};
use crate::site::render_plain;
use crate::site::view::{Answer, ApiPage, CommandLine, Field, Form, Group, Operation, Page, SchemaView};

mod shape;

use shape::{kind, shape, text};

/// Where the page is.
pub const PATH: &str = "/api";

const TITLE: &str = "API";
const DESCRIPTION: &str =
    "Run Go programs in the sandbox from programs of your own, and read what the toolchain says.";

/// Methods in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The document, read once.
static DOCUMENT: LazyLock<Value> =
    // These types have string keys and no way to fail.
    LazyLock::new(|| serde_json::to_value(openapi::api().document).unwrap_or_default());

/// The page, in a frame with this title and description.
///
/// # Errors
/// When it cannot be rendered.
pub fn render<'a>(frame: impl FnOnce(&str, &str) -> Page<'a>) -> Result<String> {
    page(&DOCUMENT, frame(TITLE, DESCRIPTION)).render()
}

fn page<'a>(document: &Value, page: Page<'a>) -> ApiPage<'a> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten();
    let mut schemas: Vec<_> =
        schemas.map(|(name, schema)| SchemaView { name: name.clone(), shape: shape(schema) }).collect();
    schemas.sort_by(|a, b| a.name.cmp(&b.name));
    ApiPage {
        page,
        intro_html: render_plain(text(&document["info"], "description")),
        groups: groups(document),
        schemas,
        lines: examples::LINES,
    }
}

fn groups(document: &Value) -> Vec<Group> {
    let tags = document["tags"].as_array().into_iter().flatten();
    let of_tag = |tag: &Value| Group {
        title: capital(text(tag, "name")),
        description: text(tag, "description").to_owned(),
        operations: operations(document, text(tag, "name")),
    };
    tags.map(of_tag).filter(|group| !group.operations.is_empty()).collect()
}

fn operations(document: &Value, tag: &str) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let Some(described) = item.get(method) else { continue };
            if described["tags"].as_array().is_some_and(|tags| tags.iter().any(|of| of == tag)) {
                found.push(operation(path, method, described));
            }
        }
    }
    found
}

fn operation(path: &str, method: &str, described: &Value) -> Operation {
    let json = &described["requestBody"]["content"]["application/json"];
    Operation {
        id: text(described, "operationId").to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        title: text(described, "summary").to_owned(),
        description_html: render_plain(text(described, "description")),
        parameters: described["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        body: json.get("schema").map(kind),
        examples: command_lines(path, method, json),
        answers: described["responses"].as_object().into_iter().flatten().map(answer).collect(),
    }
}

fn parameter(described: &Value) -> Field {
    Field {
        is_required: described["required"] == true,
        ..shape::field(text(described, "name"), described, &described["schema"], &[])
    }
}

fn answer((status, described): (&String, &Value)) -> Answer {
    let form = |(media_type, content): (&String, &Value)| {
        let item = content.get("itemSchema");
        let kind = item.or_else(|| content.get("schema")).map(kind).unwrap_or_default();
        Form { media_type: media_type.clone(), kind, is_stream: item.is_some() }
    };
    let header = |(name, header): (&String, &Value)| shape::field(name, header, &header["schema"], &[]);
    Answer {
        status: status.clone(),
        description_html: render_plain(text(described, "description")),
        forms: described["content"].as_object().into_iter().flatten().map(form).collect(),
        headers: described["headers"].as_object().into_iter().flatten().map(header).collect(),
    }
}

/// For each example of the body, or one where there is none.
fn command_lines(path: &str, method: &str, json: &Value) -> Vec<CommandLine> {
    // The page is the same for all, whatever name they reach the service by.
    let address = format!("\"$UNDERHOOD{path}\"");
    let Some(examples) = json["examples"].as_object() else {
        let method = if method == "get" { String::new() } else { format!("--request {} ", method.to_uppercase()) };
        return vec![CommandLine { title: "In a shell".to_owned(), text: format!("curl {method}{address}") }];
    };
    let line = |example: &Value| {
        let body = serde_json::to_string_pretty(&example["value"]).unwrap_or_default().replace('\'', r"'\''");
        let text =
            format!("curl --no-buffer {address} \\\n  --header 'Accept: application/x-ndjson' --data '{body}'");
        CommandLine { title: self::text(example, "summary").to_owned(), text }
    };
    let mut lines: Vec<_> = examples.values().map(line).collect();
    // The document knows no order of them; the simplest comes first.
    lines.sort_by_key(|line| line.text.len());
    lines
}

fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map(char::to_uppercase).into_iter().flatten().chain(rest.as_str().chars()).collect()
}
