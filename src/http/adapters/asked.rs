//! What a client of the Go Playground asks for, as a form or as JSON (golang.org/x/playground, `commandHandler`).

use axum::Form;
use axum::extract::{FromRequest as _, Multipart, Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::protocol::Refusal;
use crate::protocol::files::MAX_BYTES;

use super::super::bodies;
use super::super::problem::Problem;

/// What was asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The code: one file, or several in txtar.
    pub body: String,
    /// Whether `go vet` is asked too.
    pub with_vet: bool,
    /// Whether imports are to be mended.
    pub imports: bool,
    /// Whether the answer is to be of the first version, which is two texts.
    pub is_first_version: bool,
}

/// The same as JSON. Go reads names in any case, and leaves unknown ones alone.
#[derive(Debug, Deserialize)]
struct Json {
    #[serde(alias = "Body")]
    body: String,
    #[serde(alias = "WithVet", alias = "withvet", rename = "withVet", default)]
    with_vet: bool,
    #[serde(alias = "Imports", default)]
    imports: bool,
}

/// The largest request in bytes: a byte of code takes three in a form at worst, and the rest is for other fields.
pub const MAX_FORM_BYTES: usize = 3 * MAX_BYTES + 16 * 1024;

impl Asked {
    /// Reads a request of one of the three forms; what does not say that it is a form is JSON.
    ///
    /// # Errors
    /// Malformed when it is neither, or without a body; too large; not whole, or not in time.
    pub async fn read(request: Request) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        // Go reads fields of the address too.
        let Query(mut of_address) = Query::<Fields>::try_from_uri(request.uri()).unwrap_or_default();
        let asked = match kind.as_str() {
            "application/x-www-form-urlencoded" => {
                let Form(mut fields) = Form::<Fields>::from_request(request, &()).await.map_err(unread)?;
                fields.append(&mut of_address);
                Self::of(fields)?
            }
            "multipart/form-data" => {
                let mut fields = multipart(request).await?;
                fields.append(&mut of_address);
                Self::of(fields)?
            }
            _ => {
                let body = bodies::read(request.into_body(), MAX_FORM_BYTES).await?;
                Self::of_json(&body)?
            }
        };
        if asked.body.len() > MAX_BYTES { Err(too_large().into()) } else { Ok(asked) }
    }

    /// Of fields, of which the first of a name counts.
    ///
    /// # Errors
    /// Malformed when there is no code.
    pub fn of(fields: Vec<(String, String)>) -> Result<Self, Refusal> {
        let value = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        let is_on = |name| value(name).is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        let body = value("body").filter(|body| !body.is_empty()).ok_or_else(|| {
            Refusal::Malformed("the form has no code in its field `body`; see docs/clients.md".to_owned())
        })?;
        let is_first_version = value("version").is_none_or(|version| version != "2");
        Ok(Self { body, with_vet: is_on("withVet"), imports: is_on("imports"), is_first_version })
    }

    fn of_json(body: &[u8]) -> Result<Self, Refusal> {
        let json: Json = serde_json::from_slice(body).map_err(|error| {
            Refusal::Malformed(format!(
                "send a form with the code in `body`, or JSON such as {{\"Body\": \"package main…\"}}: {error}"
            ))
        })?;
        Ok(Self { body: json.body, with_vet: json.with_vet, imports: json.imports, is_first_version: false })
    }
}

type Fields = Vec<(String, String)>;

async fn multipart(request: Request) -> Result<Fields, Refusal> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(unread)?;
    let mut fields = Fields::new();
    while let Some(part) = parts.next_field().await.map_err(unread)? {
        let name = part.name().unwrap_or_default().to_owned();
        fields.push((name, part.text().await.map_err(unread)?));
        if fields.len() > MAX_FIELDS {
            return Err(Refusal::Malformed(format!("a form has {MAX_FIELDS} fields at most")));
        }
    }
    Ok(fields)
}

/// More than any client sends.
const MAX_FIELDS: usize = 16;

fn unread(rejection: impl IntoResponse) -> Refusal {
    let answer: Response = rejection.into_response();
    match answer.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Refusal::Malformed("the form cannot be read; see docs/clients.md".to_owned()),
    }
}

fn too_large() -> Refusal {
    Refusal::TooLarge { limit_bytes: MAX_BYTES }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    async fn read(kind: &str, body: impl Into<Body>) -> Result<Asked, Problem> {
        let request = Request::post("/compile?imports=true").header("content-type", kind).body(body.into()).unwrap();
        Asked::read(request).await
    }

    fn status(read: &Result<Asked, Problem>) -> u16 {
        read.as_ref().map_or_else(|problem| problem.status().as_u16(), |_| 200)
    }

    /// It came as a whole, and is none of the three forms.
    fn is_malformed(read: &Result<Asked, Problem>) -> bool {
        status(read) == 400 && read.as_ref().is_err_and(|problem| problem.detail().contains("form"))
    }

    const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

    #[tokio::test]
    async fn the_three_forms_ask_the_same() {
        let asked = Asked { body: "a\nb".into(), with_vet: true, imports: true, is_first_version: false };
        assert_eq!(read(FORM, "version=2&body=a%0Ab&withVet=true").await.unwrap(), asked);
        let parts = "--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\na\nb\r\n--x\r\n\
            Content-Disposition: form-data; name=\"version\"\r\n\r\n2\r\n--x\r\n\
            Content-Disposition: form-data; name=\"withVet\"\r\n\r\n1\r\n--x--\r\n";
        assert_eq!(read("multipart/form-data; boundary=x", parts).await.unwrap(), asked);
        for json in [
            r#"{"Body": "a\nb", "WithVet": true, "Imports": true, "Other": [1]}"#,
            r#"{"body": "a\nb", "withVet": true, "imports": true, "version": 2}"#,
        ] {
            assert_eq!(read("text/plain", json).await.unwrap(), asked);
        }
        let first = read(FORM, "body=x&withVet=false&body=y").await.unwrap();
        assert_eq!((first.body.as_str(), first.with_vet, first.is_first_version), ("x", false, true));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_refused() {
        let deep = "[".repeat(100_000);
        let parts = "--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\n\u{0}";
        let many = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(100) + "--x--";
        for (kind, body) in [
            (FORM, "".to_owned()),
            (FORM, "version=2".to_owned()),
            (FORM, "body=".to_owned()),
            (FORM, "{\"Body\": \"x\"}".to_owned()),
            ("", "".to_owned()),
            ("application/json", "{}".to_owned()),
            ("application/json", "[]".to_owned()),
            ("application/json", deep.clone()),
            ("application/json", format!("{{\"Body\": \"\", \"x\": {deep}")),
            ("application/json", r#"{"Body": "a", "body": "b"}"#.to_owned()),
            ("multipart/form-data", "x".to_owned()),
            ("multipart/form-data; boundary=x", "x".to_owned()),
            ("multipart/form-data; boundary=x", parts.to_owned()),
            ("multipart/form-data; boundary=x", many),
        ] {
            let refused = read(kind, body.clone()).await;
            assert!(is_malformed(&refused), "{kind}: {body:.60} became {refused:?}");
        }
        let broken = read("application/json", &b"{\"Body\": \"\xff\"}"[..]).await;
        assert!(is_malformed(&broken), "{broken:?}");
        for (kind, long) in [
            (FORM, format!("body={}", "x".repeat(MAX_BYTES + 1))),
            ("text/plain", format!("{{\"Body\": \"{}\"}}", "x".repeat(MAX_BYTES + 1))),
            ("text/plain", "x".repeat(MAX_FORM_BYTES + 1)),
        ] {
            assert_eq!(status(&read(kind, long).await), 413, "{kind}");
        }
    }
}
