//! `POST /api/gate/contact-intents`: many intents in one request, each answered on its own.
//!
//! Reading and writing go slice by slice with a pause between, so that a large batch does not keep
//! its thread from the requests beside it. Nothing is asked before the whole body has been read.

use std::time::Instant;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Response};

use super::body::{self, RequestBody};
use super::contact::{IDEMPOTENCY_KEY, refused};
use super::events::AnswerBody;
use super::refusal::Refusal;
use super::route::wants_explain;
use super::serve::{Answer, House, id_text, require};
use super::told::Told;
use super::watch::Watch;
use crate::gateway::door::{Answered, Caller, Door};
use crate::wire::batch::{Batch, Form};
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::intent::{self, AskRequest, Echo};
use crate::wire::limits::{BATCH_BODY_BYTES_MAX, BATCH_INTENTS_MAX, SLICE_INTENTS_MAX};
use crate::wire::reply::JSON;
use crate::wire::scopes::Scope;

/// Bytes of a short intent: how many a body may hold is guessed from it.
const INTENT_BYTES: usize = 96;
/// Bytes of a usual answer with its comma.
const ANSWER_BYTES: usize = 352;

/// Answers written before others have their turn: a tenth of the work of deciding them.
const WRITTEN_MAX: usize = 4 * SLICE_INTENTS_MAX;

/// A batch as it was read: intents to ask, and for every place what its answer repeats or why there
/// is nothing to ask.
struct Read {
    form: Form,
    asks: Vec<AskRequest>,
    places: Vec<Result<Echo, FieldError>>,
}

impl<G: Door> House<G> {
    /// Asks the gate about a batch. Not cancellation safe: dropped after submission, rows stand
    /// unheard.
    pub(super) async fn batch(
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
        let read = match read(head, body, watch, caller).await {
            Ok(read) => read,
            Err(refusal) => return refused(head, body, Some(caller), refusal, id).await,
        };
        let asked = self
            .gateway
            .contact_intents(&self.desk, caller, read.asks, arrived);
        let answers = Answers {
            told: Told {
                tenant: Some(&caller.tenant_name),
                request_id: id_text(id),
                line: None,
            },
            answered: asked.await.into_iter(),
        };
        let explain = wants_explain(head.uri.query());
        let body = self.write(answers, read.form, &read.places, explain).await;
        let mut answer = Response::new(AnswerBody::from(Bytes::from(body)));
        let json = HeaderValue::from_static(JSON);
        answer.headers_mut().insert(CONTENT_TYPE, json);
        answer
    }

    /// Writes the answers in the order of the places.
    async fn write(
        &self,
        mut answers: Answers<'_>,
        form: Form,
        places: &[Result<Echo, FieldError>],
        explain: bool,
    ) -> Vec<u8> {
        let mut out = Vec::with_capacity(places.len() * ANSWER_BYTES + 32);
        out.extend_from_slice(form.opening());
        for (n, slice) in places.chunks(WRITTEN_MAX).enumerate() {
            if n > 0 {
                out.push(b',');
                tokio::task::yield_now().await;
            }
            answers.push(&mut out, slice, explain.then_some(&*self.gateway));
        }
        out.extend_from_slice(form.closing());
        out
    }
}

/// Scope, type, size and content, in this order.
async fn read(
    head: &Parts,
    body: &mut RequestBody,
    watch: &Watch,
    caller: &Caller,
) -> Result<Read, Refusal> {
    require(caller, Scope::GateAsk)?;
    body::check_type(&head.headers, &[JSON])?;
    if head.headers.contains_key(IDEMPOTENCY_KEY) {
        // One key would stand for a thousand contacts, of which some may be repeated and some not.
        return Err(FieldError::of(intent::KEY_HEADER, FieldCode::KeyOnBatch).into());
    }
    let bytes = body::whole(body, BATCH_BODY_BYTES_MAX).await?;
    watch.work();
    let mut batch = Batch::open(&bytes, caller.scopes.has(Scope::GateException))?;
    let guess = (bytes.len() / INTENT_BYTES).min(BATCH_INTENTS_MAX);
    let mut read = Read {
        form: batch.form(),
        asks: Vec::with_capacity(guess),
        places: Vec::with_capacity(guess),
    };
    while let Some(element) = batch.next_intent()? {
        if read.places.len() % SLICE_INTENTS_MAX == SLICE_INTENTS_MAX - 1 {
            tokio::task::yield_now().await;
        }
        read.places.push(element.map(|mut ask| {
            let echo = ask.take_echo();
            read.asks.push(ask);
            echo
        }));
    }
    Ok(read)
}

/// The gate's answers, in order, on their way into a body.
struct Answers<'a> {
    told: Told<'a>,
    answered: std::vec::IntoIter<Answered>,
}

impl Answers<'_> {
    /// Appends the answers of these places, separated by commas.
    fn push(
        &mut self,
        out: &mut Vec<u8>,
        places: &[Result<Echo, FieldError>],
        explain: Option<&impl Door>,
    ) {
        for (n, place) in places.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            match place {
                Err(error) => self.told.refused(out, *error),
                Ok(echo) => {
                    let answered = self.answered.next();
                    self.told.answered(out, echo, answered.as_ref(), explain);
                }
            }
        }
    }
}
