//! `GET /readyz`: whether a program can really be built and run here.
//!
//! Who asks is a load balancer, every few seconds and with little patience. So an answer is kept for a while, and while a
//! new one is being found the last good one stands. Our own program waits for no place: a service that is full to the
//! last one is at work, not broken.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::watch;
use tokio::time::Instant;

use super::App;
use super::problem::Problem;
use crate::protocol::{Ending, Event, Refusal, Request};

/// The last answer, and the one that is being found.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    last: Option<(Instant, bool)>,
    coming: Option<watch::Receiver<Option<bool>>>,
}

/// How long an answer is as good as new.
const KEPT: Duration = Duration::from_secs(10);

/// How long a good one stands while the next is being found. A build and a program that take any longer are stopped at
/// their deadlines, as those of readers are.
const STANDS: Duration = Duration::from_secs(60);

const HELLO: &str = r#"{"mode": "run", "source": "package main\nfunc main() { println(\"ready\") }\n"}"#;

/// Readiness
///
/// Whether a program can be built and run just now: one really was, lately. Not any more as soon as the service is told to stop.
#[utoipa::path(get, path = "/readyz", operation_id = "isReady", tag = "service",
    responses((status = 200, description = "It can.", body = String, content_type = "text/plain", example = "ready\n")))]
pub async fn get(State(app): State<Arc<App>>) -> Response {
    if let Some(refusal) = app.runner.turns_away() {
        return Problem::from(refusal).into_response();
    }
    if is_ready(&app).await {
        return "ready\n".into_response();
    }
    // One that was told to stop in the meantime is not broken.
    let problem = app.runner.turns_away().map_or_else(
        || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "a program could not be built and run just now"),
        |refusal: Refusal| refusal.into(),
    );
    problem.into_response()
}

async fn is_ready(app: &Arc<App>) -> bool {
    let mut coming = {
        let mut known = app.readiness.known();
        match known.last {
            Some((at, ready)) if at.elapsed() < KEPT => return ready,
            _ => {}
        }
        let coming = known.coming.get_or_insert_with(|| find(Arc::clone(app))).clone();
        if let Some((at, true)) = known.last
            && at.elapsed() < STANDS
        {
            return true;
        }
        coming
    };
    // It is told before it goes.
    coming.wait_for(Option::is_some).await.is_ok_and(|ready| ready.unwrap_or_default())
}

/// Finds an answer in a task of its own, so that those who ask may go.
fn find(app: Arc<App>) -> watch::Receiver<Option<bool>> {
    let (tell, told) = watch::channel(None);
    tokio::spawn(async move {
        let ready = builds_and_runs(&app).await;
        *app.readiness.known() = Known { last: Some((Instant::now(), ready)), coming: None };
        tell.send_replace(Some(ready));
    });
    told
}

async fn builds_and_runs(app: &App) -> bool {
    let hello = Request::from_json(HELLO.as_bytes());
    let Ok(mut events) = hello.and_then(|request| app.runner.start_ahead(request)) else {
        return false;
    };
    let mut ok = false;
    while let Some(stamped) = events.recv().await {
        if let Event::Exit(exit) = stamped.event {
            ok = exit.status == Ending::Ok;
        }
    }
    ok
}

impl Readiness {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
