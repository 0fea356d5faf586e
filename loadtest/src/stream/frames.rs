//! `dialgate/1`: sixteen bytes of header and an archive, many questions under way on one stream.
//!
//! The archives are declared here once more, by the table in `docs/frames.md`: a fault in the server's own
//! encoding cannot hide itself.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use rkyv::rancor::{Error, Failure as Refused};
use rkyv::{Archive, Serialize};

use super::pump::{Heard, Says, Speech};
use crate::drive::Target;
use crate::request::{Requests, Template};

/// Bytes of a header.
const HEADER_BYTES: usize = 16;
/// Bytes of a payload at most.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024;
const VERSION: u8 = 1;
const HELLO: u8 = 1;
const INTENT: u8 = 2;
const WELCOME: u8 = 65;
const DECISION: u8 = 66;
const ERROR: u8 = 70;
/// Where in a header the correlation number stands.
const CORRELATION_AT: usize = 8;

/// Who asks.
#[derive(Archive, Serialize)]
struct Hello {
    token: String,
    agent: String,
}

/// A question.
#[derive(Default, Archive, Serialize)]
struct Intent {
    account_id: Option<String>,
    phone: Option<String>,
    channel: Option<String>,
    action_type: Option<String>,
    source_system: Option<String>,
    request_id: Option<String>,
    person_id: Option<String>,
    party_role: Option<String>,
    dial_mode: Option<String>,
    purpose: Option<String>,
    in_response_to: Option<String>,
    to_place: Option<String>,
    campaign_id: Option<String>,
    agent_id: Option<String>,
    email: Option<String>,
    debt_ids: Vec<String>,
    dry_run: bool,
    explain: bool,
}

/// Why a gate blocks.
#[derive(Archive, Serialize)]
struct Finding {
    gate: u8,
    code: String,
    sentence: String,
    citation: String,
    rule: String,
}

/// Why there is no decision.
#[derive(Archive, Serialize)]
struct Failure {
    code: String,
    field: Option<String>,
    message: String,
}

/// An answer. Only its archived form is read here.
#[derive(Default, Archive, Serialize)]
#[cfg_attr(not(test), expect(dead_code, reason = "only tests write answers"))]
struct Decision {
    allow: bool,
    blocked: u16,
    evaluated: u16,
    audit_id: Option<u64>,
    evaluation_id: Option<u64>,
    next_allowed_at: Option<i64>,
    expires_at: Option<i64>,
    use_by: Option<i64>,
    findings: Vec<Finding>,
    error: Option<Failure>,
}

/// A question as a frame.
pub(super) const QUESTION: Template = Template(|account, phone| {
    let text = |text: &str| Some(text.to_owned());
    let intent = Intent {
        account_id: text(account),
        phone: text(phone),
        channel: text("phone"),
        action_type: text("call"),
        source_system: text("loadtest"),
        ..Intent::default()
    };
    // Short texts and a growing buffer: what cannot be written is found by its missing account.
    let payload = rkyv::to_bytes::<Error>(&intent).unwrap_or_default();
    frame(INTENT, &payload)
});

fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend_from_slice(&[VERSION, kind, 0, 0]);
    bytes.extend_from_slice(&0_u64.to_le_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// Questions as frames.
pub(super) struct Frames {
    requests: Requests,
    hello: Vec<u8>,
    /// The beginning of a frame that was cut.
    begun: Vec<u8>,
    /// What sets of blocking gates are called.
    names: BTreeMap<u16, String>,
}

impl Frames {
    /// To `target`, whose first answer is its welcome.
    pub(super) fn new(target: &Target, requests: Requests) -> anyhow::Result<Self> {
        let hello = Hello {
            token: target.token.clone(),
            agent: "loadtest".to_owned(),
        };
        Ok(Self {
            requests,
            hello: frame(HELLO, &rkyv::to_bytes::<Error>(&hello)?),
            begun: Vec::new(),
            names: BTreeMap::new(),
        })
    }

    /// Takes one whole frame.
    fn whole(&mut self, frame: &[u8], each: &mut dyn FnMut(Heard<'_>)) -> anyhow::Result<()> {
        let (header, payload) = frame.split_at(HEADER_BYTES);
        let kind = header.get(5).copied().unwrap_or(0);
        let number = header
            .get(CORRELATION_AT..)
            .and_then(|number| number.try_into().ok());
        let number = u64::from_le_bytes(number.unwrap_or_default());
        let slot = u32::try_from(number).unwrap_or(u32::MAX);
        let says = match kind {
            // An echo says its own hello and questions.
            WELCOME | HELLO => return Ok(()),
            INTENT => Says::Nothing,
            DECISION => {
                let decision = rkyv::api::low::access::<ArchivedDecision, Refused>(payload);
                let decision = decision.ok().context("a decision that is none")?;
                said(decision, &mut self.names)
            }
            ERROR => {
                let why = rkyv::api::low::access::<ArchivedFailure, Refused>(payload);
                let why = why.map_or("?", |why| why.code.as_str());
                bail!("the server answered a frame with {why}");
            }
            _ => bail!("the server sent a frame of kind {kind}"),
        };
        each(Heard {
            slot,
            bytes: frame.len(),
            says,
        });
        Ok(())
    }
}

fn said<'a>(decision: &ArchivedDecision, names: &'a mut BTreeMap<u16, String>) -> Says<'a> {
    if let Some(error) = decision.error.as_ref() {
        return Says::Fault(format!("no decision: {}", error.code));
    }
    if decision.allow {
        return Says::Allow;
    }
    let bits = decision.blocked.to_native();
    let name = names.entry(bits).or_insert_with(|| {
        let gates = (0..16).filter(|bit| bits >> bit & 1 == 1);
        let gates: Vec<String> = gates.map(|bit| (bit + 1).to_string()).collect();
        format!("gates {}", gates.join("+"))
    });
    Says::Block(name)
}

impl Speech for Frames {
    fn begin(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.hello);
    }

    fn ask(&mut self, slot: u32, out: &mut Vec<u8>) {
        let at = out.len() + CORRELATION_AT;
        out.extend_from_slice(self.requests.next());
        if let Some(place) = out.get_mut(at..at + 8) {
            place.copy_from_slice(&u64::from(slot).to_le_bytes());
        }
    }

    fn end(&mut self, _out: &mut Vec<u8>) {}

    fn hear(&mut self, bytes: &[u8], each: &mut dyn FnMut(Heard<'_>)) -> anyhow::Result<()> {
        let joined;
        let mut rest = bytes;
        if !self.begun.is_empty() {
            self.begun.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.begun);
            rest = &joined;
        }
        while let Some(end) = end_of(rest)?
            && rest.len() >= end
        {
            let (frame, later) = rest.split_at(end);
            self.whole(frame, each)?;
            rest = later;
        }
        self.begun.extend_from_slice(rest);
        Ok(())
    }
}

/// Where the frame at the start of `bytes` ends; `None` before its header is whole.
fn end_of(bytes: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(&[a, b, c, d, version, ..]) = bytes.get(..HEADER_BYTES) else {
        return Ok(None);
    };
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if version != VERSION || length > PAYLOAD_BYTES_MAX {
        bail!("bytes that are no frame");
    }
    Ok(Some(HEADER_BYTES + length))
}

#[cfg(test)]
mod tests {
    use rkyv::rancor::Error;

    use super::{
        ArchivedIntent, DECISION, Decision, ERROR, Failure, Frames, HEADER_BYTES, Heard, QUESTION,
        Refused, Says, Speech, WELCOME, frame,
    };
    use crate::drive::Target;
    use crate::drive::protocol::Protocol;
    use crate::portfolio::Portfolio;
    use crate::request::Requests;

    fn frames() -> Frames {
        let target = Target {
            address: "127.0.0.1:9033".parse().unwrap(),
            protocol: Protocol::Http,
            token: "tok".to_owned(),
            process: None,
        };
        let requests = Requests::patching(Portfolio::new(3, 500), 9, QUESTION).unwrap();
        Frames::new(&target, requests).unwrap()
    }

    fn answer(slot: u8, decision: &Decision) -> Vec<u8> {
        let mut bytes = frame(DECISION, &rkyv::to_bytes::<Error>(decision).unwrap());
        bytes[8] = slot;
        bytes
    }

    #[test]
    fn each_question_names_an_account_one_of_its_phones_and_its_slot() {
        let (mut frames, mut out) = (frames(), Vec::new());
        frames.begin(&mut out);
        let hello = out.len();
        assert_eq!((out[5], usize::from(out[0]) + HEADER_BYTES), (1, hello));
        for slot in 0..50 {
            let at = out.len();
            frames.ask(slot, &mut out);
            let question = &out[at..];
            assert_eq!((question[5], u32::from(question[8])), (2, slot));
            let payload = &question[HEADER_BYTES..];
            let intent = rkyv::api::low::access::<ArchivedIntent, Refused>(payload).unwrap();
            let id = intent.account_id.as_ref().unwrap().as_str();
            let index = id.strip_prefix("ACC-").unwrap().parse::<u64>().unwrap() - 1;
            let phone = intent.phone.as_ref().unwrap().as_str();
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            let asked: u64 = digits.parse().unwrap();
            assert!(
                Portfolio::new(3, 500)
                    .account(index)
                    .phones
                    .contains(&asked),
                "{id}"
            );
        }
        let before = out.len();
        frames.begin(&mut out);
        assert_eq!(out.len(), before, "one hello");
    }

    #[test]
    fn answers_cut_anywhere_are_the_same_answers() {
        let allow = Decision {
            allow: true,
            ..Decision::default()
        };
        let block = Decision {
            blocked: 0b1001,
            ..Decision::default()
        };
        let late = Decision {
            error: Some(Failure {
                code: "DEADLINE".to_owned(),
                field: None,
                message: String::new(),
            }),
            ..Decision::default()
        };
        let mut echo = Vec::new();
        frames().ask(8, &mut echo);
        let parts = [
            frame(WELCOME, b""),
            answer(7, &allow),
            answer(3, &block),
            answer(1, &late),
            echo,
        ];
        let whole = parts.concat();
        let heard = |cut: usize| {
            let (mut frames, mut seen) = (frames(), Vec::new());
            for bytes in [&whole[..cut], &whole[cut..]] {
                let each = &mut |heard: Heard<'_>| {
                    let says = match heard.says {
                        Says::Nothing => "nothing".to_owned(),
                        Says::Allow => "allow".to_owned(),
                        Says::Block(gates) => gates.to_owned(),
                        Says::Fault(words) => words,
                        Says::Json(_) => "json".to_owned(),
                    };
                    seen.push((heard.slot, says));
                };
                frames.hear(bytes, each).unwrap();
            }
            seen
        };
        let said = |slot: u32, text: &str| (slot, text.to_owned());
        let all = [
            said(7, "allow"),
            said(3, "gates 1+4"),
            said(1, "no decision: DEADLINE"),
            said(8, "nothing"),
        ];
        for cut in 0..whole.len() {
            assert_eq!(heard(cut), all, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_answer_is_named() {
        let refused = |bytes: &[u8]| frames().hear(bytes, &mut |_| {}).err().unwrap().to_string();
        let why = Failure {
            code: "unauthorized".to_owned(),
            field: None,
            message: String::new(),
        };
        let why = frame(ERROR, &rkyv::to_bytes::<Error>(&why).unwrap());
        assert!(refused(&why).contains("unauthorized"));
        assert!(refused(&frame(71, b"")).contains("kind 71"));
        assert!(refused(&frame(DECISION, b"xx")).contains("none"));
        assert!(refused(b"HTTP/1.1 400 Bad Request\r\n").contains("no frame"));
    }
}
