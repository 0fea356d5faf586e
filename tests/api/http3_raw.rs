//! HTTP/3 by hand: a client that writes whatever bytes a case wants, and houses for it.

use std::time::Duration;

use dialgate::transport::Options;
use quinn::VarInt;

use crate::certificates::Pair;
use crate::http3::{Http3, bounded, endpoint, greeting, runtime};
use crate::protocols::Protocol;
use crate::stand_in::House;

/// A house that speaks HTTP/3, in what a case needs of it.
pub(crate) fn speaking(options: &Options, case: impl FnOnce(House)) {
    Protocol::Http3.during(|| case(House::with(options)));
}

/// Options of a house that ends nothing for being slow, within a test.
pub(crate) fn patient() -> Options {
    let long = Duration::from_mins(10);
    Options {
        header_timeout: long,
        body_timeout: long,
        idle_timeout: long,
        ..Options::default()
    }
}

pub(crate) fn pair(house: &House) -> &Pair {
    &house.greeting.as_ref().unwrap().pair
}

pub(crate) fn client(house: &House) -> Http3 {
    Http3::connect(house.address(), pair(house))
}

/// A connection on which bytes are written by hand.
pub(crate) struct Raw {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) connection: quinn::Connection,
    _endpoint: quinn::Endpoint,
    pub(crate) control: quinn::SendStream,
}

impl Raw {
    pub(crate) fn connect(house: &House) -> Self {
        let runtime = runtime();
        let (endpoint, connection, control) = runtime.block_on(async {
            let endpoint = endpoint(house.address());
            let name = Pair::name().to_str().into_owned();
            let greeting = greeting(pair(house), b"h3");
            let connecting = endpoint.connect_with(greeting, house.address(), &name);
            let connection = bounded(connecting.unwrap()).await.unwrap();
            let mut control = connection.open_uni().await.unwrap();
            control.write_all(b"\x00\x04\x00").await.unwrap();
            (endpoint, connection, control)
        });
        Self {
            runtime,
            connection,
            _endpoint: endpoint,
            control,
        }
    }

    pub(crate) fn during<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(bounded(work))
    }

    /// What the house's two GOAWAYs name as the first request that is not looked at.
    pub(crate) async fn goaways(&self) -> (u64, u64) {
        let mut told = Vec::new();
        let mut streams = Vec::new();
        // Of its streams of one direction, one is the control stream (RFC 9114, 6.2.1).
        let mut control = loop {
            let mut stream = self.connection.accept_uni().await.unwrap();
            let mut kind = [0];
            stream.read_exact(&mut kind).await.unwrap();
            if kind == [0] {
                break stream;
            }
            streams.push(stream);
        };
        let mut bytes = Vec::new();
        while told.len() < 2 {
            let chunk = control.read_chunk(usize::MAX, true).await.unwrap().unwrap();
            bytes.extend_from_slice(&chunk.bytes);
            told = goaways(&bytes);
        }
        (told[0], told[1])
    }

    /// Writes bytes on a stream of its own; what is read until its end, or with which code it was reset.
    pub(crate) fn exchange(
        &mut self,
        bytes: &[u8],
        ends: bool,
    ) -> (Vec<u8>, Result<(), Option<u64>>) {
        let connection = self.connection.clone();
        self.during(async {
            let (mut send, mut receive) = connection.open_bi().await.unwrap();
            // A server that wants no more of it shows that by how it answers.
            drop(send.write_all(bytes).await);
            if ends {
                drop(send.finish());
            }
            let mut heard = Vec::new();
            loop {
                match receive.read_chunk(usize::MAX, true).await {
                    Ok(Some(chunk)) => heard.extend_from_slice(&chunk.bytes),
                    Ok(None) => return (heard, Ok(())),
                    Err(quinn::ReadError::Reset(code)) => {
                        return (heard, Err(Some(VarInt::into_inner(code))));
                    }
                    Err(_lost) => return (heard, Err(None)),
                }
            }
        })
    }
}

/// A head, coded without tables (RFC 9204, 4.5.6).
pub(crate) struct Head(pub(crate) Vec<u8>);

impl Head {
    pub(crate) fn empty() -> Self {
        Self(vec![0, 0])
    }

    pub(crate) fn new(method: &str, path: &str) -> Self {
        let mut head = Self::empty();
        for (name, value) in [
            (":method", method),
            (":scheme", "https"),
            (":authority", "gate"),
            (":path", path),
        ] {
            head.field(name, value);
        }
        head
    }

    pub(crate) fn field(&mut self, name: &str, value: &str) {
        self.number(0x20, 7, name.len());
        self.0.extend_from_slice(name.as_bytes());
        self.number(0, 127, value.len());
        self.0.extend_from_slice(value.as_bytes());
    }

    /// RFC 7541, 5.1.
    pub(crate) fn number(&mut self, flags: u8, prefix: u8, value: usize) {
        if value < usize::from(prefix) {
            self.0.push(flags | u8::try_from(value).unwrap());
            return;
        }
        self.0.push(flags | prefix);
        let mut rest = value - usize::from(prefix);
        while rest >= 128 {
            self.0.push(u8::try_from(rest % 128).unwrap() | 128);
            rest /= 128;
        }
        self.0.push(u8::try_from(rest).unwrap());
    }

    pub(crate) fn frame(&self) -> Vec<u8> {
        framed(1, &self.0)
    }
}

/// A number (RFC 9000, 16), and what is behind it.
pub(crate) fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = 1_usize << (bytes.first()? >> 6);
    let (digits, rest) = bytes.split_at_checked(length)?;
    let first = u64::from(digits[0] & 0x3f);
    let value = digits[1..]
        .iter()
        .fold(first, |sum, byte| (sum << 8) | u64::from(*byte));
    Some((value, rest))
}

/// What the whole GOAWAYs among these frames say.
pub(crate) fn goaways(mut bytes: &[u8]) -> Vec<u64> {
    let mut told = Vec::new();
    while let Some((kind, rest)) = number(bytes)
        && let Some((length, rest)) = number(rest)
        && let Some((payload, rest)) = rest.split_at_checked(usize::try_from(length).unwrap())
    {
        if kind == 7 {
            told.push(number(payload).unwrap().0);
        }
        bytes = rest;
    }
    told
}

pub(crate) fn data(bytes: &[u8]) -> Vec<u8> {
    framed(0, bytes)
}

/// A frame with a length of four bytes.
pub(crate) fn framed(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap() | 0x8000_0000;
    [&[kind], length.to_be_bytes().as_slice(), payload].concat()
}

/// The status of an answer, as the `h3` crate codes it: by the static table, or by name from there.
pub(crate) fn status(answer: &[u8]) -> &'static str {
    let known: [(&[u8], &str); 3] = [
        (b"\xd9", "200"),
        (b"\x5f\x09\x83\x69\x90\xff", "431"),
        (b"\xff\x04", "400"),
    ];
    // Behind the frame's kind, its length and the prefix of the section it is the first field.
    let length_bytes = answer.get(1).map_or(1, |first| 1 << (first >> 6));
    let fields = answer.get(3 + length_bytes..).unwrap_or_default();
    let found = known.iter().find(|(code, _)| fields.starts_with(code));
    found.unwrap_or_else(|| panic!("no status in {fields:?}")).1
}
