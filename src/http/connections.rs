//! Connections: how many, whose, how long one may say nothing, and how they end with the service.
//!
//! A client that opens connections and says nothing costs descriptors, which runs need too. So their number has an end,
//! a request's head has a deadline, and when all are taken the one that has said nothing for the longest is let go. One
//! address may have a part of them, so that whoever asks for much and reads nothing does not have them all.

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
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout, timeout_at};
use tower::ServiceExt as _;

use super::measures::Held;
use super::per_client::{PerClient, Share};
use super::proxies::Proxies;
use super::remote::Remote;
use crate::run::Client;
use crate::run::shutdown::Shutdown;

/// How long the head of a request may take, and how long a connection may wait for its next one.
const HEAD: Duration = Duration::from_secs(20);

/// How long runs that are ended may take to be gone.
const REAP: Duration = Duration::from_secs(3);

/// How long clients may take to read the last of their answers when the service stops, if the grace is over.
const STOP: Duration = Duration::from_secs(3);

/// How long the body of a request may take.
const BODY: Duration = Duration::from_secs(20);

/// How long a client may leave what it was sent unread, or unacknowledged.
const UNREAD: Duration = Duration::from_secs(60);

/// The part of all connections that one address may have, as a divisor. A trusted proxy may have all.
const OF_CLIENT: usize = 4;

/// How long accepting pauses when it fails, as it does without descriptors.
const PAUSE: Duration = Duration::from_millis(20);

/// Connections that have not sent a whole request yet, the oldest first: who made each, and how to let go of it.
#[derive(Clone, Debug, Default)]
struct Silent(Arc<Mutex<Waiting>>);

/// By the order in which they came.
type Waiting = BTreeMap<u64, (Client, oneshot::Sender<()>)>;

/// What a connection takes while it is open.
struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_client: Option<Share>,
    _open: Held,
}

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
    let doors = Doors {
        places: Arc::new(Semaphore::new(rules.most)),
        of_clients: PerClient::new(rules.most / OF_CLIENT),
        proxies: Arc::new(rules.proxies),
        silent: Silent::default(),
        open: rules.open,
    };
    let ending = GracefulShutdown::new();
    let latest = {
        let over = async {
            told_to_stop().await;
            shutdown.begin();
            let latest = Instant::now() + rules.grace;
            let latest = tokio::select! {
                () = shutdown.drained() => latest,
                () = sleep_until(latest) => latest,
                () = told_to_stop() => Instant::now(),
            };
            shutdown.end();
            latest
        };
        tokio::pin!(over);
        let mut id = 0;
        loop {
            let accepted = tokio::select! {
                latest = &mut over => break latest,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    doors.silent.let_go(None);
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let Some(place) = doors.place(peer.ip()).await else { continue };
            tell_at_once(&stream, UNREAD);
            let whose = Whose { peer: peer.ip(), proxies: Arc::clone(&doors.proxies) };
            let quiet = doors.silent.enter(id, Client::at(peer.ip()));
            tokio::spawn(connection(stream, whose, router.clone(), quiet, place, ending.watcher()));
            id += 1;
        }
    };
    drop(listener);
    if timeout(REAP, shutdown.drained()).await.is_err() {
        tracing::warn!("some runs could not tell their end, since nobody reads it");
    }
    // The end of a run may still be on its way to a client that reads slowly.
    tokio::select! {
        _ = timeout_at(latest.max(Instant::now() + STOP), ending.shutdown()) => {}
        () = told_to_stop() => {}
    }
}

/// Who comes in, and as how many.
struct Doors {
    places: Arc<Semaphore>,
    of_clients: PerClient,
    proxies: Arc<Proxies>,
    silent: Silent,
    open: Gauge,
}

impl Doors {
    /// A place for a newcomer, if need be that of a connection which says nothing.
    async fn place(&self, peer: IpAddr) -> Option<Place> {
        let mut has_room = self.places.available_permits() > 0;
        let of_client = if self.proxies.are_trusted(peer) {
            None
        } else {
            let client = Client::at(peer);
            let instead = || {
                has_room = self.silent.let_go(Some(client));
                has_room.then(|| self.of_clients.take_over(client))
            };
            let share = self.of_clients.take(client).or_else(instead);
            if share.is_none() {
                tracing::debug!("a connection was turned away: its address has as many as it may");
            }
            Some(share?)
        };
        if !has_room {
            self.silent.let_go(None);
        }
        // One that was let go is gone at once; where all are at work, the newcomer waits no longer than that.
        let of_all = timeout(PAUSE, Arc::clone(&self.places).acquire_owned()).await.ok()?.ok()?;
        Some(Place { _of_all: of_all, _of_client: of_client, _open: Held::of(&self.open) })
    }
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
    mut quiet: Quiet,
    _place: Place,
    ending: hyper_util::server::graceful::Watcher,
) {
    let has_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&has_asked);
    let service = hyper::service::service_fn(|mut request: hyper::Request<Incoming>| {
        let client = whose.proxies.client(whose.peer, request.headers());
        request.extensions_mut().insert(Client::at(client));
        request.extensions_mut().insert(Remote { peer: whose.peer.to_canonical(), client });
        asked.store(true, Ordering::Relaxed);
        let spoken = quiet.spoken.clone();
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
        Ok(()) = &mut quiet.is_let_go => {}
        () = says_nothing => {}
    }
}

/// One of the silent connections, until it is dropped or a request has come as a whole.
struct Quiet {
    spoken: Spoken,
    is_let_go: oneshot::Receiver<()>,
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
#[derive(Clone)]
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
        // The clock is asked only when there is something to wait for, since that sets it.
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Pending if this.late.as_mut().poll(cx).is_ready() => Poll::Ready(Some(Err(Late.into()))),
            polled => polled.map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Silent {
    /// A connection has been made by this client. It can be let go of from now on.
    fn enter(&self, id: u64, client: Client) -> Quiet {
        let (let_go, is_let_go) = oneshot::channel();
        self.all().insert(id, (client, let_go));
        Quiet { spoken: Spoken { silent: self.clone(), id }, is_let_go }
    }

    /// Lets go of the oldest, of this client's if one is named, and says whether there was one.
    fn let_go(&self, whose: Option<Client>) -> bool {
        let mut all = self.all();
        let oldest =
            all.iter().find(|(_, (client, _))| whose.is_none_or(|whose| whose == *client)).map(|(id, _)| *id);
        let oldest = oldest.and_then(|id| all.remove(&id));
        oldest.is_some_and(|(_, oldest)| oldest.send(()).is_ok())
    }

    fn all(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "connections_tests.rs"]
mod tests;
