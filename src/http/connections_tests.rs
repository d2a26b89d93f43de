//! Slow clients, on a clock that runs as fast as there is nothing to do; and one that reads nothing, on a real socket.

use std::net::Ipv4Addr;

use axum::extract::Request;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::*;
use crate::http::bodies;

/// The client's end of a connection that is served by a router with one page and one address that reads a body.
fn connect() -> DuplexStream {
    let read = async |request: Request| match bodies::read(request.into_body(), 8).await {
        Ok(body) => body.into_response(),
        Err(problem) => problem.into_response(),
    };
    let router = Router::new().route("/", get("page")).route("/", post(read));
    let (ours, theirs) = tokio::io::duplex(1024);
    let whose = Whose { peer: Ipv4Addr::LOCALHOST.into(), proxies: Arc::default() };
    tokio::spawn(async move {
        let of_all = Arc::new(Semaphore::new(1)).acquire_owned().await.expect("a place");
        let ending = GracefulShutdown::new();
        let place = Place { _of_all: of_all, _of_client: None, _open: Held::of(&Gauge::default()) };
        let quiet = Silent::default().enter(0, Client::Local);
        connection(theirs, whose, router, quiet, place, ending.watcher()).await;
    });
    ours
}

/// All that is answered to these bytes, and how long it took until the connection was closed.
async fn answer(bytes: &str) -> (String, Duration) {
    let (mut client, begun) = (connect(), Instant::now());
    client.write_all(bytes.as_bytes()).await.expect("sent");
    let mut heard = String::new();
    client.read_to_string(&mut heard).await.expect("closed");
    (heard, begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_is_not_waited_for() {
    for head in ["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX: "] {
        let (_, took) = answer(head).await;
        assert!((HEAD..HEAD * 2).contains(&took), "{head:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_byte_by_byte_is_not_waited_for() {
    let (mut client, begun) = (connect(), Instant::now());
    for byte in "GET / HTTP/1.1\r\nHost: example.org\r\n".bytes().chain(std::iter::repeat(b'x')) {
        if client.write_all(&[byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_secs(1)).await;
    }
    assert!((HEAD..HEAD * 2).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_an_answer() {
    let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf";
    let (heard, took) = answer(head).await;
    assert!(heard.starts_with("HTTP/1.1 408 ") && heard.contains("within 20 seconds"), "{heard}");
    assert!((BODY..BODY * 2).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_long_is_not_read() {
    let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n123456789";
    let (heard, took) = answer(head).await;
    assert!(heard.starts_with("HTTP/1.1 413 "), "{heard}");
    assert!(took < BODY, "{took:?}");
}

/// Nothing reads the body of a page's request.
#[tokio::test(start_paused = true)]
async fn a_page_takes_no_body() {
    let head = "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n123456789";
    let (heard, took) = answer(head).await;
    assert!(heard.starts_with("HTTP/1.1 200 ") && heard.ends_with("page"), "{heard}");
    assert!(took < BODY, "{took:?}");
}

/// The kernel ends it, so this is on its clock.
#[tokio::test]
async fn one_that_reads_nothing_is_cut_off() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("bound");
    let client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connected");
    let (mut ours, _) = listener.accept().await.expect("accepted");
    tell_at_once(&ours, Duration::from_secs(1));
    let unread = async { while ours.write_all(&[b'x'; 4096]).await.is_ok() {} };
    let is_cut_off = timeout(Duration::from_secs(30), unread).await;
    assert!(is_cut_off.is_ok(), "it may leave everything unread for ever");
    drop(client);
}
