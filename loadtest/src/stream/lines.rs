//! NDJSON over HTTP/1.1: one request whose chunked body is questions, one answer whose chunked body is
//! answers, a line each, in the order of the lines.

use std::collections::VecDeque;

use anyhow::{Context, bail};

use super::pump::{Heard, Says, Speech};
use crate::drive::Target;
use crate::reply::{HEAD_BYTES_MAX, find};
use crate::request::Requests;

/// The route.
pub(super) const PATH: &str = "/api/gate/stream";
/// Digits of a chunk's size as they are sent: enough for any window's questions.
const SIZE_DIGITS: usize = 8;
/// A line of an answer at most, in bytes.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Questions as lines, in one request.
pub(super) struct Lines {
    requests: Requests,
    head: Vec<u8>,
    bare: bool,
    /// Where the chunk that is being composed begins.
    chunk_at: usize,
    /// Slots by the order of their lines.
    order: VecDeque<u32>,
    answer: Answer,
    line: Vec<u8>,
}

/// Where in the response the reader is.
enum Answer {
    Head(Vec<u8>),
    Body(Chunks),
}

impl Lines {
    /// To `target`; of a `bare` one the answers are not read.
    pub(super) fn new(target: &Target, requests: Requests, bare: bool) -> Self {
        let Target { address, token, .. } = target;
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        Self {
            requests,
            head: head.into_bytes(),
            bare,
            chunk_at: 0,
            order: VecDeque::new(),
            answer: Answer::Head(Vec::new()),
            line: Vec::new(),
        }
    }
}

impl Speech for Lines {
    fn begin(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.head);
        self.chunk_at = out.len();
        out.extend_from_slice(&[b'0'; SIZE_DIGITS]);
        out.extend_from_slice(b"\r\n");
    }

    fn ask(&mut self, slot: u32, out: &mut Vec<u8>) {
        self.order.push_back(slot);
        out.extend_from_slice(self.requests.next());
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let digits = self.chunk_at..self.chunk_at + SIZE_DIGITS;
        let size = out.len().saturating_sub(digits.end + 2);
        if size == 0 {
            // An empty chunk would end the body.
            out.truncate(self.chunk_at);
            return;
        }
        let text = format!("{size:0SIZE_DIGITS$x}");
        if let Some(place) = out.get_mut(digits) {
            place.copy_from_slice(text.as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    fn hear(&mut self, bytes: &[u8], each: &mut dyn FnMut(Heard<'_>)) -> anyhow::Result<()> {
        let rest;
        let mut bytes = bytes;
        if let Answer::Head(head) = &mut self.answer {
            head.extend_from_slice(bytes);
            let Some(end) = find(head, b"\r\n\r\n") else {
                if head.len() > HEAD_BYTES_MAX {
                    bail!("the head of the answer is over its limit");
                }
                return Ok(());
            };
            rest = head.split_off(end + 4);
            check(head)?;
            bytes = &rest;
            self.answer = Answer::Body(Chunks::default());
        }
        let (order, line, bare) = (&mut self.order, &mut self.line, self.bare);
        if let Answer::Body(chunks) = &mut self.answer {
            chunks.take(bytes, &mut |piece| whole(piece, line, order, (bare, each)))?;
        }
        Ok(())
    }
}

/// Whether the head is that of a stream of lines.
fn check(head: &[u8]) -> anyhow::Result<()> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if !head.starts_with("http/1.1 200") {
        bail!(
            "the server answered {}",
            head.lines().next().unwrap_or_default()
        );
    }
    if !head.contains("transfer-encoding: chunked") {
        bail!("the answer is not chunked");
    }
    Ok(())
}

/// Takes a piece of the body, and hands on every line that is whole now.
fn whole(
    piece: &[u8],
    line: &mut Vec<u8>,
    order: &mut VecDeque<u32>,
    (bare, each): (bool, &mut dyn FnMut(Heard<'_>)),
) -> anyhow::Result<()> {
    let mut rest = piece;
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let (now, later) = rest.split_at(end + 1);
        rest = later;
        let seen = if line.is_empty() {
            now
        } else {
            line.extend_from_slice(now);
            line.as_slice()
        };
        let slot = order.pop_front().context("a line nobody asked for")?;
        let says = if bare {
            Says::Nothing
        } else {
            Says::Json(seen)
        };
        each(Heard {
            slot,
            bytes: seen.len(),
            says,
        });
        line.clear();
    }
    if line.len() + rest.len() > LINE_BYTES_MAX {
        bail!("a line over {LINE_BYTES_MAX} bytes");
    }
    line.extend_from_slice(rest);
    Ok(())
}

/// The chunked coding, wherever it is cut.
#[derive(Debug, Default)]
struct Chunks {
    left: usize,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the digits of a size.
    #[default]
    Size,
    /// Behind them, up to the end of their line.
    SizeEnd,
    /// In a chunk.
    Data,
    /// Between a chunk and the next size.
    DataEnd,
}

impl Chunks {
    /// Hands on the bytes of chunks.
    fn take(
        &mut self,
        mut bytes: &[u8],
        each: &mut dyn FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        while let Some((&byte, rest)) = bytes.split_first() {
            match self.state {
                State::Data => {
                    let (piece, rest) = bytes.split_at(self.left.min(bytes.len()));
                    each(piece)?;
                    self.left -= piece.len();
                    bytes = rest;
                    if self.left == 0 {
                        self.state = State::DataEnd;
                    }
                    continue;
                }
                State::Size => self.size(byte)?,
                State::SizeEnd if byte == b'\n' => {
                    if self.left == 0 {
                        bail!("the server ended the answer");
                    }
                    self.state = State::Data;
                }
                State::DataEnd if byte == b'\n' => self.state = State::Size,
                State::SizeEnd | State::DataEnd => {}
            }
            bytes = rest;
        }
        Ok(())
    }

    fn size(&mut self, byte: u8) -> anyhow::Result<()> {
        match char::from(byte).to_digit(16) {
            Some(digit) => {
                let sixteen = self.left.checked_mul(16).context("the size of a chunk")?;
                self.left = sixteen + digit as usize;
            }
            None => self.state = State::SizeEnd,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::{Chunks, Lines, Says, Speech};
    use crate::drive::Target;
    use crate::drive::protocol::Protocol;
    use crate::portfolio::Portfolio;
    use crate::request::{LINE, Requests};

    fn lines(bare: bool) -> Lines {
        let target = Target {
            address: "127.0.0.1:9033".parse().unwrap(),
            protocol: Protocol::Http,
            token: "tok".to_owned(),
            process: None,
        };
        let requests = Requests::patching(Portfolio::new(3, 500), 9, LINE).unwrap();
        Lines::new(&target, requests, bare)
    }

    fn unchunk(bytes: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        let mut chunks = Chunks::default();
        chunks
            .take(bytes, &mut |piece| {
                body.extend_from_slice(piece);
                Ok(())
            })
            .unwrap();
        body
    }

    #[test]
    fn questions_that_go_out_together_are_one_chunk_of_lines() {
        let (mut lines, mut out) = (lines(true), Vec::new());
        for slots in [0..3, 3..4] {
            lines.begin(&mut out);
            for slot in slots {
                lines.ask(slot, &mut out);
            }
            lines.end(&mut out);
        }
        lines.begin(&mut out);
        lines.end(&mut out);
        let text = String::from_utf8(out).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("POST /api/gate/stream HTTP/1.1\r\n"),
            "{head}"
        );
        assert_eq!(text.matches("POST").count(), 1);
        let said = String::from_utf8(unchunk(body.as_bytes())).unwrap();
        assert_eq!(said.lines().count(), 4);
        for line in said.lines() {
            let json: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(json["account_id"].as_str().unwrap().starts_with("ACC-"));
        }
        assert!(!body.contains("\r\n0\r\n"), "the body goes on");
    }

    #[test]
    fn an_answer_cut_anywhere_is_the_same_lines_in_their_order() {
        let whole = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
            1f\r\n{\"allow\":true}\n{\"allow\":false}\n\r\n6\r\n{\"a\":1\r\n2;x=y\r\n}\n\r\n";
        let line = |heard: super::Heard<'_>| match heard.says {
            Says::Json(body) => (heard.slot, String::from_utf8(body.to_vec()).unwrap()),
            _ => panic!("no body"),
        };
        let heard = |cuts: &[usize]| {
            let mut lines = lines(false);
            lines.order = VecDeque::from([5, 6, 7]);
            let (mut seen, mut from) = (Vec::new(), 0);
            for &to in cuts.iter().chain([&whole.len()]) {
                let each = &mut |heard: super::Heard<'_>| seen.push(line(heard));
                lines.hear(&whole[from..to], each).unwrap();
                from = to;
            }
            seen
        };
        let once = heard(&[]);
        let slots: Vec<u32> = once.iter().map(|(slot, _)| *slot).collect();
        assert_eq!(slots, [5, 6, 7]);
        assert_eq!(once[2].1, "{\"a\":1}\n");
        for cut in 0..whole.len() {
            assert_eq!(heard(&[cut]), once, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_stream_of_lines_is_named() {
        let refused = |bytes: &[u8]| {
            let heard = lines(false).hear(bytes, &mut |_| {});
            heard.err().unwrap().to_string()
        };
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert!(refused(b"HTTP/1.1 401 No\r\n\r\n").contains("401"));
        assert!(refused(b"HTTP/1.1 200 OK\r\n\r\n").contains("not chunked"));
        assert!(refused(format!("{head}0\r\n\r\n").as_bytes()).contains("ended"));
        assert!(refused(format!("{head}1\r\n\n").as_bytes()).contains("nobody"));
        assert!(refused(&vec![b'x'; 17_000]).contains("limit"));
    }
}
