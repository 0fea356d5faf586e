//! A client that writes lines while it reads answers, over HTTP/1.1, HTTP/2 and HTTP/3.

use bytes::{Buf as _, Bytes};
use serde_json::Value;

use crate::client::{Client, Reply, Request};
use crate::http3::Asked;
use crate::stand_in::{House, token};

/// Where intents are streamed.
pub(crate) const INTENTS: &str = "/api/gate/stream";
/// Where outcomes are.
pub(crate) const OUTCOMES: &str = "/api/dispositions/stream";

/// A stream under way.
pub(crate) struct Duplex {
    client: Client,
    http2: Option<(h2::SendStream<Bytes>, h2::RecvStream)>,
    http3: Option<Asked>,
    /// Bytes of the answer's body as they came, and its text as far as it is known.
    raw: Vec<u8>,
    text: Vec<u8>,
    ended: bool,
}

/// A request that opens a stream.
pub(crate) fn opening<'a>(path: &'a str, scope: &str) -> Request<'a> {
    Request::new("POST", path)
        .token(&token(scope))
        .with("content-type", "application/x-ndjson")
}

impl Duplex {
    /// Opens a stream of intents.
    pub(crate) fn open(house: &House) -> Self {
        let (reply, duplex) = Self::begin(house, opening(INTENTS, "gate:ask"));
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), Some("application/x-ndjson"));
        duplex
    }

    /// Sends a head and reads the answer's.
    pub(crate) fn begin(house: &House, request: Request<'_>) -> (Reply, Self) {
        let mut client = house.client();
        if let Some(http2) = client.http2() {
            let (answer, send) = http2.open(&request, false);
            let (reply, body) = http2.head(answer);
            return (reply, Self::of(client, Some((send, body))));
        }
        if let Some(http3) = client.http3() {
            let mut asked = http3.open(&request).unwrap();
            let head = http3.during(asked.recv_response()).unwrap();
            let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                (name.to_string(), value.to_str().unwrap().to_owned())
            };
            let headers = head.headers().iter().map(text).collect();
            let reply = Reply::new(head.status().as_u16(), headers, Vec::new());
            let mut duplex = Self::of(client, None);
            duplex.http3 = Some(asked);
            return (reply, duplex);
        }
        client.send(request.with("transfer-encoding", "chunked").bytes());
        let reply = client.reply(true);
        (reply, Self::of(client, None))
    }

    fn of(client: Client, http2: Option<(h2::SendStream<Bytes>, h2::RecvStream)>) -> Self {
        Self {
            client,
            http2,
            http3: None,
            raw: Vec::new(),
            text: Vec::new(),
            ended: false,
        }
    }

    /// Sends bytes as one piece of the body.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        if let (Some(asked), Some(http3)) = (&mut self.http3, self.client.http3()) {
            return drop(http3.send_piece(asked, bytes));
        }
        if let Some((send, _)) = &mut self.http2 {
            // A stream the server has ended takes no more.
            drop(send.send_data(Bytes::copy_from_slice(bytes), false));
        } else {
            let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
            chunk.extend_from_slice(bytes);
            chunk.extend_from_slice(b"\r\n");
            self.client.send(chunk);
        }
    }

    /// Ends the body.
    pub(crate) fn finish(&mut self) {
        if let (Some(asked), Some(http3)) = (&mut self.http3, self.client.http3()) {
            return drop(http3.during(asked.finish()));
        }
        match &mut self.http2 {
            Some((send, _)) => drop(send.send_data(Bytes::new(), true)),
            None => self.client.send("0\r\n\r\n"),
        }
    }

    /// The next answer, waited for; none at the clean end of all.
    pub(crate) fn line(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.text.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.text.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            if self.ended {
                assert_eq!(self.text, b"", "half a line");
                return None;
            }
            self.more();
        }
    }

    /// Every further answer, to the clean end.
    pub(crate) fn rest(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.line()).collect()
    }

    /// Sends lines at once, ends the body and gives all answers.
    pub(crate) fn all(&mut self, text: impl AsRef<[u8]>) -> Vec<Value> {
        self.send(text);
        self.finish();
        self.rest()
    }

    fn more(&mut self) {
        if let (Some((_, body)), Some(http2)) = (&mut self.http2, self.client.http2()) {
            match http2.piece(body) {
                Some(piece) => self.text.extend_from_slice(&piece.unwrap()),
                None => self.ended = true,
            }
            return;
        }
        if let (Some(asked), Some(http3)) = (&mut self.http3, self.client.http3()) {
            match http3.during(asked.recv_data()).unwrap() {
                Some(mut piece) => self.text.extend(piece.copy_to_bytes(piece.remaining())),
                None => self.ended = true,
            }
            return;
        }
        let more = self.client.more();
        assert_ne!(more.len(), 0, "closed before the end of the answer");
        self.raw.extend(more);
        while let Some(end) = self.raw.windows(2).position(|two| two == b"\r\n") {
            let size = std::str::from_utf8(&self.raw[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            if self.raw.len() < end + size + 4 {
                return;
            }
            self.text
                .extend_from_slice(&self.raw[end + 2..end + 2 + size]);
            self.raw.drain(..end + size + 4);
            self.ended = size == 0;
        }
    }

    /// Lets what was sent go out, without waiting for anything.
    pub(crate) fn breathe(&mut self) {
        if let Some(http3) = self.client.http3() {
            return http3.during(tokio::task::yield_now());
        }
        match self.client.http2() {
            Some(http2) => http2.breathe(),
            None => std::thread::yield_now(),
        }
    }
}

/// Lines of intents for these accounts.
pub(crate) fn lines(accounts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let line = |account: &str| crate::stand_in::intent(account) + "\n";
    accounts
        .into_iter()
        .map(|account| line(account.as_ref()))
        .collect()
}

/// Checks an answer that is no decision.
pub(crate) fn assert_error(answer: &Value, code: &str, line: u64) {
    assert_eq!(answer["allow"], false, "{answer}");
    assert_eq!(answer["blocked_by"], serde_json::json!(["SYSTEM_ERROR"]));
    assert_eq!(answer["error"]["code"], code, "{answer}");
    assert_eq!(answer["error"]["line"], line, "{answer}");
    assert_eq!(answer.as_object().unwrap().len(), 13);
}
