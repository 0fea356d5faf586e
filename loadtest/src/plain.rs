//! Single blocking requests: health, ingest, anything that is not being measured for latency.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::reply;

const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(5);
/// Longest silence of the server; a large ingest page is committed well inside it.
const SILENCE_MAX: Duration = Duration::from_mins(2);

/// An answer.
pub(crate) struct Answer {
    /// Status code.
    pub(crate) status: u16,
    /// Body.
    pub(crate) body: Vec<u8>,
}

/// A keep-alive connection for one request at a time.
pub(crate) struct Plain {
    address: SocketAddr,
    token: String,
    stream: TcpStream,
}

impl Plain {
    /// Connects; `token` may be empty.
    pub(crate) fn connect(address: SocketAddr, token: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT_MAX)
            .with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE_MAX))?;
        stream.set_write_timeout(Some(SILENCE_MAX))?;
        Ok(Self {
            address,
            token: token.to_owned(),
            stream,
        })
    }

    /// `GET path`.
    pub(crate) fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.request(format!("GET {path} HTTP/1.1\r\n"), b"")
    }

    /// `POST path` with a body.
    pub(crate) fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> anyhow::Result<Answer> {
        let length = body.len();
        let start =
            format!("POST {path} HTTP/1.1\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n");
        self.request(start, body)
    }

    fn request(&mut self, mut head: String, body: &[u8]) -> anyhow::Result<Answer> {
        head.push_str("host: ");
        head.push_str(&self.address.to_string());
        if !self.token.is_empty() {
            head.push_str("\r\nauthorization: Bearer ");
            head.push_str(&self.token);
        }
        head.push_str("\r\n\r\n");
        self.stream.write_all(head.as_bytes())?;
        self.stream.write_all(body)?;
        let mut bytes = Vec::with_capacity(4096);
        let mut chunk = [0_u8; 8192];
        loop {
            let read = self.stream.read(&mut chunk)?;
            bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
            if let Some(reply) = reply::parse(&bytes)? {
                let body = bytes
                    .get(reply.body..reply.end)
                    .unwrap_or_default()
                    .to_vec();
                return Ok(Answer {
                    status: reply.status,
                    body,
                });
            }
            if read == 0 {
                bail!("the server closed the connection");
            }
        }
    }
}
