//! Connections: how many, whose, how long one may say nothing, and how they end with the service.
//!
//! A client that opens connections and says nothing costs descriptors, which runs need too. So their number has an end,
//! a request's head has a deadline, and when all are taken the one that has said nothing for the longest is let go.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use prometheus_client::metrics::gauge::Gauge;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Sleep, sleep};
use tower::ServiceExt as _;

use super::measures::Held;
use super::proxies::Proxies;
use super::remote::Remote;
use crate::run::Client;
use crate::run::shutdown::Shutdown;

/// How long the head of a request may take, and how long a connection may wait for its next one.
const HEAD: Duration = Duration::from_secs(20);

/// How long runs that are ended may take to be gone.
const REAP: Duration = Duration::from_secs(5);

/// How long clients may take to read the last of their answers when the service stops.
const STOP: Duration = Duration::from_secs(3);

/// How long the body of a request may take.
const BODY: Duration = Duration::from_secs(20);

/// How long a client may leave what it was sent unread, or unacknowledged.
const UNREAD: Duration = Duration::from_secs(60);

/// How long accepting pauses when it fails, as it does without descriptors.
const PAUSE: Duration = Duration::from_millis(20);

/// Connections that have not sent a whole request yet, the oldest first, and how to let go of each.
#[derive(Clone, Debug, Default)]
struct Silent(Arc<Mutex<BTreeMap<u64, oneshot::Sender<()>>>>);

/// What holds for all connections.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How many there may be at a time.
    pub most: usize,
    /// Who tells the truth about whose request it is.
    pub proxies: Proxies,
    /// How long runs that have begun may go on when the service is told to stop.
    pub grace: Duration,
    /// Where those that are open are counted.
    pub open: Gauge,
}

/// Serves until it is told to stop, and then until the runs in flight are over or the grace is. Told once more, it ends
/// them at once. In the meantime it still answers: that it takes nothing new.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    rules: Rules,
    shutdown: &Shutdown,
    mut told_to_stop: impl AsyncFnMut(),
) {
    let places = Arc::new(Semaphore::new(rules.most));
    let proxies = Arc::new(rules.proxies);
    let silent = Silent::default();
    let ending = GracefulShutdown::new();
    let over = async {
        told_to_stop().await;
        shutdown.begin();
        tokio::select! {
            () = shutdown.drained() => {}
            () = sleep(rules.grace) => {}
            () = told_to_stop() => {}
        }
        shutdown.end();
    };
    tokio::pin!(over);
    for id in 0.. {
        let accepted = tokio::select! {
            () = &mut over => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                silent.let_go();
                sleep(PAUSE).await;
                continue;
            }
        };
        if places.available_permits() == 0 {
            silent.let_go();
        }
        // One that was let go is gone at once; where all are at work, the newcomer waits no longer than that.
        let place = tokio::time::timeout(PAUSE, Arc::clone(&places).acquire_owned()).await;
        let Ok(Ok(place)) = place else { continue };
        let place = (place, Held::of(&rules.open));
        tell_at_once(&stream, UNREAD);
        let whose = Whose { peer: peer.ip(), proxies: Arc::clone(&proxies) };
        tokio::spawn(connection(stream, whose, router.clone(), silent.clone(), id, place, ending.watcher()));
    }
    drop(listener);
    if tokio::time::timeout(REAP, shutdown.drained()).await.is_err() {
        tracing::warn!("some runs could not tell their end, since nobody reads it");
    }
    let _ = tokio::time::timeout(STOP, ending.shutdown()).await;
}

/// Has each event sent as it comes, since they are small, and a client cut off that leaves what it was sent `unread` for
/// so long.
fn tell_at_once(stream: &TcpStream, unread: Duration) {
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(stream).set_tcp_user_timeout(Some(unread));
}

/// Tells whose the requests of a connection are.
struct Whose {
    peer: IpAddr,
    proxies: Arc<Proxies>,
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    whose: Whose,
    router: Router,
    silent: Silent,
    id: u64,
    _place: (OwnedSemaphorePermit, Held),
    ending: hyper_util::server::graceful::Watcher,
) {
    let (let_go, mut is_let_go) = oneshot::channel();
    silent.all().insert(id, let_go);
    let has_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&has_asked);
    let service = hyper::service::service_fn(|mut request: hyper::Request<Incoming>| {
        let client = whose.proxies.client(whose.peer, request.headers());
        request.extensions_mut().insert(Client::at(client));
        request.extensions_mut().insert(Remote { peer: whose.peer.to_canonical(), client });
        asked.store(true, Ordering::Relaxed);
        let spoken = Spoken { silent: silent.clone(), id };
        let timely = |body| Body::new(Timely { body, late: Box::pin(sleep(BODY)), _spoken: spoken });
        router.clone().oneshot(request.map(timely))
    });
    let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    let serving = ending.watch(http.serve_connection_with_upgrades(TokioIo::new(stream), service));
    // hyper begins to count when the first byte has come.
    let says_nothing = async {
        sleep(HEAD).await;
        if has_asked.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        // A client that breaks off or speaks no HTTP is no news.
        _ = serving => {}
        Ok(()) = &mut is_let_go => {}
        () = says_nothing => {}
    }
    silent.all().remove(&id);
}

/// Why a body is not whole.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come within {} seconds", BODY.as_secs())]
pub struct Late;

/// A body that must have come as a whole in time.
struct Timely {
    body: Incoming,
    late: Pin<Box<Sleep>>,
    _spoken: Spoken,
}

/// Ends with the body of a request, and with it the silence of its connection.
struct Spoken {
    silent: Silent,
    id: u64,
}

impl Drop for Spoken {
    fn drop(&mut self) {
        self.silent.all().remove(&self.id);
    }
}

impl hyper::body::Body for Timely {
    type Data = hyper::body::Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.get_mut();
        if this.late.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(Late.into())));
        }
        Pin::new(&mut this.body).poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Silent {
    fn let_go(&self) {
        if let Some((_, oldest)) = self.all().pop_first() {
            let _ = oldest.send(());
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, oneshot::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "connections_tests.rs"]
mod tests;
