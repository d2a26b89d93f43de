//! A request as it comes over HTTP or from the command line, checked as far as it can be without a toolchain.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::files::Files;
use super::mode::Mode;
use super::refusal::Refusal;

mod schema;

pub use schema::RunRequest;

/// The largest request body in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// The most arguments, and the most bytes of all arguments together.
pub const MAX_ARGS: (usize, usize) = (64, 4 * 1024);

/// One run that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The reader's files.
    pub files: Files,
    /// What to do with them.
    pub mode: Mode,
    /// Environment variables as given; the toolchain decides which are taken.
    pub env: BTreeMap<String, String>,
    /// Arguments of the program.
    pub args: Vec<String>,
    /// What the program reads from standard input.
    pub stdin: String,
    /// Which Go version, such as `1.27` or `1.27.3`; the default one when absent.
    pub go: Option<String>,
}

/// The fields of what runs and shares take. `RunRequest` tells what holds between them.
// As it was sent: what is in it is not checked yet. Written again, nothing of it is lost, its fields stand in this order and
// names in theirs, and what is empty is left out.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[schema(as = RunFields)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// By name. Either this or `source` is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::files)]
    pub files: Option<Unique<String>>,
    /// One file, or several as [txtar](https://pkg.go.dev/golang.org/x/tools/txtar).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 262144)]
    pub source: Option<String>,
    /// What the toolchain is asked for.
    #[schema(schema_with = super::mode::schema::name)]
    pub mode: String,
    /// The mode's options, which are typed; any other is refused.
    #[serde(default, skip_serializing_if = "Unique::is_empty")]
    #[schema(value_type = Object)]
    pub options: Unique<Value>,
    /// Environment variables. GOEXPERIMENT goes with every mode, the others with those that run a program.
    #[serde(default, skip_serializing_if = "Unique::is_empty")]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub env: Unique<String>,
    /// Of the program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(schema_with = schema::args)]
    pub args: Vec<String>,
    /// What the program reads from its standard input.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(max_length = 262144)]
    pub stdin: String,
    /// Which Go, such as `1.27` or `1.27.3`; `GET /api/v1/toolchains` tells which there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^(go)?[0-9]{1,4}\.[0-9]{1,4}(\.[0-9]{1,4}|rc[0-9]{1,4}|beta[0-9]{1,4})?$")]
    pub go: Option<String>,
}

/// An object with no name twice. JSON leaves open what two would mean (RFC 8259, 4); to take the last one would lose a
/// file in silence.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Unique<V>(pub BTreeMap<String, V>);

impl Body {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Malformed when it is not the JSON that the API takes.
    pub fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Refusal::TooLarge { limit_bytes: MAX_BODY_BYTES });
        }
        serde_json::from_slice(body).map_err(|error| {
            Refusal::Malformed(format!("the body is not the JSON of a run: {error}; see the README for an example"))
        })
    }

    /// One file, or several in txtar, to be done in this mode.
    pub fn of_source(source: impl Into<String>, mode: &str) -> Self {
        Self {
            files: None,
            source: Some(source.into()),
            mode: mode.to_owned(),
            options: Unique::default(),
            env: Unique::default(),
            args: Vec::new(),
            stdin: String::new(),
            go: None,
        }
    }

    /// What it asks for.
    ///
    /// # Errors
    /// Malformed when it has both `files` and `source` or neither; otherwise what [`Files`], [`Mode`] and
    /// [`Request::check`] find.
    pub fn request(self) -> Result<Request, Refusal> {
        let files = match (self.files, self.source) {
            (Some(_), Some(_)) => {
                return Err(Refusal::Malformed("send either `files` or `source`, not both".to_owned()));
            }
            (Some(files), None) => Files::new(files.0)?,
            (None, Some(source)) => Files::from_source(&source)?,
            (None, None) => return Err(Refusal::Malformed("send `files` or `source`".to_owned())),
        };
        let mode = Mode::new(&self.mode, self.options.0.into_iter().collect())?;
        Request { files, mode, env: self.env.0, args: self.args, stdin: self.stdin, go: self.go }.check()
    }
}

impl Request {
    /// Reads a request body.
    ///
    /// # Errors
    /// As [`Body::from_json`] and [`Body::request`].
    pub fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        Body::from_json(body)?.request()
    }

    /// Checks what no type says.
    ///
    /// # Errors
    /// What is too long, or cannot be handed to a program.
    pub fn check(self) -> Result<Self, Refusal> {
        let refuse = |detail: String| Err(Refusal::not_allowed(detail, [""; 0]));
        let (count, bytes) = MAX_ARGS;
        if self.args.len() > count || self.args.iter().map(String::len).sum::<usize>() > bytes {
            return refuse(format!("at most {count} arguments of {bytes} bytes together are taken"));
        }
        if self.args.iter().any(|arg| arg.contains('\0')) {
            return refuse("an argument holds a NUL, which no program can be given".to_owned());
        }
        if self.stdin.len() > MAX_BODY_BYTES {
            return Err(Refusal::TooLarge { limit_bytes: MAX_BODY_BYTES });
        }
        Ok(self)
    }
}

impl<V> Unique<V> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V> Default for Unique<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Unique<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueVisitor(PhantomData))
    }
}

struct UniqueVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for UniqueVisitor<V> {
    type Value = Unique<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Unique<V>, A::Error> {
        let mut unique = BTreeMap::new();
        while let Some((name, value)) = entries.next_entry::<String, V>()? {
            if unique.contains_key(&name) {
                return Err(A::Error::custom(format!("{name:?} is there twice")));
            }
            unique.insert(name, value);
        }
        Ok(Unique(unique))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_and_not_allowed_are_told_apart() {
        let read = |body: &str| Request::from_json(body.as_bytes());
        assert!(read(r#"{"source": "package main", "mode": "run"}"#).is_ok());
        for body in [
            "",
            "{",
            "[]",
            r#"{"source": 1, "mode": "run"}"#,
            r#"{"source": "", "mode": "run", "flags": []}"#,
            r#"{"mode": "run"}"#,
            r#"{"source": "", "files": {}, "mode": "run"}"#,
            r#"{"files": {"a.go": "package main", "a.go": ""}, "mode": "run"}"#,
            r#"{"source": "", "mode": "run", "env": {"GOGC": "1", "GOGC": "2"}}"#,
            r#"{"source": "", "mode": "escape", "options": {"level": 1, "level": 2}}"#,
        ] {
            assert!(matches!(read(body), Err(Refusal::Malformed(_))), "{body}");
        }
        assert!(matches!(Request::from_json(b"{\"source\": \"\xff\"}"), Err(Refusal::Malformed(_))));
        for body in [
            r#"{"source": "", "mode": "rm"}"#,
            r#"{"files": {}, "mode": "run"}"#,
            r#"{"source": "", "mode": "run", "args": ["a\u0000b"]}"#,
        ] {
            assert!(matches!(read(body), Err(Refusal::NotAllowed { .. })), "{body}");
        }
    }
}
