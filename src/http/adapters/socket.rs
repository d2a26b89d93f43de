//! `GET /socket`: the WebSocket that `present` and the Go tour speak (golang.org/x/tools/playground/socket).
//!
//! A client sends `{"Id", "Kind": "run", "Body", "Options"}` and `{"Id", "Kind": "kill"}`, and hears of each run
//! `{"Id", "Kind": "stdout" | "stderr", "Body"}` and at last one `{"Id", "Kind": "end", "Body"}`, whose body says why if
//! it did not end well. Ids are the client's own; another socket's runs are out of its reach.
//!
//! A socket is one task. While it writes to a client that does not read, nothing is taken from its runs, so their
//! programs wait; and a run has its deadlines all the same.

mod places;
mod runs;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::super::App;
use super::super::problem::Problem;
use crate::protocol::files::MAX_BYTES;
use crate::run::Client;
use crate::run::shutdown::InFlight;
use places::Place;
pub use places::Places;
use runs::Runs;

/// What comes in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    id: String,
    kind: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    options: Option<Options>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Options {
    #[serde(default)]
    race: bool,
}

/// What goes out.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Said {
    id: String,
    kind: Kind,
    body: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Stdout,
    Stderr,
    End,
}

/// The largest message in bytes. In JSON most of what is escaped takes two bytes.
const MAX_MESSAGE_BYTES: usize = 2 * MAX_BYTES;

/// The longest id of a run in bytes. Clients count.
const MAX_ID_BYTES: usize = 64;

/// What may wait to be written in bytes, beside one message.
const WRITE_BUFFER_BYTES: usize = 64 * 1024;

/// How often a client is asked whether it is there. One that was not heard of for two of these is gone.
const PING: Duration = Duration::from_secs(30);

/// How long a socket may be open without a run. A talk may stay on one slide for long.
const IDLE: Duration = Duration::from_secs(3600);

/// How long a client may leave a message unread.
const UNREAD: Duration = Duration::from_secs(60);

/// Why a socket is closed: the code and words of its last frame (RFC 6455, 7.4.1).
type Ended = (u16, &'static str);

/// Opens a socket. Pages of other origins do not come so far.
pub async fn open(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|rejection| {
        let status = rejection.into_response().status();
        let status = if status.is_client_error() { status } else { StatusCode::BAD_REQUEST };
        Problem::new(status, "this address speaks WebSocket only; see docs/clients.md")
    })?;
    let shutdown = app.runner.enter()?;
    let place = app.sockets.enter(client)?;
    let upgrade = upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(16 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES + MAX_MESSAGE_BYTES);
    Ok(upgrade
        .on_upgrade(move |socket| Session { socket, runs: Runs::new(app, client), shutdown, _place: place }.serve()))
}

/// One client's socket.
struct Session {
    socket: WebSocket,
    runs: Runs,
    /// The service waits for what runs here.
    shutdown: InFlight,
    _place: Place,
}

impl Session {
    /// Until either side is done. Whatever runs then is ended.
    async fn serve(mut self) {
        let Err((code, reason)) = self.talk().await;
        let last = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        let _ = timeout(GOODBYE, self.socket.send(last)).await;
    }

    async fn talk(&mut self) -> Result<std::convert::Infallible, Ended> {
        let mut pings = interval(PING);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut heard, mut used) = (Instant::now(), Instant::now());
        loop {
            tokio::select! {
                message = self.socket.recv() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => self.hear(text.as_bytes()).await?,
                        Some(Ok(Message::Binary(bytes))) => self.hear(&bytes).await?,
                        // Pings are answered below us.
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Ok(Message::Close(_))) | None => return Err((close_code::NORMAL, "")),
                        Some(Err(error)) if is_too_long(&error) => return Err(TOO_LONG),
                        Some(Err(_)) => return Err((close_code::PROTOCOL, "")),
                    }
                }
                said = self.runs.next() => {
                    used = Instant::now();
                    self.say(said).await?;
                }
                _ = pings.tick() => {
                    if self.runs.at_work() > 0 {
                        used = Instant::now();
                    }
                    if heard.elapsed() > 2 * PING || used.elapsed() > IDLE {
                        return Err((close_code::NORMAL, "nothing was heard for long; open another"));
                    }
                    self.send(Message::Ping(Vec::new().into())).await?;
                }
                // What runs still has some time, and tells its own end.
                () = self.shutdown.draining(), if self.runs.at_work() == 0 => {
                    return Err((close_code::AWAY, "the service is being stopped"));
                }
            }
        }
    }

    async fn hear(&mut self, message: &[u8]) -> Result<(), Ended> {
        self.runs.charge_message().map_err(|_| TOO_MANY)?;
        let asked: Asked = serde_json::from_slice(message).map_err(|_| UNREADABLE)?;
        if asked.id.len() > MAX_ID_BYTES {
            return Err(UNREADABLE);
        }
        let answers = match asked.kind.as_str() {
            "run" => self.runs.start(asked.id, &asked.body, asked.options.unwrap_or_default().race),
            "kill" => self.runs.kill(&asked.id).into_iter().collect(),
            // As the original does.
            _ => Vec::new(),
        };
        for said in answers {
            self.say(said).await?;
        }
        Ok(())
    }

    async fn say(&mut self, said: Said) -> Result<(), Ended> {
        let text = serde_json::to_string(&said).expect("texts");
        self.send(Message::text(text)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Ended> {
        match timeout(UNREAD, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err((close_code::POLICY, "what was sent is not read")),
        }
    }
}

const UNREADABLE: Ended =
    (close_code::POLICY, "send JSON such as {\"Id\": \"0\", \"Kind\": \"run\", \"Body\": \"package main\"}");

const TOO_MANY: Ended = (close_code::POLICY, "too many messages in a short time");

const TOO_LONG: Ended = (close_code::SIZE, "a message may have 524288 bytes");

/// How long the last frame may take.
const GOODBYE: Duration = Duration::from_secs(1);

fn is_too_long(error: &axum::Error) -> bool {
    // The words of tungstenite's CapacityError, which axum hides.
    error.to_string().contains("too long")
}
