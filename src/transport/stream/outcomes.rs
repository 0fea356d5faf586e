//! `POST /api/dispositions/stream`: outcomes by the line, each answered as `record-attempt` answers
//! it, with the status it would have had.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Instant;

use bytes::Bytes;

use super::Opened;
use super::lane::{Ended, Lane, TOKEN_EXPIRED, TOKEN_EXPIRED_MESSAGE};
use crate::gateway::door::{Caller, Door, Errand};
use crate::transport::auth::AuthError;
use crate::transport::body::BodyError;
use crate::transport::refusal::Refusal;
use crate::transport::serve::{id_text, require};
use crate::wire::limits::{SLICE_INTENTS_MAX, STREAM_OUTCOMES_MAX};
use crate::wire::lines::{Line, TooLong};
use crate::wire::native::Native;
use crate::wire::problem::Problem;
use crate::wire::reply::{PROBLEM_JSON, Reply};
use crate::wire::scopes::Scope;

/// A stream of outcomes.
pub(super) struct Outcomes<G: Door> {
    pub(super) opened: Opened<G>,
}

/// Outcomes that came together.
pub(super) struct Slice {
    /// Who reports; `None` when there was no room to check.
    caller: Option<Rc<Caller>>,
    arrived: Instant,
    lines: Vec<Line>,
}

type Answering = Pin<Box<dyn Future<Output = Vec<u8>>>>;

impl<G: Door> Lane for Outcomes<G> {
    type Slice = Slice;

    const WINDOW: usize = STREAM_OUTCOMES_MAX;

    fn open(self: &Rc<Self>) -> impl Future<Output = Result<Slice, Ended>> + 'static {
        let this = Rc::clone(self);
        async move {
            let arrived = this.opened.watch.now();
            let headers = &this.opened.head.headers;
            let caller = match this.opened.house.credential(headers).await {
                Ok(credential) => Some(Rc::new(credential.caller)),
                Err(AuthError::Busy) => None,
                Err(_ended) => return Err(Ended),
            };
            if let Some(caller) = &caller {
                require(caller, Scope::OutcomeWrite).map_err(|_lost| Ended)?;
            }
            Ok(Slice {
                caller,
                arrived,
                lines: Vec::new(),
            })
        }
    }

    fn slice_max(_slice: &Slice) -> usize {
        SLICE_INTENTS_MAX
    }

    fn take(&self, slice: &mut Slice, line: Line) {
        slice.lines.push(line);
    }

    fn answers(self: &Rc<Self>, slice: Slice) -> impl Future<Output = Vec<u8>> + 'static {
        let this = Rc::clone(self);
        async move {
            let one = |line: Line| -> Answering {
                let caller = slice.caller.clone();
                Box::pin(Rc::clone(&this).answer(caller, line, slice.arrived))
            };
            in_order(slice.lines.into_iter().map(one).collect()).await
        }
    }

    fn ended(&self, line: u64) -> Vec<u8> {
        let problem = Problem {
            status: 401,
            code: TOKEN_EXPIRED,
            title: TOKEN_EXPIRED_MESSAGE,
            field: Some("Authorization"),
        };
        let mut out = Vec::new();
        push(&mut out, &problem.reply(id_text(&self.opened.id)), line);
        out
    }
}

impl<G: Door> Outcomes<G> {
    async fn answer(
        self: Rc<Self>,
        caller: Option<Rc<Caller>>,
        line: Line,
        arrived: Instant,
    ) -> Vec<u8> {
        let reply = self.reply(caller.as_deref(), line.text, arrived).await;
        let mut out = Vec::new();
        push(&mut out, &reply, line.number);
        out
    }

    async fn reply(
        &self,
        caller: Option<&Caller>,
        text: Result<Bytes, TooLong>,
        arrived: Instant,
    ) -> Reply {
        let (house, request_id) = (&self.opened.house, id_text(&self.opened.id));
        let Ok(body) = text else {
            return Refusal::from(BodyError::TooLarge).problem_reply(request_id);
        };
        if caller.is_none() {
            return Refusal::from(AuthError::Busy).problem_reply(request_id);
        }
        let errand = Errand {
            does: Native::RecordAttempt,
            segment: Box::default(),
            query: "",
            body,
            request_id,
            arrived,
        };
        house.gateway.errand(&house.desk, caller, errand).await
    }
}

/// All of them at once, each begun in its turn; what they give, one after the other.
async fn in_order(mut answering: Vec<Answering>) -> Vec<u8> {
    let mut there: Vec<Option<Vec<u8>>> = answering.iter().map(|_| None).collect();
    poll_fn(|cx| {
        let mut waiting = false;
        for (to_come, there) in answering.iter_mut().zip(&mut there) {
            if there.is_none() {
                match to_come.as_mut().poll(cx) {
                    Poll::Ready(answer) => *there = Some(answer),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    there.into_iter().flatten().flatten().collect()
}

/// Appends a reply as a line: its body with the status; a problem has that already, and is told its
/// line.
fn push(out: &mut Vec<u8>, reply: &Reply, line: u64) {
    let inner = reply.body.strip_prefix(b"{");
    let inner = inner.and_then(|rest| rest.strip_suffix(b"}"));
    let inner = inner.unwrap_or_default();
    out.push(b'{');
    if reply.content_type == PROBLEM_JSON {
        out.extend_from_slice(inner);
        out.extend_from_slice(format!(",\"line\":{line}").as_bytes());
    } else {
        out.extend_from_slice(format!("\"status\":{}", reply.status).as_bytes());
        if !inner.is_empty() {
            out.push(b',');
            out.extend_from_slice(inner);
        }
    }
    out.extend_from_slice(b"}\n");
}
