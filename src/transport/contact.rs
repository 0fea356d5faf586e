//! `POST /api/gate/contact-intent`: the route all others wait behind.

use std::time::Instant;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response};

use super::body::{self, RequestBody};
use super::events::AnswerBody;
use super::refusal::Refusal;
use super::route::wants_explain;
use super::serve::{Answer, House, id_text, into_answer, require};
use super::watch::Watch;
use crate::gateway::door::{Answered, Caller, Door, SystemError};
use crate::wire::answer::{self, Decision};
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::intent::{self, AskRequest, Echo};
use crate::wire::limits::GATE_BODY_BYTES_MAX;
use crate::wire::reply::{JSON, Reply};
use crate::wire::scopes::Scope;

/// Until when an ALLOW may be used.
const USE_BY: HeaderName = HeaderName::from_static("dialgate-use-by");
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl<G: Door> House<G> {
    /// Asks the gate. Not cancellation safe: dropped after submission, the row stands unheard.
    pub(super) async fn contact(
        &self,
        head: &Parts,
        body: &mut RequestBody,
        watch: &Watch,
        id: &HeaderValue,
        arrived: Instant,
    ) -> Answer {
        let credential = match self.credential(&head.headers).await {
            Ok(credential) => credential,
            Err(error) => return refused(head, body, None, error.into(), id).await,
        };
        let caller = &credential.caller;
        let bytes = match receive(head, body, caller).await {
            Ok(bytes) => bytes,
            Err(refusal) => return refused(head, body, Some(caller), refusal, id).await,
        };
        watch.work();
        let patience = self.gateway.announce(caller, arrived);
        // Before anything is read of it: what a flood costs is bounded by what is let in.
        let Ok(_turn) = self.turns.take(caller.tenant, patience, arrived).await else {
            return shed(caller, self.gateway.no_turn(1), id);
        };
        let ask = match decode(head, &bytes, caller) {
            Ok(ask) => ask,
            Err(refusal) => return refused(head, body, Some(caller), refusal, id).await,
        };
        let echo = ask.echo.clone();
        let answered = self
            .gateway
            .contact_intent(&self.desk, caller, ask, arrived)
            .await;
        match answered {
            Answered::Decision(decision) => {
                self.decided(&decision, caller, &echo, wants_explain(head.uri.query()))
            }
            Answered::SystemError(error) => {
                let tenant = Some(&*caller.tenant_name);
                let body = answer::system_error(tenant, Some(&echo), &error.fault(), id_text(id));
                into_answer(Reply::json(200, body))
            }
            Answered::KeyReused => {
                let error = FieldError::of(intent::KEY_HEADER, FieldCode::KeyReused);
                let tenant = Some(&*caller.tenant_name);
                let refusal = Refusal::from(error);
                into_answer(refusal.gate_reply(tenant, Some(&echo), id_text(id)))
            }
        }
    }

    fn decided(&self, decision: &Decision, caller: &Caller, echo: &Echo, explain: bool) -> Answer {
        let tenant = &caller.tenant_name;
        let body = if explain {
            let write = |texts: &[_]| answer::decision(tenant, echo, decision, Some(texts));
            self.gateway.with_rule_texts(decision.law, write)
        } else {
            answer::decision(tenant, echo, decision, None)
        };
        let mut answer = Response::new(AnswerBody::from(Bytes::from(body)));
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        if decision.allow()
            && let Ok(use_by) = HeaderValue::from_str(decision.use_by.rfc3339().as_str())
        {
            headers.insert(USE_BY, use_by);
        }
        answer
    }
}

/// Scope, type and size, in this order.
async fn receive(head: &Parts, body: &mut RequestBody, caller: &Caller) -> Result<Bytes, Refusal> {
    require(caller, Scope::GateAsk)?;
    body::check_type(&head.headers, &[JSON])?;
    Ok(body::whole(body, GATE_BODY_BYTES_MAX).await?)
}

fn decode(head: &Parts, bytes: &[u8], caller: &Caller) -> Result<AskRequest, Refusal> {
    let mut keys = head.headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = keys.next();
    if keys.next().is_some() {
        // Nobody can tell which of them a retry would bear.
        return Err(FieldError::of(intent::KEY_HEADER, FieldCode::Duplicate).into());
    }
    let exception = caller.scopes.has(Scope::GateException);
    Ok(intent::decode(
        bytes,
        key.map(HeaderValue::as_bytes),
        exception,
    )?)
}

/// Answers that there is no room for another intent of this tenant.
fn shed(caller: &Caller, why: SystemError, id: &HeaderValue) -> Answer {
    let (tenant, fault) = (&*caller.tenant_name, why.fault());
    let body = answer::system_error(Some(tenant), None, &fault, id_text(id));
    into_answer(Reply::json(200, body))
}

/// Answers without asking; the tenant is named only where the credential proved it.
pub(super) async fn refused(
    head: &Parts,
    body: &mut RequestBody,
    caller: Option<&Caller>,
    refusal: Refusal,
    id: &HeaderValue,
) -> Answer {
    body::discard(&head.headers, body).await;
    let tenant = caller.map(|caller| &*caller.tenant_name);
    into_answer(refusal.gate_reply(tenant, None, id_text(id)))
}
