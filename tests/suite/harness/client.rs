//! HTTP/1.1 by hand, so that a test sees each byte when it comes and can hang up in the middle.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// An answer whose body is still coming. Dropping it closes the connection.
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    body: BufReader<Body>,
}

/// A service that says nothing for so long hangs.
pub const SILENCE: Duration = Duration::from_secs(30);

/// Sends a request and reads the head of its answer. `from` is the client's own address.
pub fn post(from: Ipv4Addr, address: SocketAddr, path: &str, body: &[u8], accept: &str) -> Answer {
    post_with(from, address, path, body, &[("Accept", accept)], SILENCE)
}

/// The same with headers of one's own, for a service that may be silent for so long.
pub fn post_with(
    from: Ipv4Addr,
    address: SocketAddr,
    path: &str,
    body: &[u8],
    headers: &[(&str, &str)],
    silence: Duration,
) -> Answer {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from((from, 0)).into()).expect("bound");
    socket.connect(&address.into()).expect("connected");
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(silence)).expect("set");
    let length = body.len();
    let has_kind = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let kind = if has_kind { "" } else { "Content-Type: application/json\r\n" };
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\n{headers}{kind}\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("sent");
    // A service may answer that a body is too large, and close, before it has read all of it.
    let _ = stream.write_all(body);
    Answer::read(BufReader::new(stream))
}

/// Asks for a page or a document and reads the head of the answer.
pub fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, &format!("GET {path}"), &[])
}

/// Sends a request without a body, such as `OPTIONS /`, and reads the head of the answer.
pub fn ask(address: SocketAddr, what: &str, headers: &[(&str, &str)]) -> Answer {
    send(address, what, headers, b"")
}

/// The same with a body, whose length is among the headers.
pub fn send(address: SocketAddr, what: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(SILENCE)).expect("set");
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("{what} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(&[head.as_bytes(), body].concat()).expect("sent");
    Answer::read(BufReader::new(stream))
}

/// Sends a form as a browser without scripts does, and reads the head of the answer.
pub fn post_form(address: SocketAddr, path: &str, fields: &str) -> Answer {
    let length = fields.len().to_string();
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", &length)];
    send(address, &format!("POST {path}"), &headers, fields.as_bytes())
}

/// Sends bytes as they are and returns all that comes back until the service closes.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(SILENCE)).expect("set");
    stream.write_all(bytes).expect("sent");
    stream.shutdown(std::net::Shutdown::Write).expect("shut");
    let mut answer = Vec::new();
    // A service that is done with a client may reset the connection.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

impl Answer {
    fn read(mut stream: BufReader<TcpStream>) -> Self {
        let first = line(&mut stream);
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status line: {first:?}"));
        let mut headers = BTreeMap::new();
        loop {
            let header = line(&mut stream);
            let Some((name, value)) = header.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let chunked = headers.get("transfer-encoding").is_some_and(|value| value == "chunked");
        let left = match headers.get("content-length") {
            Some(length) => length.parse().expect("a length"),
            None if chunked => 0,
            None => u64::MAX,
        };
        Self { status, headers, body: BufReader::new(Body { stream, chunked, left }) }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The next line of the body, when it comes; empty at the end.
    pub fn line(&mut self) -> String {
        line(&mut self.body)
    }

    /// What has come and was not read yet.
    pub fn already_here(&self) -> String {
        String::from_utf8_lossy(self.body.buffer()).into_owned()
            + &String::from_utf8_lossy(self.body.get_ref().stream.buffer())
    }

    /// The rest of the body.
    pub fn rest(&mut self) -> String {
        let mut text = String::new();
        self.body.read_to_string(&mut text).expect("a body in UTF-8");
        text
    }
}

fn line(reader: &mut impl std::io::BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    line
}

/// A body without its transfer coding (RFC 9112, section 7.1).
struct Body {
    stream: BufReader<TcpStream>,
    chunked: bool,
    /// Bytes of the chunk, or of the body.
    left: u64,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 && self.chunked {
            let mut size = line(&mut self.stream);
            if size.trim().is_empty() {
                size = line(&mut self.stream);
            }
            self.left = u64::from_str_radix(size.trim(), 16).expect("the size of a chunk");
            self.chunked = self.left > 0;
        }
        let read = (&mut self.stream).take(self.left).read(buffer)?;
        self.left -= read as u64;
        Ok(read)
    }
}
