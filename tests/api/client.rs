//! A client that speaks HTTP/1.1 by hand, so that it can also speak it wrongly; and, for what is asked
//! alike over each protocol, the one that stands for all of them.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustls::ClientConnection;
use serde_json::Value;

use crate::certificates::Pair;
use crate::http2::Http2;
use crate::http3::Http3;
use crate::protocols::Protocol;

/// Longest silence of the server before a test fails.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self {
            status,
            headers,
            body,
        }
    }

    /// A header's value; names in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} twice");
        value
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A connection's bytes, bare or under TLS.
trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// A session that reads what has come even where the server takes no more.
struct Tls {
    session: ClientConnection,
    stream: TcpStream,
}

impl Read for Tls {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.session.reader().read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return done,
            }
            self.session.read_tls(&mut self.stream)?;
            let processed = self.session.process_new_packets();
            processed.map_err(io::Error::other)?;
        }
    }
}

impl Write for Tls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        rustls::Stream::new(&mut self.session, &mut self.stream).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        rustls::Stream::new(&mut self.session, &mut self.stream).flush()
    }
}

/// A connection.
pub(crate) struct Client {
    stream: Box<dyn Wire>,
    read: Vec<u8>,
    http2: Option<Http2>,
    http3: Option<Http3>,
}

impl Client {
    /// Speaks what the test's thread speaks; under TLS it trusts `pair`.
    pub(crate) fn connect(address: SocketAddr, pair: Option<&Pair>) -> Self {
        let spoken = Protocol::spoken();
        if spoken.is_http2() || spoken == Protocol::Http3 {
            let http3 = (spoken == Protocol::Http3).then(|| Http3::connect(address, pair.unwrap()));
            return Self {
                stream: Box::new(io::empty()),
                read: Vec::new(),
                http2: spoken.is_http2().then(|| Http2::connect(address, pair)),
                http3,
            };
        }
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(SILENCE_MAX)).unwrap();
        stream.set_write_timeout(Some(SILENCE_MAX)).unwrap();
        stream.set_nodelay(true).unwrap();
        let stream: Box<dyn Wire> = match pair {
            None => Box::new(stream),
            Some(pair) => {
                let config = pair.client(&[b"http/1.1"]);
                let session = ClientConnection::new(config, Pair::name()).unwrap();
                Box::new(Tls { session, stream })
            }
        };
        Self {
            stream,
            read: Vec::new(),
            http2: None,
            http3: None,
        }
    }

    /// Sends bytes as they are. A server that has hung up already is for the reader to see.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let text = self.http2.is_none() && self.http3.is_none();
        assert!(text, "HTTP/2 and HTTP/3 are not sent as text");
        drop(self.stream.write_all(bytes.as_ref()));
    }

    /// Sends one request and reads its answer.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> Reply {
        if let Some(http2) = &mut self.http2 {
            return http2.ask(request);
        }
        if let Some(http3) = &mut self.http3 {
            return http3.ask(request);
        }
        self.send(request.bytes());
        self.reply(request.method == "HEAD")
    }

    /// Reads one answer; `bare` when it has no body whatever its length says.
    pub(crate) fn reply(&mut self, bare: bool) -> Reply {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.fill() > 0, "closed before an answer");
        };
        let head: Vec<u8> = self.read.drain(..end).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut reply = Reply {
            status: status.parse().unwrap(),
            headers,
            body: Vec::new(),
        };
        let length = match reply.header("content-length") {
            Some(_) if bare => 0,
            Some(length) => length.parse().unwrap(),
            None => 0,
        };
        while self.read.len() < length {
            assert!(self.fill() > 0, "closed within an answer");
        }
        reply.body = self.read.drain(..length).collect();
        reply
    }

    /// Bytes that come next; none once the server has closed.
    pub(crate) fn more(&mut self) -> Vec<u8> {
        if self.read.is_empty() {
            self.fill();
        }
        std::mem::take(&mut self.read)
    }

    /// The connection, where it speaks HTTP/2.
    pub(crate) fn http2(&mut self) -> Option<&mut Http2> {
        self.http2.as_mut()
    }

    /// The same for HTTP/3.
    pub(crate) fn http3(&mut self) -> Option<&mut Http3> {
        self.http3.as_mut()
    }

    fn fill(&mut self) -> usize {
        let mut piece = [0_u8; 16 * 1024];
        let count = self.stream.read(&mut piece).unwrap();
        self.read.extend_from_slice(&piece[..count]);
        count
    }

    /// Waits until the server closes; what it sent before is returned.
    pub(crate) fn closed(&mut self) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.read);
        // A reset is a close, too; silence is not.
        if let Err(error) = self.stream.read_to_end(&mut rest) {
            // Under TLS a close without a word shows as an end that was not expected.
            let ends = [ErrorKind::ConnectionReset, ErrorKind::UnexpectedEof];
            assert!(ends.contains(&error.kind()), "{error}");
        }
        rest
    }
}

/// A request in the making.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(&'a str, String)>,
    pub(crate) body: Vec<u8>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(method: &'a str, path: &'a str) -> Self {
        Self {
            method,
            path,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: impl Into<Vec<u8>>) -> Self {
        let mut request = self.with("content-type", "application/json");
        request.body = body.into();
        request
    }

    /// Its head as HTTP/2 and HTTP/3 send it.
    pub(crate) fn head(&self) -> http::Request<()> {
        let mut head = http::Request::builder()
            .method(self.method)
            .uri(format!("https://gate{}", self.path));
        for (name, value) in &self.headers {
            head = head.header(*name, value);
        }
        head.body(()).unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (method, path) = (self.method, self.path);
        let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: gate\r\n").into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        let counted = self
            .headers
            .iter()
            .any(|(name, _)| *name == "transfer-encoding");
        if !counted {
            bytes.extend_from_slice(format!("content-length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}
