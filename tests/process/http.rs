//! A small HTTP/1.1 client over the standard library. A connection may die under it at any moment:
//! every step says so instead of panicking.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longest silence of the server before a request has failed.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// A header's value; names in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(SILENCE_MAX))?;
        stream.set_write_timeout(Some(SILENCE_MAX))?;
        stream.set_nodelay(true)?;
        let read = Vec::new();
        Ok(Self { stream, read })
    }

    /// Sends a request and reads its answer.
    pub(crate) fn ask(&mut self, request: &Request) -> io::Result<Reply> {
        self.stream.write_all(&request.bytes())?;
        self.reply()
    }

    /// Reads one answer.
    pub(crate) fn reply(&mut self) -> io::Result<Reply> {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.fill()?;
        };
        let head: Vec<u8> = self.read.drain(..end).collect();
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|code| code.parse().ok());
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut reply = Reply {
            status: status.ok_or(io::ErrorKind::InvalidData)?,
            headers,
            body: Vec::new(),
        };
        let length = reply.header("content-length").unwrap_or("0");
        let length: usize = length
            .parse()
            .map_err(|_no_number| io::ErrorKind::InvalidData)?;
        while self.read.len() < length {
            self.fill()?;
        }
        reply.body = self.read.drain(..length).collect();
        Ok(reply)
    }

    /// What goes on after an answer without a length: at least one more piece of it, as it comes.
    pub(crate) fn more(&mut self) -> io::Result<Vec<u8>> {
        if self.read.is_empty() {
            self.fill()?;
        }
        Ok(std::mem::take(&mut self.read))
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut piece = [0_u8; 16 * 1024];
        match self.stream.read(&mut piece)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.read.extend_from_slice(&piece[..count]);
                Ok(())
            }
        }
    }
}

/// A request in the making.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }

    /// Of JSON; a second body takes the first one's place.
    pub(crate) fn json(self, body: impl Into<Vec<u8>>) -> Self {
        self.typed("application/json", body)
    }

    /// Of some content type.
    pub(crate) fn typed(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(name, _)| name != "content-type");
        let mut request = self.with("content-type", kind);
        request.body = body.into();
        request
    }

    pub(crate) fn csv(self, body: impl Into<Vec<u8>>) -> Self {
        let mut request = self.with("content-type", "text/csv");
        request.body = body.into();
        request
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (method, path, length) = (self.method, &self.path, self.body.len());
        let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: gate\r\n").into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
        bytes.extend_from_slice(&self.body);
        bytes
    }
}
