//! Which other origins' pages may use the API. Without a list: none.
//!
//! A browser sends simple requests of any page, also those whose answers that page may not read. So requests of
//! other origins are refused here, before anything runs, unless their origin is listed; only then is CORS spoken
//! (the Fetch standard, "HTTP-redirect fetch" and "CORS protocol"). What has no origin, such as curl, is not a page's.

use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tower::{Layer as _, Service, ServiceExt as _, service_fn};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::App;
use super::problem::Problem;

/// An origin as browsers write it: `https://example.org`, with a port where it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// Why a text is no origin.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an origin such as https://example.org or http://127.0.0.1:8000, without a path")]
pub struct NoOrigin(String);

/// Those whose pages may use the API.
#[derive(Debug, Default)]
pub struct Origins {
    listed: Vec<HeaderValue>,
    cors: CorsLayer,
}

/// Whose page a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    /// Our own, or none.
    Own,
    /// One of a listed origin.
    Listed,
    /// Another.
    Foreign,
}

/// A browser may ask so rarely what is allowed.
const PREFLIGHT_HOLDS: Duration = Duration::from_secs(600);

const FOREIGN: &str = "pages of other sites may not use this; an operator allows a site with serve --allow-origin";

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let error = || NoOrigin(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| error())?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(error)?;
        let port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => return Err(error()),
        };
        let host = authority.as_str().to_ascii_lowercase();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        // A URI that ends with its authority has the path `/`, written or not.
        if !host.bytes().all(is_plain) || authority.host().is_empty() || uri.path() != "/" || uri.query().is_some() {
            return Err(error());
        }
        Ok(Self(format!("{scheme}://{}", host.strip_suffix(port).unwrap_or(&host))))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Origins {
    /// These and no others. Credentials are allowed to none.
    pub fn listed(origins: &[Origin]) -> Self {
        let listed: Vec<_> = origins.iter().filter_map(|origin| HeaderValue::from_str(&origin.0).ok()).collect();
        let cors = CorsLayer::new()
            .allow_origin(AllowOrigin::list(listed.clone()))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([header::ACCEPT, header::CACHE_CONTROL, header::CONTENT_TYPE])
            .expose_headers([header::RETRY_AFTER])
            .max_age(PREFLIGHT_HOLDS);
        Self { listed, cors }
    }

    /// Sec-Fetch-Site is the browser's own word; it does not send it to hosts over plain HTTP, where the two names are
    /// compared instead.
    /// Links from anywhere may lead here: what changes nothing and has no origin is always let through.
    fn asker(&self, method: &Method, headers: &HeaderMap) -> Asker {
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let is_own = match (site, origins.next(), origins.next()) {
            (_, Some(_), Some(_)) => false,
            (_, Some(origin), None) if self.listed.contains(origin) => return Asker::Listed,
            (_, None, None) if method.is_safe() => true,
            (Some(site), _, _) => matches!(site, b"same-origin" | b"none"),
            (None, None, None) => true,
            (None, Some(origin), None) => names(origin, headers.get(header::HOST)),
            (None, None, Some(_)) => unreachable!("a second comes after a first"),
        };
        if is_own { Asker::Own } else { Asker::Foreign }
    }

    /// An answer that a request is given before it comes to the API: the page of a listed origin may read it.
    pub async fn early(&self, request: Request, answer: Response) -> Response {
        match self.asker(request.method(), request.headers()) {
            Asker::Listed => {
                let mut once = Some(answer);
                let given = service_fn(move |_| ready(Ok(once.take().expect("asked once"))));
                self.with_cors(request, given).await
            }
            Asker::Own | Asker::Foreign => answer,
        }
    }

    async fn with_cors<S>(&self, request: Request, service: S) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        let answer = self.cors.layer(service).oneshot(request).await;
        answer.unwrap_or_else(|never| match never {})
    }
}

/// Whether an origin is that of a host.
fn names(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let (Ok(origin), Some(Ok(host))) = (origin.to_str(), host.map(HeaderValue::to_str)) else { return false };
    origin.split_once("://").is_some_and(|(_, name)| name.eq_ignore_ascii_case(host))
}

/// Lets requests of our own pages, of listed origins and of no page through to the API.
pub async fn of_api(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.origins.asker(request.method(), request.headers()) {
        Asker::Own => {
            let mut answer = next.run(request).await;
            // What a cache keeps of it is not for the pages of listed origins, which need a header more.
            if !app.origins.listed.is_empty() {
                answer.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
            }
            answer
        }
        Asker::Listed => app.origins.with_cors(request, next).await,
        Asker::Foreign => refused(),
    }
}

/// Lets requests of our own pages and of no page through.
pub async fn own_only(request: Request, next: Next) -> Response {
    match Origins::default().asker(request.method(), request.headers()) {
        Asker::Own => next.run(request).await,
        Asker::Listed | Asker::Foreign => refused(),
    }
}

fn refused() -> Response {
    Problem::new(StatusCode::FORBIDDEN, FOREIGN).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asker(headers: &[(&'static str, &'static str)]) -> Asker {
        asked_by(Method::POST, headers)
    }

    fn asked_by(method: Method, headers: &[(&'static str, &'static str)]) -> Asker {
        let listed = Origins::listed(&["https://pages.example".parse().unwrap()]);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        listed.asker(&method, &map)
    }

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (text, expected) in [
            ("https://Example.org", "https://example.org"),
            ("https://example.org/", "https://example.org"),
            ("https://example.org:443", "https://example.org"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), expected);
        }
        for text in [
            "*",
            "null",
            "",
            "example.org",
            "//example.org",
            "ftp://example.org",
            "https://",
            "https://example.org/path",
            "https://example.org?q",
            "https://user@example.org",
            "https://*.example.org",
            "https://a;script-src",
            "https://a, https://b",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn only_our_own_pages_and_listed_ones_are_heard() {
        let own = ("host", "site.example:8080");
        assert_eq!(asker(&[own]), Asker::Own);
        assert_eq!(asker(&[own, ("origin", "http://site.example:8080")]), Asker::Own);
        assert_eq!(asker(&[own, ("sec-fetch-site", "same-origin"), ("origin", "https://behind.proxy")]), Asker::Own);
        assert_eq!(
            asker(&[own, ("origin", "https://pages.example"), ("sec-fetch-site", "cross-site")]),
            Asker::Listed
        );
        let followed = [own, ("sec-fetch-site", "cross-site")];
        assert_eq!((asked_by(Method::GET, &followed), asker(&followed)), (Asker::Own, Asker::Foreign));
        for foreign in [
            &[own, ("origin", "https://evil.example")][..],
            &[own, ("origin", "null")],
            &[own, ("origin", "")],
            &[own, ("origin", "site.example:8080")],
            &[own, ("origin", "http://site.example")],
            &[own, ("origin", "https://pages.example.evil.example")],
            &[own, ("origin", "https://pages.example:444")],
            &[own, ("origin", "http://pages.example")],
            &[own, ("origin", "https://PAGES.example")],
            &[own, ("origin", "https://pages.example"), ("origin", "https://evil.example")],
            &[own, ("sec-fetch-site", "same-site"), ("origin", "http://site.example:8080")],
            &[("origin", "http://site.example:8080")],
        ] {
            assert_eq!(asker(foreign), Asker::Foreign, "{foreign:?}");
        }
    }
}
