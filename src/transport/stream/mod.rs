//! NDJSON: a line in, a line out, in their order, both ways at once, over every protocol that has
//! bodies.
//!
//! A stream is a request whose answer begins before its body has ended. What has come in one go is
//! taken up as one slice (`session`); `intents` and `outcomes` say what becomes of a slice's lines.
//! A line that cannot be read is answered as such, in its place, and spoils no other.
//!
//! Each slice looks at the credential again; one that has ended is answered once, and nothing after
//! it. When the house closes nothing more is read, and what was read is answered.
//!
//! Invariants
//! - STREAM-1: every line taken up has one answer, in the order of the lines; a line without an
//!   answer is no permission.
//! - STREAM-2: what a stream holds is bounded: one line under way, one piece, the lines and slices of
//!   its window, and their answers. A client that takes none is read from no more.
//! - STREAM-3: a stream on which no line ends for `idle_timeout` while nothing is under way is ended;
//!   a client that does not take its answers is let go after `write_timeout`.

mod intents;
mod lane;
mod outcomes;
mod session;
mod silence;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, EXPECT};
use http::request::Parts;
use http::{HeaderValue, Response, Version};

use self::intents::Intents;
use self::lane::Lane;
use self::outcomes::Outcomes;
pub(super) use self::session::Lines;
use self::session::Session;
use super::body::{self, RequestBody};
use super::contact::IDEMPOTENCY_KEY;
use super::events::AnswerBody;
use super::refusal::Refusal;
use super::route::wants_explain;
use super::serve::{Answer, House, id_text, into_answer, require};
use super::watch::Watch;
use crate::gateway::door::{Caller, Door, RouteName};
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::intent;
use crate::wire::scopes::Scope;

/// What lines may be called; answers are called by the first.
const TYPES: [&str; 3] = [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
];

/// What the lines of a stream are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StreamOf {
    /// Intents for the gate.
    Intents,
    /// Outcomes of contacts.
    Outcomes,
}

impl StreamOf {
    /// The route's template.
    pub(super) fn name(self) -> RouteName {
        match self {
            Self::Intents => RouteName::IntentStream,
            Self::Outcomes => RouteName::OutcomeStream,
        }
    }

    /// What a credential needs for it.
    fn scope(self) -> Scope {
        match self {
            Self::Intents => Scope::GateAsk,
            Self::Outcomes => Scope::OutcomeWrite,
        }
    }
}

/// What a stream was opened with and every slice of it needs.
struct Opened<G: Door> {
    house: Rc<House<G>>,
    /// Its head: the credential, and what answers are to tell.
    head: Parts,
    id: HeaderValue,
    watch: Rc<Watch>,
}

impl<G: Door> House<G> {
    /// Opens a stream, or says why not. The answer's head is there at once; its body lives as long as
    /// lines come. Dropped midway: what was submitted stands, nobody hears of it.
    pub(super) async fn stream(
        self: Rc<Self>,
        of: StreamOf,
        head: Parts,
        mut body: RequestBody,
        watch: &Rc<Watch>,
        id: &HeaderValue,
    ) -> Answer {
        if let Err((refusal, caller)) = self.admit_stream(of, &head).await {
            body::discard_what_came(&head.headers, &mut body).await;
            watch.end_request(watch.now());
            let tenant = caller.as_ref().map(|caller| &*caller.tenant_name);
            return into_answer(match of {
                StreamOf::Intents => refusal.gate_reply(tenant, None, id_text(id)),
                StreamOf::Outcomes => refusal.problem_reply(id_text(id)),
            });
        }
        // Nobody is waited for but a client that does not take what is ready; silence is the
        // stream's own to notice.
        watch.work();
        let is_stream = head.version >= Version::HTTP_2;
        let first = if head.headers.contains_key(EXPECT) {
            body::begin(&mut body).await
        } else {
            None
        };
        let opened = Opened {
            house: self,
            head,
            id: id.clone(),
            watch: Rc::clone(watch),
        };
        let lines = match of {
            StreamOf::Intents => {
                let explain = wants_explain(opened.head.uri.query());
                lines_of(Intents { opened, explain }, (first, body), watch, is_stream)
            }
            StreamOf::Outcomes => lines_of(Outcomes { opened }, (first, body), watch, is_stream),
        };
        let mut answer = Response::new(AnswerBody::Lines(lines));
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(TYPES[0]));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }

    /// Credential, scope, type and headers, in this order.
    async fn admit_stream(
        &self,
        of: StreamOf,
        head: &Parts,
    ) -> Result<(), (Refusal, Option<Caller>)> {
        let credential = self.credential(&head.headers).await;
        let caller = credential.map_err(|error| (error.into(), None))?.caller;
        let checked = require(&caller, of.scope())
            .map_err(Refusal::from)
            .and_then(|()| Ok(body::check_type(&head.headers, &TYPES)?))
            .and_then(|()| {
                // One key would stand for every line, of which some may be repeated and some not.
                let keyed = head.headers.contains_key(IDEMPOTENCY_KEY);
                let error = FieldError::of(intent::KEY_HEADER, FieldCode::KeyOnStream);
                if keyed { Err(error.into()) } else { Ok(()) }
            });
        checked.map_err(|refusal| (refusal, Some(caller)))
    }
}

fn lines_of<L: Lane>(
    lane: L,
    (first, body): (Option<Bytes>, RequestBody),
    watch: &Rc<Watch>,
    is_stream: bool,
) -> Lines {
    let idle = watch.idle_timeout();
    let session = Session::new(lane, (first, body), watch.now(), idle);
    Lines::new(Box::new(session), watch, is_stream)
}
