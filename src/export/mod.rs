//! The whole site as files that any server can hand out.
//!
//! Each page is the one that `serve` shows, and then changed: links become relative, so that the site may lie in any
//! folder of a host; what asks for our own service gives way to what was captured.

pub mod capture;
pub mod folder;
mod page;

use std::collections::{BTreeMap, BTreeSet};

use lol_html::errors::RewritingError;
use serde_json::Value;

use crate::http::assets;
use crate::http::origins::{NoOrigin, Origin};
use crate::http::pages::Pages;
use crate::site::view::Exported;
use capture::Captures;

/// All files of a site, by their names below its folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Where the files are to lie, as far as that matters to them.
#[derive(Clone, Debug)]
pub struct Target {
    /// What runs what readers send.
    pub api: Option<Api>,
    /// The path on its host, which only the page for missing addresses has to know.
    pub base: Base,
}

/// A service elsewhere.
#[derive(Clone, Debug)]
pub struct Api {
    /// Its address without a slash at the end; may have a path.
    url: String,
    origin: Origin,
}

/// A path that begins and ends with a slash.
#[derive(Clone, Debug)]
pub struct Base(String);

/// Why there are no files.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{path}: {error}")]
    Render { path: String, error: askama::Error },
    #[error("{path}: {error}")]
    Rewrite { path: String, error: RewritingError },
    #[error("the index of the search: {0}")]
    Index(#[from] serde_json::Error),
}

/// The page for missing addresses, by the name that servers look for.
const MISSING: &str = "404.html";

/// The index of the search, where the page's script looks for it.
const SEARCH: &str = "search.json";

/// Only pages of watch mode take it.
const OF_WATCH_MODE: &str = "watch.js";

impl std::str::FromStr for Api {
    type Err = NoApi;

    fn from_str(text: &str) -> Result<Self, NoApi> {
        let url = text.trim_end_matches('/');
        let after_scheme = url.find("://").map_or(0, |at| at + 3);
        let (host, path) = match url[after_scheme..].find('/') {
            Some(at) => url.split_at(after_scheme + at),
            None => (url, ""),
        };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        if !path.bytes().all(is_plain) {
            return Err(NoApi(text.to_owned()));
        }
        let origin: Origin = host.parse().map_err(|_: NoOrigin| NoApi(text.to_owned()))?;
        Ok(Self { url: format!("{origin}{path}"), origin })
    }
}

/// Why a text is no address of a service.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not the address of a service, such as https://run.example.org")]
pub struct NoApi(String);

impl std::str::FromStr for Base {
    type Err = NoBase;

    fn from_str(text: &str) -> Result<Self, NoBase> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        if !text.starts_with('/') || text.contains("//") || !text.bytes().all(is_plain) {
            return Err(NoBase(text.to_owned()));
        }
        Ok(Self(format!("{}/", text.trim_end_matches('/'))))
    }
}

/// Why a text is no path of a host.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a path such as /underhood/")]
pub struct NoBase(String);

/// Makes all files.
///
/// # Errors
/// When a page cannot be rendered, or has a link that would not hold.
pub fn files(pages: Pages, captures: &Captures, target: &Target) -> Result<Files, ExportError> {
    let mut files: Files = assets::all()
        .filter(|(name, _)| name != OF_WATCH_MODE)
        .map(
            |(name, bytes)| if assets::is_at_root(&name) { (name, bytes) } else { (format!("assets/{name}"), bytes) },
        )
        .collect();
    if let Some(script) = files.get_mut(assets::EMBED) {
        *script = embed_script(&String::from_utf8_lossy(script), target.api.as_ref())?.into_bytes();
    }
    let addresses = pages.addresses();
    let mut known: BTreeSet<String> = files.keys().map(|name| format!("/{name}")).collect();
    known.extend(addresses.iter().cloned());
    let pages = pages.exported(Exported { api: target.api.as_ref().map(|api| api.url.clone()) });
    let mut add = |path: &str, name: String, root: &str| {
        let html = pages.page(path).map_err(|error| ExportError::Render { path: path.to_owned(), error })?;
        let page =
            page::Exporting { root, known: &known, captures, endings: pages.endings(), api: target.api.as_ref() };
        let html = page.rewrite(&html).map_err(|error| ExportError::Rewrite { path: path.to_owned(), error })?;
        files.insert(name, html.into_bytes());
        Ok::<_, ExportError>(())
    };
    for path in &addresses {
        add(path, format!("{}index.html", &folder_of(path)[1..]), &root_from(path))?;
    }
    add(&format!("/{MISSING}"), MISSING.to_owned(), &target.base.0)?;
    files.insert(SEARCH.to_owned(), search_index(&pages.search_index())?.into_bytes());
    Ok(files)
}

/// The script for pages of other sites, which finds no service where it lies.
fn embed_script(script: &str, api: Option<&Api>) -> Result<String, serde_json::Error> {
    let api = serde_json::to_string(&api.map(|api| &api.url))?;
    Ok(script.replace("start(import.meta.url)", &format!("start(import.meta.url, {api})")))
}

/// The index of the search, whose pages are folders here.
fn search_index(index: &str) -> Result<String, serde_json::Error> {
    let mut index: Value = serde_json::from_str(index)?;
    for page in index["pages"].as_array_mut().into_iter().flatten() {
        page["href"] = page["href"].as_str().map(folder_of).into();
    }
    Ok(index.to_string())
}

/// A page's address as a folder: `/map/`.
fn folder_of(path: &str) -> String {
    format!("{}/", path.trim_end_matches('/'))
}

/// The site's folder as seen from a page's.
fn root_from(path: &str) -> String {
    match folder_of(path).matches('/').count() - 1 {
        0 => "./".to_owned(),
        depth => "../".repeat(depth),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_may_lie_in_any_folder() {
        let seen = |path: &str| (folder_of(path), root_from(path));
        assert_eq!(seen("/"), ("/".into(), "./".into()));
        assert_eq!(seen("/map"), ("/map/".into(), "../".into()));
        assert_eq!(seen("/lessons/a"), ("/lessons/a/".into(), "../../".into()));
        for (text, expected) in [("/", "/"), ("/a", "/a/"), ("/a/b/", "/a/b/")] {
            assert_eq!(text.parse::<Base>().unwrap().0, expected);
        }
        for text in ["", "a", "//host", "/a//b", "https://a/", "/a b", "/\"", "/a?b"] {
            assert!(text.parse::<Base>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn snippets_of_other_sites_run_where_those_of_these_pages_do() {
        let (_, script) = assets::all().find(|(name, _)| name == assets::EMBED).unwrap();
        let script = String::from_utf8(script).unwrap();
        assert!(embed_script(&script, None).unwrap().ends_with("  start(import.meta.url, null);\n}\n"));
        let api = "https://run.example.org/a".parse().unwrap();
        let with = embed_script(&script, Some(&api)).unwrap();
        assert!(with.contains(r#"start(import.meta.url, "https://run.example.org/a");"#), "{with}");
    }

    #[test]
    fn the_search_leads_to_folders() {
        let index = search_index(r#"{"pages":[{"href":"./"},{"href":"./map"},{"href":"./lessons/a"}]}"#).unwrap();
        assert_eq!(index, r#"{"pages":[{"href":"./"},{"href":"./map/"},{"href":"./lessons/a/"}]}"#);
    }

    #[test]
    fn a_service_has_an_origin_and_perhaps_a_path() {
        for (text, url, origin) in [
            ("https://run.example.org", "https://run.example.org", "https://run.example.org"),
            ("https://run.example.org:443/", "https://run.example.org", "https://run.example.org"),
            ("http://127.0.0.1:80/a/b/", "http://127.0.0.1/a/b", "http://127.0.0.1"),
        ] {
            let api: Api = text.parse().unwrap();
            assert_eq!((api.url.as_str(), api.origin.to_string().as_str()), (url, origin));
        }
        for text in ["", "run.example.org", "/api", "https://", "https://a b", "https://a/?q", "https://a/';", "*"] {
            assert!(text.parse::<Api>().is_err(), "{text:?} was taken");
        }
    }
}
