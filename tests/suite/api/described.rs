//! The document holds all that there is, and nothing else.

use super::document::Document;
use crate::harness::client::{ask, get};
use crate::harness::root_folder;
use crate::harness::serve::Service;

/// Methods of HTTP that an address may take. HEAD is taken wherever GET is.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"];

#[test]
fn every_operation_is_there_and_no_other_method_is() {
    let service = Service::start();
    let document = Document::of(&service);
    let operations = document.operations();
    assert!(operations.len() >= 7, "{} operations", operations.len());
    for operation in &operations {
        let path = operation.path.replace(['{', '}'], "");
        let described = |method: &str| {
            operations.iter().any(|other| other.path == operation.path && other.method.eq_ignore_ascii_case(method))
        };
        for method in METHODS {
            let mut answer = ask(service.address(), &format!("{method} {path}"), &[]);
            let (status, text) = (answer.status, answer.rest());
            if described(method) {
                let said = &operation.described["responses"];
                assert!(status != 405, "{method} {path} is described, and answered {status}");
                let is_said = operations.iter().any(|other| {
                    other.path == operation.path
                        && other.method.eq_ignore_ascii_case(method)
                        && other.described["responses"].get(status.to_string()).is_some()
                });
                assert!(is_said, "{method} {path} was answered {status}, and the document says {said}");
            } else {
                assert_eq!(status, 405, "{method} {path} is not described: {text}");
                assert_eq!(answer.header("content-type"), "application/problem+json");
                for allowed in answer.header("allow").split(',').filter(|allowed| *allowed != "HEAD") {
                    assert!(described(allowed), "{path} allows {allowed:?}, which is not described");
                }
                assert!(!answer.header("allow").is_empty(), "{path} says not what it allows");
                document.check_component("Problem", &serde_json::from_str(&text).expect("JSON"), &path);
            }
        }
    }
}

/// Routes of the API are made where the document is made, and nowhere else.
#[test]
fn no_route_of_the_api_goes_past_the_document() {
    let sources = walkdir::WalkDir::new(root_folder().join("src/http"));
    let mut read = 0;
    for file in sources.into_iter().filter_map(Result::ok).filter(|file| file.path().extension().is_some()) {
        let text = std::fs::read_to_string(file.path()).expect("a source");
        read += 1;
        for line in text.lines().filter(|line| line.contains("route(\"/api/")) {
            let is_other = line.contains("route(\"/api/\"") || line.contains("route(\"/api/{*rest}\"");
            assert!(is_other, "{}: {line}\nuse OpenApiRouter::routes in src/http/openapi.rs", file.path().display());
        }
    }
    assert!(read > 10, "only {read} files");
}

/// What a reader of the page sees of each operation and schema.
#[test]
fn the_page_shows_all_of_the_document() {
    let service = Service::start();
    let document = Document::of(&service);
    let page = get(service.address(), "/api").rest();
    for operation in document.operations() {
        let id = operation.described["operationId"].as_str().expect("an id");
        for part in [format!("<h3 id=\"{id}\">"), format!("<code>{}</code>", operation.path)] {
            assert!(page.contains(&part), "{part} is not on the page");
        }
        for status in operation.described["responses"].as_object().expect("answers").keys() {
            assert!(page.contains(&format!(">{status}</span>")), "{status} of {id}");
        }
    }
    for (name, schema) in document.0["components"]["schemas"].as_object().expect("schemas") {
        assert!(page.contains(&format!("<h3 id=\"{name}\">")), "{name} is not on the page");
        for field in schema["properties"].as_object().into_iter().flatten().map(|(field, _)| field) {
            assert!(page.contains(&format!("<code>{field}</code>")), "{field} of {name} is not on the page");
        }
    }
    // Every link within the page leads somewhere.
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
    }
    let titled = document.operations().iter().all(|operation| operation.described["summary"].is_string());
    assert!(titled, "an operation has no title");
}
