//! Requests that are forwarded to a tenant's system of record: what of them goes on, and what comes
//! back.
//!
//! A forwarded request is written anew, never copied: what the client's framing, its connection and
//! its own word about where it comes from said is gone before anything is sent. What could be read as
//! another request by somebody else is refused.
//!
//! Invariants
//! - FORWARD-1: what one request is to the client is one request to the system or none: framing or
//!   host said in two ways is refused, and framing is written anew. (Over HTTP/1.1 an absolute
//!   request line names the host alone, as RFC 9112, 3.2.2, has it.)
//! - FORWARD-2: no header that is about one connection crosses to another, either way; none in trailers.
//! - FORWARD-3: where a request came from is what this gateway saw.
//! - FORWARD-4: nothing whole reaches a system that names another method or path than its own; by headers it
//!   is left out, in a query, a form or an object it is refused.
//! - FORWARD-5: a connection becomes a WebSocket's when the client and the system both say so, and nothing
//!   else.

mod body;
mod headers;
mod origin;
mod splice;
#[cfg(test)]
mod tests;
mod trace;

use std::cell::Cell;
use std::rc::Rc;

use http::header::{ALT_SVC, CONNECTION, CONTENT_TYPE, UPGRADE};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, Version};
use hyper::body::Body as _;

pub(super) use self::body::Passed;
pub(super) use self::origin::Origin;
pub(super) use self::splice::{Handover, splice};
pub(super) use self::trace::Traces;

use self::body::{Scan, Sent};
use super::auth::AuthError;
use super::body::RequestBody;
use super::events::AnswerBody;
use super::refusal::Refusal;
use super::route::Route;
use super::serve::{Answer, House, id_text, into_answer};
use super::watch::Watch;
use crate::gateway::door::{
    Caller, Door, Inbound, Outbound, Passage, Passing, Returned, RouteName, Way,
};
use crate::wire::limits::SOR_STREAM_BYTES_MAX;
use crate::wire::problem::Problem;

impl<G: Door> House<G> {
    /// Answers a request that nothing native answers.
    pub(super) async fn forward(
        &self,
        head: Parts,
        mut body: RequestBody,
        watch: &Rc<Watch>,
        id: &HeaderValue,
    ) -> (RouteName, Answer) {
        // A hand on the path, so that the head may go on.
        let path = head.uri.path_and_query().cloned();
        let path = path.as_ref().map_or("", |path| path.path());
        let passage = self.gateway.passage(head.method.as_str(), path);
        let name = passage.label();
        let refusal = match self.admitted(passage, &head).await {
            Ok(passed) => {
                let answer = self.ask_system(passed, (head, body), watch, id).await;
                return (name, answer);
            }
            Err(refusal) => refusal,
        };
        let (headers, framed) = (&head.headers, refusal.is_of_framing());
        if !framed {
            crate::transport::body::discard(headers, &mut body).await;
        }
        let mut answer = into_answer(refusal.problem_reply(id_text(id)));
        if framed && head.version < Version::HTTP_2 {
            // Nobody can tell where the next request begins.
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(CONNECTION, close);
        }
        watch.end_request(watch.now());
        (name, answer)
    }

    /// The way a request may go, who goes it, and the host it is for.
    async fn admitted<'w>(
        &self,
        passage: Passage<'w>,
        head: &Parts,
    ) -> Result<(Way<'w>, Option<Caller>, HeaderValue), Refusal> {
        let (way, open) = match passage {
            Passage::Nowhere => return Err(Refusal::NOT_FOUND),
            Passage::Unknown(_) => return Err(Refusal::UNKNOWN_ROUTE),
            Passage::OtherMethod(_, allow) => return Err(Refusal::method(allow)),
            Passage::Denied(_) => return Err(Refusal::ROUTE_DENIED),
            Passage::Closed(way) => (way, false),
            Passage::Open(way) => (way, true),
        };
        let host = headers::host(head)?;
        headers::method(head)?;
        if open {
            return Ok((way, None, host));
        }
        let credential = self.credential(&head.headers).await?;
        Ok((way, Some(credential.caller), host))
    }

    async fn ask_system(
        &self,
        (way, caller, host): (Way<'_>, Option<Caller>, HeaderValue),
        (mut head, body): (Parts, RequestBody),
        watch: &Rc<Watch>,
        id: &HeaderValue,
    ) -> Answer {
        let is_stream = head.version >= Version::HTTP_2;
        let other_method = Rc::new(Cell::new(false));
        let body = if body.is_end_stream() {
            Outbound::default()
        } else {
            let bytes_max = match Route::find(head.uri.path()) {
                Some(Route::Ingest(_)) => self.limits.options.ingest_bytes_max,
                _ => SOR_STREAM_BYTES_MAX,
            };
            let scan = Scan::of(&head, &other_method);
            Outbound::Streamed(Box::pin(Sent::new(body, watch, bytes_max, scan)))
        };
        let upgrades = headers::upgrades(&head);
        headers::outbound(&mut head, (watch.origin(), &self.traces), (&host, id));
        // Nobody is waited for but the client's own pieces; the system has limits of its own.
        watch.work();
        let passing = Passing {
            head,
            body,
            host: headers::name_of(&host),
            request_id: id.clone(),
            arrived: watch.began(),
        };
        let asked = self
            .gateway
            .forward(&self.desk, caller.as_ref(), way, passing);
        let reply = match asked.await {
            Returned::System(answer) => return passed_on(*answer, watch, (is_stream, upgrades)),
            Returned::Own(_broken_off) if other_method.get() => {
                Refusal::OTHER_METHOD.problem_reply(id_text(id))
            }
            Returned::Own(reply) => reply,
            Returned::Missing(scope) => {
                let refusal = Refusal::from(AuthError::MissingScope(scope));
                refusal.problem_reply(id_text(id))
            }
        };
        watch.end_request(watch.now());
        into_answer(reply)
    }
}

/// A system's answer as the client's, which had asked for another protocol or not.
fn passed_on(
    answer: Response<Inbound>,
    watch: &Rc<Watch>,
    (is_stream, upgrades): (bool, bool),
) -> Answer {
    let (mut head, body) = answer.into_parts();
    let upgrades = upgrades && headers::names_websocket(&head.headers);
    headers::strip(&mut head.headers);
    // Where else this gateway can be reached, it says itself.
    head.headers.remove(ALT_SVC);
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        if !upgrades {
            watch.end_request(watch.now());
            return into_answer(SWITCHED.reply(""));
        }
        head.headers.insert(UPGRADE, headers::WEBSOCKET);
        head.headers
            .insert(CONNECTION, HeaderValue::from_static("upgrade"));
        let mut switched = Response::from_parts(head, ());
        let upgrade = hyper::upgrade::on(&mut switched);
        watch.hand_over(Handover { upgrade, body });
        return switched.map(|()| AnswerBody::from(bytes::Bytes::new()));
    }
    let kind = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let endless = kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"));
    let body = Passed::new(body, watch, is_stream, endless);
    Response::from_parts(head, AnswerBody::Passed(body))
}

/// A system that changes protocols unasked.
const SWITCHED: Problem = Problem::new(
    502,
    "UPSTREAM_SWITCHED",
    "The system of record changed protocols unasked.",
);
