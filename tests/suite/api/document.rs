//! The document, as a client that is generated from it sees it.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::harness::client::get;
use crate::harness::serve::Service;

/// What `/api/openapi.json` says.
pub struct Document(pub Value);

/// What is done by one method at one address.
pub struct Operation<'a> {
    pub path: &'a str,
    pub method: &'a str,
    pub described: &'a Value,
}

impl Document {
    /// Asks a service for it.
    pub fn of(service: &Service) -> Self {
        let mut answer = get(service.address(), "/api/openapi.json");
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        Self(serde_json::from_str(&answer.rest()).expect("JSON"))
    }

    /// All that it describes.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.0["paths"].as_object().expect("paths");
        let methods = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().expect("an object");
            item.iter().map(move |(method, described)| Operation { path, method, described })
        });
        methods.collect()
    }

    /// Fails unless a value is what a schema of the document takes.
    #[track_caller]
    pub fn check(&self, schema: &Value, value: &Value, what: &str) {
        let faults: Vec<_> =
            self.validator(schema).iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{what}: {faults:#?}\nin {value:#}");
    }

    /// The same for one of its components.
    #[track_caller]
    pub fn check_component(&self, name: &str, value: &Value, what: &str) {
        self.check(&json!({"$ref": format!("#/components/schemas/{name}")}), value, what);
    }

    /// What checks against a schema whose references lead into the document.
    pub fn validator(&self, schema: &Value) -> Validator {
        let whole = json!({"allOf": [schema], "components": self.0["components"]});
        jsonschema::draft202012::new(&whole).expect("a schema")
    }
}
