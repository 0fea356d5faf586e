//! Frames of `dialgate/1`: one connection, a stream for each credential.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use dialgate::wire::frame::{
    self, ALPN, ArchivedDecision, Disposition, FrameReader, Hello, Intent, Intents, Kind, RawFrame,
};
use quinn::{Connection, Endpoint, RecvStream, SendStream};
use rkyv::rancor::Failure;
use serde_json::Value;

use super::site::Site;
use super::speaker::Speaker;
use super::told::Told;

/// A payload that no kind has.
const NO_PAYLOAD: &[u8] = b"\xff\xff\xff\xff";

/// Somebody who asks in frames.
pub(crate) struct Frames {
    site: Rc<Site>,
    line: Option<(Endpoint, Connection)>,
    streams: HashMap<String, Talking>,
}

/// One stream.
pub(crate) struct Talking {
    send: SendStream,
    recv: RecvStream,
    reader: FrameReader,
    pub(crate) tenant: String,
    last: u64,
}

/// The payload of a frame's kind, written.
pub(crate) fn payload(asked: &Value) -> Vec<u8> {
    let mut frame = Vec::new();
    assert!(frame::push(&mut frame, Kind::Intent, 0, &intent(asked)));
    frame.split_off(frame::HEADER_BYTES)
}

/// An intent with the fields of one in JSON.
pub(crate) fn intent(asked: &Value) -> Intent<'_> {
    let text = |name: &str| asked[name].as_str().map(Cow::Borrowed);
    let flag = |name: &str| asked[name].as_bool().unwrap_or_default();
    let debts = asked["debt_ids"].as_array().into_iter().flatten();
    Intent {
        account_id: text("account_id"),
        phone: text("phone"),
        channel: text("channel"),
        action_type: text("action_type"),
        source_system: text("source_system"),
        request_id: text("request_id"),
        person_id: text("person_id"),
        party_role: text("party_role"),
        dial_mode: text("dial_mode"),
        purpose: text("purpose"),
        in_response_to: text("in_response_to"),
        to_place: text("to_place"),
        campaign_id: text("campaign_id"),
        agent_id: text("agent_id"),
        email: text("email"),
        debt_ids: debts
            .filter_map(|id| id.as_str().map(Cow::Borrowed))
            .collect(),
        dry_run: flag("dry_run"),
        explain: false,
    }
}

impl Talking {
    /// Opens a stream. Says hello with a token that is none of `""`.
    pub(crate) async fn open(connection: &Connection, token: &str) -> Result<Self, Told> {
        let (send, recv) = connection.open_bi().await.unwrap();
        let mut talking = Self {
            send,
            recv,
            reader: FrameReader::default(),
            tenant: String::new(),
            last: 0,
        };
        if !token.is_empty() {
            let hello = Hello {
                token: token.into(),
                agent: "battery".into(),
            };
            let welcome = talking.say(Kind::Hello, &hello).await;
            match frame::Told::open(&welcome).unwrap() {
                frame::Told::Welcome(welcome) => talking.tenant = (*welcome.tenant).to_owned(),
                frame::Told::Error(failure) => return Err(Told::failed(failure)),
                other => panic!("{other:?}"),
            }
        }
        Ok(talking)
    }

    /// Sends a frame and waits for its answer.
    pub(crate) async fn say<T>(&mut self, kind: Kind, payload: &T) -> RawFrame
    where
        T: for<'o, 'a> rkyv::Serialize<
                rkyv::api::low::LowSerializer<
                    &'o mut Vec<u8>,
                    rkyv::ser::allocator::ArenaHandle<'a>,
                    Failure,
                >,
            >,
    {
        self.last += 1;
        let mut bytes = Vec::new();
        assert!(
            frame::push(&mut bytes, kind, self.last, payload),
            "a frame is too large"
        );
        self.answer_to(&bytes).await
    }

    /// Sends bytes and waits for what answers the last number given.
    async fn answer_to(&mut self, bytes: &[u8]) -> RawFrame {
        // Whoever has closed still owes the reason.
        drop(self.send.write_all(bytes).await);
        loop {
            let frame = self.next().await.expect("a stream ended without an answer");
            if frame.header.correlation == self.last || frame.header.kind == Kind::Error {
                return frame;
            }
        }
    }

    /// The next frame; nothing at the end.
    pub(crate) async fn next(&mut self) -> Option<RawFrame> {
        loop {
            match self.reader.next_frame() {
                Ok(Some(frame)) => return Some(frame),
                Ok(None) => {}
                Err(fault) => panic!("{fault:?}"),
            }
            let chunk = self.recv.read_chunk(64 * 1024, true).await.ok()??;
            self.reader.take(chunk.bytes);
        }
    }

    /// Asks whether anybody is there.
    pub(crate) async fn ping(&mut self) {
        self.last += 1;
        let mut bytes = Vec::new();
        frame::push_empty(&mut bytes, Kind::Ping, self.last);
        let heard = self.answer_to(&bytes).await;
        assert_eq!(heard.header.kind, Kind::Pong);
    }

    /// Says nothing more.
    pub(crate) fn end(&mut self) {
        self.send.finish().unwrap();
    }

    /// Sends what need be no frame.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        // What a server that closes does not read any more is not answered.
        drop(self.send.write_all(bytes).await);
    }
}

impl Frames {
    pub(crate) fn new(site: &Rc<Site>) -> Self {
        Self {
            site: Rc::clone(site),
            line: None,
            streams: HashMap::new(),
        }
    }

    /// Does something on the stream of a credential. A stream on which an error was said is over.
    fn on_stream(
        &mut self,
        token: &str,
        work: impl AsyncFnOnce(&mut Talking) -> (Vec<Told>, bool),
    ) -> Vec<Told> {
        let kept = self.streams.remove(token);
        let (site, line) = (Rc::clone(&self.site), &mut self.line);
        let (told, talking) = self.site.wait(async move {
            if line.is_none() {
                *line = Some(site.quic(ALPN).await.unwrap());
            }
            let (_, connection) = line.as_ref().unwrap();
            let mut talking = match kept {
                Some(talking) => talking,
                None => match Talking::open(connection, token).await {
                    Ok(talking) => talking,
                    Err(told) => return (vec![told], None),
                },
            };
            let (told, goes_on) = work(&mut talking).await;
            (told, goes_on.then_some(talking))
        });
        if let Some(talking) = talking {
            self.streams.insert(token.to_owned(), talking);
        }
        told
    }
}

/// A gate's answer, and whether the stream goes on.
fn heard(frame: &RawFrame, tenant: &str, asked: &Value) -> (Vec<Told>, bool) {
    match frame::Told::open(frame).unwrap() {
        frame::Told::Decision(decision) => (vec![Told::framed(decision, tenant, asked)], true),
        frame::Told::Error(failure) => (vec![Told::failed(failure)], false),
        other => panic!("{other:?}"),
    }
}

fn one(told: Vec<Told>) -> Told {
    <[Told; 1]>::try_from(told).unwrap()[0].clone()
}

impl Speaker for Frames {
    fn ask(&mut self, token: &str, asked: &Value) -> Told {
        one(self.on_stream(token, async |talking| {
            let frame = talking.say(Kind::Intent, &intent(asked)).await;
            heard(&frame, &talking.tenant, asked)
        }))
    }

    /// Whatever it was elsewhere, here it is a payload of as many bytes.
    fn ask_raw(&mut self, token: &str, body: &[u8]) -> Option<Told> {
        Some(one(self.on_stream(token, async |talking| {
            let payload: Vec<u8> = NO_PAYLOAD
                .iter()
                .copied()
                .cycle()
                .take(body.len())
                .collect();
            talking.last += 1;
            let mut bytes = frame::Header {
                kind: Kind::Intent,
                correlation: talking.last,
                payload_bytes: payload.len(),
            }
            .bytes()
            .to_vec();
            bytes.extend_from_slice(&payload);
            let frame = talking.answer_to(&bytes).await;
            heard(&frame, &talking.tenant, &Value::Null)
        })))
    }

    fn ask_all(&mut self, token: &str, asked: &[Value]) -> Vec<Told> {
        self.on_stream(token, async |talking| {
            let intents = asked.iter().map(payload).collect();
            let frame = talking.say(Kind::Intents, &Intents { intents }).await;
            match frame::Told::open(&frame).unwrap() {
                frame::Told::Decisions(all) => {
                    let each = |(said, asked): (&ArchivedDecision<'static>, &Value)| {
                        Told::framed(said, &talking.tenant, asked)
                    };
                    (all.decisions.iter().zip(asked).map(each).collect(), true)
                }
                frame::Told::Error(failure) => (vec![Told::failed(failure)], true),
                other => panic!("{other:?}"),
            }
        })
    }

    fn report(&mut self, token: &str, said: &Value) -> Told {
        one(self.on_stream(token, async |talking| {
            let body = said.to_string().into_bytes();
            let disposition = Disposition { body: body.into() };
            let frame = talking.say(Kind::Disposition, &disposition).await;
            match frame::Told::open(&frame).unwrap() {
                frame::Told::Reported(told) => {
                    let body = serde_json::from_slice(&told.body).unwrap();
                    (vec![Told::report(told.status.to_native(), &body)], true)
                }
                frame::Told::Error(failure) => (vec![Told::failed(failure)], false),
                other => panic!("{other:?}"),
            }
        }))
    }
}
