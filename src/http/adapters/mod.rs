//! Interfaces of others, for clients that exist already: each thin, over the same runner, under the same limits.
//!
//! | addresses | whose | spoken by |
//! |---|---|---|
//! | `/compile`, `/vet`, `/fmt`, `/share`, `/p/ID.go`, `/version`, the same below `/_/` | the Go Playground's | editors, plugins, its own pages |
//! | `/socket` | golang.org/x/tools' | `present`, the Go tour |
//! | `/v1/exec`, `/v1/health` | codapi's | its widget |
//!
//! docs/clients.md says how clients are pointed here, and where we differ.

mod answer;
mod asked;
mod codapi;
mod format;
mod playground;
mod program;
mod shares;
mod socket;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::App;
pub use socket::Places;

/// What answers when it is over.
pub fn still() -> Router<Arc<App>> {
    let of_playground = || {
        Router::new()
            .route("/compile", post(playground::compile))
            .route("/vet", post(playground::vet))
            .route("/fmt", post(format::format))
            .route("/share", post(shares::share))
            .route("/p/{name}", get(shares::get))
            .route("/version", get(playground::version))
            .layer(DefaultBodyLimit::max(asked::MAX_FORM_BYTES))
    };
    Router::new()
        .merge(of_playground())
        .nest("/_", of_playground())
        .route("/v1/exec", post(codapi::exec))
        .route("/v1/health", get(codapi::health))
}

/// What tells as it happens.
pub fn live() -> Router<Arc<App>> {
    Router::new().route("/socket", get(socket::open))
}
