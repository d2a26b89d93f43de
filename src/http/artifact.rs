//! Where a page shows HTML that a tool wrote: an empty document of no origin, into which it is put by a message.
//!
//! What the compiler writes of a reader's program holds the program's own text, and scripts to unfold it with. So it is
//! never a document of ours. This one has an origin of its own, wherever it is opened, and may load and send nothing.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::response::{Html, IntoResponse};

/// Its address, which `web/src/artifacts.ts` names too.
pub const PATH: &str = "/-/artifact";

/// Scripts and styles of the document itself and nothing from anywhere; only our own pages hold it. Its scripts cannot
/// reach what holds it, the reader's storage, or any address.
const POLICY: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/// `GET /-/artifact`.
pub async fn get() -> impl IntoResponse {
    ([(CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-cache")], Html(include_str!("artifact.html")))
}
