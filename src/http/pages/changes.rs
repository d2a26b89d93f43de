//! Tells open pages that content has changed. Only in watch mode, and no part of the API.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

use super::App;

/// Those who wait for changes. They are let go when the sender is gone.
#[derive(Debug)]
pub struct Changes(Mutex<Option<watch::Sender<()>>>);

/// Which page asks.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// Its path, as the page itself has it.
    page: String,
}

impl Default for Changes {
    fn default() -> Self {
        Self(Mutex::new(Some(watch::Sender::new(()))))
    }
}

impl Changes {
    /// Something has changed.
    pub fn tell(&self) {
        if let Some(sender) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            sender.send_replace(());
        }
    }

    /// Nothing will change any more.
    pub fn end(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn listen(&self) -> Option<watch::Receiver<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(watch::Sender::subscribe)
    }
}

/// `GET /-/changes?page=PATH`: the page's mark, at once and after each change.
pub async fn get(
    State(app): State<Arc<App>>,
    Query(Asked { page }): Query<Asked>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (tell, told) = mpsc::channel(1);
    if let Some(mut changes) = app.pages.changes.as_ref().and_then(Changes::listen) {
        tokio::spawn(async move {
            loop {
                let mark = Event::default().event("mark").data(app.pages.mark(&page));
                if tell.send(Ok(mark)).await.is_err() {
                    break;
                }
                tokio::select! {
                    changed = changes.changed() => if changed.is_err() { break },
                    // A page that was closed is noticed when the next sign of life cannot be sent.
                    () = tell.closed() => break,
                }
            }
        });
    }
    Sse::new(ReceiverStream::new(told)).keep_alive(KeepAlive::default())
}
