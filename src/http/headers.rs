//! Headers that every answer has, whatever it is of. Strict-Transport-Security is not among them: it is the word of whoever
//! speaks TLS, which is a proxy in front of this service.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue};
use tower_http::set_header::SetResponseHeaderLayer;

use super::App;

/// Scripts, styles, frames and requests of our own only; nothing inline but the fonts in our styles. The one page that can be in a frame is
/// [`super::artifact`].
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; font-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What no page of ours needs, and no frame in it gets.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// A header for answers whose handler says nothing of it.
fn if_not_present(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// Puts them on all answers.
pub fn on_all(routes: Router<Arc<App>>) -> Router<Arc<App>> {
    routes
        // What may be kept, and for how long, is said by its handler.
        .layer(if_not_present("cache-control", "no-store"))
        .layer(if_not_present("content-security-policy", CONTENT_SECURITY_POLICY))
        .layer(if_not_present("x-content-type-options", "nosniff"))
        .layer(if_not_present("referrer-policy", "same-origin"))
        .layer(if_not_present("permissions-policy", PERMISSIONS))
        // A page of another site that opens ours in a window gets no hold of it.
        .layer(if_not_present("cross-origin-opener-policy", "same-origin"))
        // Nor can it take our answers in as pictures or scripts. What is meant for that says so itself; requests by CORS are
        // another matter.
        .layer(if_not_present("cross-origin-resource-policy", "same-origin"))
}
