//! NDJSON over HTTP/1.1: one request for intents and one for reports, for each credential, open as
//! long as the server leaves them so.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::http::{by_path, typed};
use super::site::Site;
use super::speaker::Speaker;
use super::told::Told;

pub(crate) const GATE: &str = "/api/gate/stream?explain=true";
const REPORTS: &str = "/api/dispositions/stream";

/// Lines that may wait to be sent.
const LINES_MAX: usize = 1024;

/// A body that goes on as long as somebody writes it.
pub(crate) struct Pipe(Receiver<Bytes>);

impl Body for Pipe {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.0.poll_recv(cx);
        piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

/// One open request.
pub(crate) struct Stream {
    pub(crate) lines: Sender<Bytes>,
    answer: Incoming,
    read: Vec<u8>,
    _sender: http1::SendRequest<Pipe>,
}

impl Stream {
    /// Opens it; or says with which status and what it was refused.
    pub(crate) async fn open(site: &Site, path: &str, token: &str) -> Result<Self, (u16, Value)> {
        let stream = TokioIo::new(site.tcp(b"http/1.1").await.unwrap());
        let (mut sender, connection) = http1::handshake(stream).await.unwrap();
        drop(tokio::spawn(connection));
        let (lines, body) = channel(LINES_MAX);
        let request = typed("application/x-ndjson", path, token, Bytes::new());
        let request = by_path(request.map(|_| Pipe(body)));
        let answer = sender.send_request(request).await.unwrap();
        let status = answer.status().as_u16();
        if status != 200 {
            drop(lines);
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            return Err((status, serde_json::from_slice(&body).unwrap()));
        }
        Ok(Self {
            lines,
            answer: answer.into_body(),
            read: Vec::new(),
            _sender: sender,
        })
    }

    /// Sends bytes as they are; nobody may be there any more.
    pub(crate) fn send(&self, bytes: impl Into<Bytes>) {
        let sent = self.lines.try_send(bytes.into());
        assert!(
            !matches!(sent, Err(TrySendError::Full(_))),
            "too many lines wait"
        );
    }

    /// The next line; nothing at the end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(at) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=at).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            let piece = self.answer.frame().await?.ok()?.into_data().ok()?;
            self.read.extend_from_slice(&piece);
        }
    }
}

/// Somebody who asks in lines.
pub(crate) struct Lines {
    site: Rc<Site>,
    streams: HashMap<(&'static str, String), Stream>,
}

impl Lines {
    pub(crate) fn new(site: &Rc<Site>) -> Self {
        Self {
            site: Rc::clone(site),
            streams: HashMap::new(),
        }
    }

    /// Sends text that is so many lines, and waits for as many answers; or says how the stream was
    /// refused.
    fn tell(
        &mut self,
        path: &'static str,
        token: &str,
        (text, count): (Vec<u8>, usize),
    ) -> Result<Vec<Value>, (u16, Value)> {
        let key = (path, token.to_owned());
        let kept = self.streams.remove(&key);
        let site = Rc::clone(&self.site);
        let (told, stream) = self.site.wait(async {
            let mut stream = match kept {
                Some(stream) => stream,
                None => Stream::open(&site, path, token).await?,
            };
            stream.send(text);
            let mut told = Vec::new();
            while told.len() < count {
                told.push(
                    stream
                        .next()
                        .await
                        .expect("a stream ended without an answer"),
                );
            }
            Ok((told, stream))
        })?;
        self.streams.insert(key, stream);
        Ok(told)
    }

    fn gate(&mut self, token: &str, lines: (Vec<u8>, usize)) -> Vec<Told> {
        match self.tell(GATE, token, lines) {
            Ok(all) => all.iter().map(Told::gate).collect(),
            Err((_, said)) => vec![Told::gate(&said)],
        }
    }
}

/// Lines of values.
pub(crate) fn lines(values: &[Value]) -> (Vec<u8>, usize) {
    let text: String = values
        .iter()
        .map(|value| value.to_string() + "\n")
        .collect();
    (text.into_bytes(), values.len())
}

fn one(told: Vec<Told>) -> Told {
    <[Told; 1]>::try_from(told).unwrap()[0].clone()
}

impl Speaker for Lines {
    fn ask(&mut self, token: &str, intent: &Value) -> Told {
        one(self.gate(token, lines(std::slice::from_ref(intent))))
    }

    fn ask_raw(&mut self, token: &str, body: &[u8]) -> Option<Told> {
        // A line without a byte is no line, and has no answer.
        if body.is_empty() {
            return None;
        }
        Some(one(self.gate(token, ([body, b"\n"].concat(), 1))))
    }

    fn ask_all(&mut self, token: &str, intents: &[Value]) -> Vec<Told> {
        self.gate(token, lines(intents))
    }

    fn report(&mut self, token: &str, said: &Value) -> Told {
        match self.tell(REPORTS, token, lines(std::slice::from_ref(said))) {
            Ok(all) => {
                let status = all[0]["status"]
                    .as_u64()
                    .and_then(|s| u16::try_from(s).ok());
                let mut said = all[0].clone();
                if status == Some(200) {
                    said.as_object_mut().unwrap().remove("status");
                }
                Told::report(status.unwrap(), &said)
            }
            Err((status, said)) => Told::report(status, &said),
        }
    }
}
