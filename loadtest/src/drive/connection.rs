//! One lasting connection with at most one request in flight.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Target;
use super::protocol::Protocol;
use crate::reply::Reply;

/// Longest wait for a connection to open.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(5);
/// Largest response, head and body, in bytes: a full batch. Only what is used is ever touched.
const RESPONSE_BYTES_MAX: usize = 1024 * 1024;

/// An open connection and the buffer its responses arrive in.
pub(super) struct Connection {
    target: Target,
    stream: TcpStream,
    buffer: Box<[u8]>,
}

/// One answer; its body lies in the connection's buffer until the next request.
pub(super) struct Answer<'a> {
    /// Status code.
    pub(super) status: u16,
    /// The body.
    pub(super) body: &'a [u8],
    /// Bytes of the whole response.
    pub(super) bytes: usize,
}

impl Connection {
    /// Connects, with Nagle's delay off. Cancelling it leaves nothing open.
    pub(super) async fn open(target: &Target) -> anyhow::Result<Self> {
        let mut connection = Self {
            target: target.clone(),
            stream: connect(target).await?,
            buffer: vec![0; RESPONSE_BYTES_MAX].into_boxed_slice(),
        };
        connection.greet().await?;
        Ok(connection)
    }

    /// Replaces a broken connection by a new one.
    pub(super) async fn reopen(&mut self) -> anyhow::Result<()> {
        self.stream = connect(&self.target).await?;
        self.greet().await
    }

    async fn greet(&mut self) -> anyhow::Result<()> {
        for greeting in self.target.protocol.greetings(&self.target.token) {
            let status = self.ask(&greeting).await?.status;
            if status != 200 {
                bail!("the server refused the connection: {status}");
            }
        }
        Ok(())
    }

    /// Sends one request and reads its response. After an error, or when cancelled half-way, the
    /// connection is unusable until reopened.
    pub(super) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let reply = self.receive().await?;
        let body = self.buffer.get(reply.body..reply.end).unwrap_or_default();
        Ok(Answer {
            status: reply.status,
            body,
            bytes: reply.end,
        })
    }

    async fn receive(&mut self) -> anyhow::Result<Reply> {
        let protocol: Protocol = self.target.protocol;
        let mut filled = 0;
        loop {
            let Some(room) = self
                .buffer
                .get_mut(filled..)
                .filter(|room| !room.is_empty())
            else {
                bail!("response over {RESPONSE_BYTES_MAX} bytes");
            };
            let read = self.stream.read(room).await?;
            if read == 0 {
                bail!("the server closed the connection");
            }
            filled += read;
            let seen = self.buffer.get(..filled).unwrap_or_default();
            if let Some(reply) = protocol.parse(seen)? {
                if reply.end != filled {
                    bail!("more bytes than one response");
                }
                if reply.close {
                    bail!("the server asked to close the connection");
                }
                return Ok(reply);
            }
        }
    }
}

async fn connect(target: &Target) -> anyhow::Result<TcpStream> {
    let connecting = TcpStream::connect(target.address);
    let stream = tokio::time::timeout(CONNECT_TIMEOUT_MAX, connecting)
        .await
        .context("connecting took too long")?
        .context("cannot connect")?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
