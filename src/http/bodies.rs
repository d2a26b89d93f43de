//! What a client sends, read as a whole.

use std::error::Error;

use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use http_body_util::LengthLimitError;

use super::connections::Late;
use super::problem::Problem;
use crate::protocol::Refusal;

/// Reads a body of at most `limit_bytes`.
///
/// # Errors
/// When it is longer, or not whole.
pub async fn read(body: Body, limit_bytes: usize) -> Result<Vec<u8>, Problem> {
    match to_bytes(body, limit_bytes).await {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(error) if is_due_to::<LengthLimitError>(&error) => Err(Refusal::TooLarge { limit_bytes }.into()),
        Err(error) if is_due_to::<Late>(&error) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, Late.to_string())),
        Err(_) => Err(Problem::new(StatusCode::BAD_REQUEST, "the body ended before it was whole")),
    }
}

/// Whether an error is of this type, or has one below it.
fn is_due_to<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| error.is::<E>())
}
