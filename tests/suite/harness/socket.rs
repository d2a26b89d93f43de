//! A client of `/socket`, as a page of `present` is one.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use serde_json::{Value, json};
use socket2::{Domain, Socket as Plain, Type};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{self, HandshakeError, Message, WebSocket};

use super::client::SILENCE;

/// Dropping it closes the connection, without a word.
pub struct Socket(WebSocket<TcpStream>);

/// The last frame: its code and reason.
pub type Closed = (u16, String);

impl Socket {
    /// Opens one.
    #[track_caller]
    pub fn open(address: SocketAddr) -> Self {
        Self::open_with(Ipv4Addr::LOCALHOST, address, &[]).unwrap_or_else(|status| panic!("no socket: {status}"))
    }

    /// The same as another client, with headers; or the status of the refusal.
    pub fn open_with(from: Ipv4Addr, address: SocketAddr, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let socket = Plain::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from((from, 0)).into()).expect("bound");
        socket.connect(&address.into()).expect("connected");
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(SILENCE)).expect("set");
        let mut request = format!("ws://{address}/socket").into_client_request().expect("a request");
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a name");
            request.headers_mut().append(name, HeaderValue::from_str(value).expect("a value"));
        }
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(HandshakeError::Failure(tungstenite::Error::Http(answer))) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub fn run(&mut self, id: &str, body: &str) {
        self.send(&json!({"Id": id, "Kind": "run", "Body": body}).to_string());
    }

    pub fn kill(&mut self, id: &str) {
        self.send(&json!({"Id": id, "Kind": "kill"}).to_string());
    }

    /// A text as it is.
    pub fn send(&mut self, text: &str) {
        // It may be closed already; what it said then is what counts.
        let _ = self.0.send(Message::text(text));
    }

    /// The next message; or how it was closed.
    #[track_caller]
    pub fn hear(&mut self) -> Result<Value, Closed> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Ok(Message::Close(Some(last))) => return Err((last.code.into(), last.reason.to_string())),
                Ok(_) => {}
                Err(error) => return Err((0, error.to_string())),
            }
        }
    }

    /// All that is said of a run, up to its end: the outputs, and the last words.
    #[track_caller]
    pub fn hear_all(&mut self, id: &str) -> (String, String, String) {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        loop {
            let said = self.hear().unwrap_or_else(|closed| panic!("closed: {closed:?}"));
            if said["Id"] != id {
                continue;
            }
            let body = said["Body"].as_str().expect("a body");
            match said["Kind"].as_str().expect("a kind") {
                "stdout" => stdout.push_str(body),
                "stderr" => stderr.push_str(body),
                "end" => return (stdout, stderr, body.to_owned()),
                other => panic!("{other:?} is no kind"),
            }
        }
    }

    /// Waits for these words of a run.
    #[track_caller]
    pub fn hear_words(&mut self, id: &str, words: &str) {
        loop {
            let said = self.hear().unwrap_or_else(|closed| panic!("closed before {words:?}: {closed:?}"));
            if said["Id"] == id && said["Body"].as_str().is_some_and(|body| body.contains(words)) {
                return;
            }
            assert!(said["Id"] != id || said["Kind"] != "end", "{said} came before {words:?}");
        }
    }
}
