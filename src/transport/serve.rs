//! From a request's head to its answer: which route, how the answer looks on the wire.

use std::rc::Rc;
use std::sync::Arc;

use http::header::{ALT_SVC, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};

use super::auth::{Auth, AuthError, Credential};
use super::body::RequestBody;
use super::events::AnswerBody;
use super::forward::Traces;
use super::refusal::Refusal;
use super::request_id::{RequestIds, X_REQUEST_ID};
use super::route::{CONTACT_INTENT, CONTACT_INTENTS, Route};
use super::stream::StreamOf;
use super::turns::Turns;
use super::watch::{Limits, Watch};
use crate::gateway::door::{Caller, Door, Passage, RouteName, TokenCheck};
use crate::wire::native::Native;
use crate::wire::reply::Reply;
use crate::wire::scopes::Scope;

/// What goes back to hyper.
pub(super) type Answer = Response<AnswerBody>;

/// What one listening thread serves with.
pub(super) struct House<G: Door> {
    pub(super) gateway: Arc<G>,
    pub(super) auth: Arc<Auth>,
    pub(super) limits: Rc<Limits>,
    pub(super) desk: G::Desk,
    pub(super) ids: RequestIds,
    pub(super) traces: Traces,
    pub(super) turns: Turns,
    /// Where else the house is spoken to; said to those who came over TLS and TCP.
    pub(super) alt_svc: Option<HeaderValue>,
}

impl<G: Door> House<G> {
    /// Answers one request. Dropped when its client goes away or takes too long.
    pub(super) async fn serve(
        self: Rc<Self>,
        request: Request<RequestBody>,
        watch: &Rc<Watch>,
    ) -> Answer {
        let arrived = watch.begin_request();
        let (head, mut body) = request.into_parts();
        let id = self.ids.of(&head.headers);
        let hot = head.method == Method::POST && head.uri.path() == CONTACT_INTENT;
        let (name, mut answer) = if !names_one_host(&head) {
            watch.end_request(watch.now());
            hostless(&head, &id)
        } else if hot {
            let answer = self.contact(&head, &mut body, watch, &id, arrived).await;
            watch.end_request(arrived);
            (RouteName::ContactIntent, answer)
        } else if head.method == Method::POST && head.uri.path() == CONTACT_INTENTS {
            let answer = Box::pin(self.batch(&head, &mut body, watch, &id, arrived)).await;
            watch.end_request(watch.now());
            (RouteName::ContactIntents, answer)
        } else {
            let route = Route::find(head.uri.path());
            if route.is_none_or(|route| self.leaves(route, &head))
                || self.is_portfolio_of_a_system(route, &head).await
            {
                let (name, mut answer) = Box::pin(self.forward(head, body, watch, &id)).await;
                self.gateway.count_answer(name, answer.status().as_u16());
                answer.headers_mut().insert(X_REQUEST_ID, id);
                return answer;
            }
            if let Some(Route::Stream(of)) = route
                && head.method == Method::POST
            {
                let opened = Rc::clone(&self).stream(of, head, body, watch, &id);
                let mut answer = Box::pin(opened).await;
                self.gateway
                    .count_answer(of.name(), answer.status().as_u16());
                answer.headers_mut().insert(X_REQUEST_ID, id);
                return answer;
            }
            if let Some(Route::Native(spec, _)) = route
                && let Some(op) = spec.op(head.method.as_str())
                && op.does == Native::FloorEvents
                && head.method == Method::GET
            {
                let mut answer = Box::pin(self.events(op, &head, watch, &id)).await;
                self.gateway
                    .count_answer(RouteName::FloorEvents, answer.status().as_u16());
                answer.headers_mut().insert(X_REQUEST_ID, id);
                return answer;
            }
            // Boxed, so that rare routes do not make room in the future of the frequent one.
            let reply = Box::pin(self.cold(route, &head, &mut body, watch, &id)).await;
            watch.end_request(watch.now());
            (
                route.map_or(RouteName::Unknown, Route::name),
                into_answer(reply),
            )
        };
        self.gateway.count_answer(name, answer.status().as_u16());
        answer.headers_mut().insert(X_REQUEST_ID, id);
        answer
    }

    /// Says in an answer over TCP that HTTP/3 is spoken, too.
    pub(super) fn advertise(&self, answer: &mut HeaderMap) {
        if let Some(elsewhere) = &self.alt_svc {
            answer.insert(ALT_SVC, elsewhere.clone());
        }
    }

    /// Whether a native path is left to a system of record: it has no such method here, and has there.
    fn leaves(&self, route: Route<'_>, head: &Parts) -> bool {
        let (method, path) = (&head.method, head.uri.path());
        !route.has(method)
            && matches!(
                self.gateway.passage(method.as_str(), path),
                Passage::Closed(_) | Passage::Open(_)
            )
    }

    /// Whether an upload is for the system of record of whoever sends it.
    async fn is_portfolio_of_a_system(&self, route: Option<Route<'_>>, head: &Parts) -> bool {
        let Some(Route::Ingest(_)) = route.filter(|_| head.method == Method::POST) else {
            return false;
        };
        // Who may not is told so where the upload would be taken in.
        let credential = self.credential(&head.headers).await;
        credential.is_ok_and(|known| self.gateway.sends_portfolios_on(&known.caller))
    }

    /// The credential in a request's head. Cancellation safe.
    pub(super) async fn credential(&self, headers: &HeaderMap) -> Result<Credential, AuthError> {
        let mut sent = headers.get_all(AUTHORIZATION).iter();
        let first = sent.next().map(HeaderValue::as_bytes);
        if sent.next().is_some() {
            self.gateway.count_token(TokenCheck::Refused);
            return Err(AuthError::Malformed);
        }
        self.credential_in(first).await
    }

    /// The credential in an `Authorization` header. Cancellation safe.
    pub(super) async fn credential_in(
        &self,
        authorization: Option<&[u8]>,
    ) -> Result<Credential, AuthError> {
        let (now, tenant) = (self.gateway.wall(), |name: &_| self.gateway.tenant(name));
        let checked = self.auth.admit(authorization, now, tenant).await;
        self.counted(checked)
    }

    /// The same for one that was admitted before: mostly a look-up.
    pub(super) fn credential_now(&self, authorization: &[u8]) -> Result<Credential, AuthError> {
        let (now, tenant) = (self.gateway.wall(), |name: &_| self.gateway.tenant(name));
        self.counted(self.auth.check(Some(authorization), now, tenant))
    }

    fn counted(&self, checked: Result<Credential, AuthError>) -> Result<Credential, AuthError> {
        self.gateway.count_token(match &checked {
            Ok(credential) => credential.check,
            Err(AuthError::Busy) => TokenCheck::Busy,
            Err(_) => TokenCheck::Refused,
        });
        checked
    }
}

/// Whether a request over HTTP/1.1 says exactly once which host it is for (RFC 9112, 3.2). Later
/// versions are seen to by those who read them, and 1.0 has no such duty.
fn names_one_host(head: &Parts) -> bool {
    head.version != Version::HTTP_11 || head.headers.get_all(HOST).iter().take(2).count() == 1
}

/// Refuses a request that names no host, or two. Nothing of its body is read, and no other request of
/// its connection.
fn hostless(head: &Parts, id: &HeaderValue) -> (RouteName, Answer) {
    let route = Route::find(head.uri.path());
    let asks = matches!(
        route,
        Some(Route::ContactIntent | Route::ContactIntents | Route::Stream(StreamOf::Intents))
    );
    let reply = if asks {
        Refusal::HOST.gate_reply(None, None, id_text(id))
    } else {
        Refusal::HOST.problem_reply(id_text(id))
    };
    let mut answer = into_answer(reply);
    let close = HeaderValue::from_static("close");
    answer.headers_mut().insert(CONNECTION, close);
    (route.map_or(RouteName::Unknown, Route::name), answer)
}

/// Whether the caller's credential carries `scope`.
pub(super) fn require(caller: &Caller, scope: Scope) -> Result<(), AuthError> {
    caller
        .scopes
        .has(scope)
        .then_some(())
        .ok_or(AuthError::MissingScope(scope))
}

/// The id's text. Always visible ASCII: it was checked or made here.
pub(super) fn id_text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or_default()
}

/// A reply on the wire. A header that HTTP cannot carry is left out.
pub(super) fn into_answer(reply: Reply) -> Answer {
    let mut answer = Response::new(AnswerBody::from(reply.body));
    *answer.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&value),
        ) {
            headers.insert(name, value);
        }
    }
    answer
}
