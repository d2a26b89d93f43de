//! The bundled scripts and styles. They are the same for everyone, so pages of all sites may load them: what
//! those may ask of the API is another matter (`origins.rs`).

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest as _, Sha256};

use crate::site::view::Assets;

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Bundle;

/// An address that changes with its content may be kept for a year, which is as long as caches keep anything.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Modules are loaded with CORS, and some pages take in only what says that it is for them
/// (the Fetch standard, "Cross-Origin-Resource-Policy header").
const FOR_ALL: [(HeaderName, &str); 2] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
];

/// Addresses of what pages name, each with the hash of its content.
pub fn addresses() -> Assets {
    let address = |name: &str| {
        let version = Bundle::get(name).map(|file| format!("?v={}", hash(&file))).unwrap_or_default();
        format!("/assets/{name}{version}")
    };
    // Written by `web/build.mjs`: the parts that site.js imports, a line each.
    let shared = Bundle::get("parts/shared.txt").map(|file| file.data.into_owned()).unwrap_or_default();
    let shared = String::from_utf8_lossy(&shared);
    Assets {
        css: address("site.css"),
        js: address("site.js"),
        watch_js: address("watch.js"),
        theme_js: address("theme.js"),
        revise_js: address("revise.js"),
        icon: address("icon.svg"),
        shared_js: shared.lines().map(|name| format!("/assets/{name}")).collect(),
    }
}

/// The service worker. It can only keep pages in or below its own folder, so it lies at the root.
pub const WORKER: &str = "sw.js";

/// What pages of other sites load to show snippets. Its address stays, so it lies at the root too.
pub const EMBED: &str = "embed.js";

/// `GET /sw.js`.
pub async fn worker(headers: HeaderMap) -> Response {
    get(Ok(Path(WORKER.to_owned())), RawQuery(None), headers).await
}

/// `GET /embed.js`.
pub async fn embed(headers: HeaderMap) -> Response {
    get(Ok(Path(EMBED.to_owned())), RawQuery(None), headers).await
}

/// Whether it lies at the root of the site, and not below `/assets/`.
pub fn is_at_root(name: &str) -> bool {
    [WORKER, EMBED].contains(&name)
}

/// All files, by their names below `/assets/`, or at the root.
pub fn all() -> impl Iterator<Item = (String, Vec<u8>)> {
    Bundle::iter().filter_map(|name| Some((name.to_string(), Bundle::get(&name)?.data.into_owned())))
}

/// `GET /assets/{*path}`.
pub async fn get(
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let path = path.map(|Path(path)| path).unwrap_or_default();
    let Some(file) = Bundle::get(&path) else {
        let header = [(header::CACHE_CONTROL, "no-cache")];
        return (StatusCode::NOT_FOUND, header, "there is no such file\n").into_response();
    };
    let hash = hash(&file);
    let wanted = query.as_deref().and_then(|query| query.strip_prefix("v="));
    let keep = if is_named_by_content(&path) || wanted == Some(hash.as_str()) { FOREVER } else { "no-cache" };
    let kind = [(header::CONTENT_TYPE, content_type(file.metadata.mimetype()))];
    (FOR_ALL, unless_known(&headers, &hash, keep, || (kind, Body::from(file.data)))).into_response()
}

/// What has this hash, and may be kept so long; only that it is unchanged if the browser has it already.
pub fn unless_known<T: IntoResponse>(
    headers: &HeaderMap,
    hash: &str,
    keep: &'static str,
    whole: impl FnOnce() -> T,
) -> Response {
    let tag = format!("\"{hash}\"");
    let is_known = headers.get_all(header::IF_NONE_MATCH).iter().any(|known| matches(known.as_bytes(), &tag));
    let caching = [(header::CACHE_CONTROL, keep.to_owned()), (header::ETAG, tag)];
    if is_known { (StatusCode::NOT_MODIFIED, caching).into_response() } else { (caching, whole()).into_response() }
}

/// Files that scripts name themselves: the bundler puts the hash of their content into their names.
fn is_named_by_content(path: &str) -> bool {
    path.starts_with("parts/")
}

/// The same for what is no file of the bundle.
pub fn hash_of(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn hash(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a list in If-None-Match names the tag. Compression makes tags weak, so `W/` does not matter (RFC 9110, 13.1.2).
fn matches(list: &[u8], tag: &str) -> bool {
    let Ok(list) = std::str::from_utf8(list) else { return false };
    list.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

fn content_type(mime: &str) -> String {
    let is_text = mime.starts_with("text/") || mime.ends_with("+xml") || mime.ends_with("javascript");
    if is_text { format!("{mime}; charset=utf-8") } else { mime.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(path: &str, query: Option<&str>, known: Option<&str>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(known) = known {
            headers.insert(header::IF_NONE_MATCH, known.parse().unwrap());
        }
        get(Ok(Path(path.to_owned())), RawQuery(query.map(str::to_owned)), headers).await
    }

    fn value(response: &Response, name: HeaderName) -> String {
        response.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn a_versioned_address_is_kept() {
        let address = addresses().js;
        let (path, query) = address.strip_prefix("/assets/").unwrap().split_once('?').unwrap();
        let response = ask(path, Some(query), None).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(value(&response, header::CACHE_CONTROL), FOREVER);
        assert_eq!(value(&response, header::CONTENT_TYPE), "text/javascript; charset=utf-8");
        for query in [None, Some("v="), Some("v=0"), Some("w=1")] {
            assert_eq!(value(&ask(path, query, None).await, header::CACHE_CONTROL), "no-cache", "{query:?}");
        }
    }

    #[tokio::test]
    async fn what_scripts_name_is_kept_under_its_name() {
        let editor = Bundle::iter().find(|name| name.starts_with("parts/editor-")).unwrap();
        let response = ask(&editor, None, None).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(value(&response, header::CACHE_CONTROL), FOREVER);
    }

    #[tokio::test]
    async fn what_a_browser_has_is_not_sent_again() {
        let tag = value(&ask("icon.svg", None, None).await, header::ETAG);
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            assert_eq!(ask("icon.svg", None, Some(&known)).await.status(), StatusCode::NOT_MODIFIED, "{known}");
        }
        assert_eq!(ask("icon.svg", None, Some("\"x\"")).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn pages_of_all_sites_may_load_them() {
        let known = value(&ask(EMBED, None, None).await, header::ETAG);
        for (path, known) in [(EMBED, None), (EMBED, Some(known.as_str())), ("icon.svg", None)] {
            let response = ask(path, None, known).await;
            assert_eq!(value(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), "*", "{path} {}", response.status());
        }
        // Its address stays, so a browser has to ask each time.
        assert_eq!(value(&ask(EMBED, None, None).await, header::CACHE_CONTROL), "no-cache");
    }

    #[tokio::test]
    async fn what_the_embedded_script_loads_is_there_and_kept() {
        let script = String::from_utf8(Bundle::get(EMBED).unwrap().data.into_owned()).unwrap();
        let named: Vec<_> =
            script.split("import(\"./assets/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(named.len() > 1 && named[0].starts_with("embedded.js?v="), "{named:?}");
        for address in named {
            let (path, query) = address.split_once('?').map_or((address, None), |(path, query)| (path, Some(query)));
            let response = ask(path, query, None).await;
            assert_eq!(response.status(), StatusCode::OK, "{address}");
            assert_eq!(value(&response, header::CACHE_CONTROL), FOREVER, "{address}");
        }
    }

    #[tokio::test]
    async fn only_bundled_files_are_there() {
        for path in ["", "site", "../package.json", "parts", "parts/../../package.json", "/etc/passwd"] {
            assert_eq!(ask(path, None, None).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
