//! A request as it comes over HTTP or from the command line, checked as far as it can be without a toolchain.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::files::Files;
use super::mode::Mode;
use super::refusal::Refusal;

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

/// The JSON of `POST /api/v1/runs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    files: Option<BTreeMap<String, String>>,
    source: Option<String>,
    mode: String,
    #[serde(default)]
    options: Map<String, Value>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    stdin: String,
    go: Option<String>,
}

impl Request {
    /// Reads a request body.
    ///
    /// # Errors
    /// Malformed when it is not the JSON that the API takes; otherwise what [`Request::check`] finds.
    pub fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Refusal::TooLarge { limit_bytes: MAX_BODY_BYTES });
        }
        let body: Body = serde_json::from_slice(body).map_err(|error| {
            Refusal::Malformed(format!("the body is not the JSON of a run: {error}; see the README for an example"))
        })?;
        let files = match (body.files, body.source) {
            (Some(_), Some(_)) => {
                return Err(Refusal::Malformed("send either `files` or `source`, not both".to_owned()));
            }
            (Some(files), None) => Files::new(files)?,
            (None, Some(source)) => Files::from_source(&source)?,
            (None, None) => return Err(Refusal::Malformed("send `files` or `source`".to_owned())),
        };
        let mode = Mode::new(&body.mode, body.options)?;
        Self { files, mode, env: body.env, args: body.args, stdin: body.stdin, go: body.go }.check()
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
