//! Calls of the gateway's own: look-ups, hydration, letters, logging in.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt as _, Limited};

use super::Upstream;
use super::body::{Answer, Outbound};
use super::call::{As, CallError, Manner, X_API_KEY};
use super::credential::Exchange;
use super::lines::Lines;
use super::report::one;
use super::site::Admitted;
use crate::sor::call::{Heard, Request as Own};
use crate::wire::limits::HEARD_BYTES_MAX;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("dialgate/", env!("CARGO_PKG_VERSION")));

/// A call of the gateway's own.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// What is asked.
    pub request: &'a Own,
    /// `Authorization` of the caller on whose behalf, for a tenant whose callers' own tokens are
    /// passed on.
    pub authorization: Option<&'a HeaderValue>,
    /// What the system may know the call by when it comes twice.
    pub idempotency_key: Option<&'a str>,
    /// For the whole answer.
    pub timeout: Duration,
}

/// Why nothing was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// There was no answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The answer broke off or took too long.
    #[error("the answer broke off")]
    BrokenOff,
    /// The answer has more than [`HEARD_BYTES_MAX`] bytes.
    #[error("the answer is too long")]
    TooLong,
    /// The request is none: its method, path or key cannot be sent.
    #[error("the request cannot be sent")]
    Unsendable,
}

impl Upstream {
    /// Makes a call of the gateway's own and reads the answer whole, whatever its status. On any
    /// thread whose runtime is a local one.
    ///
    /// Cancellation: as [`Upstream::call`].
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn ask(&self, lines: &Lines, asking: Asking<'_>) -> Result<Heard, AskError> {
        let mut request = request_of(asking.request).ok_or(AskError::Unsendable)?;
        let headers = request.headers_mut();
        if let Some(authorization) = asking.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if let Some(key) = asking.idempotency_key {
            let key = HeaderValue::from_str(key).map_err(|_odd| AskError::Unsendable)?;
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        let manner = Manner {
            name: As::Gateway,
            head_timeout: asking.timeout,
            piece_timeout: None,
            repeatable: asking.request.idempotent,
            send_by: None,
        };
        let asked = async { heard(self.call(lines, request, manner).await?).await };
        let asked = tokio::time::timeout(asking.timeout, asked).await;
        asked.map_err(|_late| CallError::Timeout)?
    }

    /// The token the tenant's secret stands for, exchanged if need be by one call at a time.
    pub(super) async fn exchanged(
        &self,
        lines: &Lines,
        exchange: &Exchange,
    ) -> Result<HeaderValue, CallError> {
        let now = self.clock.wall();
        if let Some(held) = self.token.fresh(now) {
            return Ok(held.header.clone());
        }
        let _one_at_a_time = self.token.exchanging.lock().await;
        if let Some(held) = self.token.fresh(now) {
            return Ok(held.header.clone());
        }
        if !self.token.may_exchange(self.ms(self.clock.instant())) {
            return Err(CallError::Login);
        }
        let token = self.log_in(lines, exchange).await;
        let held = token.and_then(|token| self.token.hold(&token, self.clock.wall()));
        let Some(held) = held else {
            self.token.pause(self.ms(self.clock.instant()));
            return Err(CallError::Login);
        };
        Ok(held.header.clone())
    }

    async fn log_in(
        &self,
        lines: &Lines,
        exchange: &Exchange,
    ) -> Option<crate::sor::dialect::Token> {
        one(&self.counts.logins);
        let dialect = self.dialect.as_ref()?;
        let pin = exchange.pin.as_ref().map(|pin| pin.as_str());
        let mut request = request_of(&dialect.login(&exchange.key, pin)?)?;
        if let Some(key) = &exchange.beside {
            request.headers_mut().insert(X_API_KEY, key.clone());
        }
        let timeout = self.options.timeout;
        let manner = Manner {
            name: As::Anyone,
            head_timeout: timeout,
            piece_timeout: Some(timeout),
            repeatable: false,
            send_by: None,
        };
        // Not in the count of calls: every other waits for it.
        let answer = self.attempts(lines, Box::new(request), manner, Admitted::uncounted());
        let heard = heard(answer.await.ok()?).await.ok()?;
        dialect.token(&heard)
    }
}

/// A request of the gateway's own as HTTP has it.
fn request_of(own: &Own) -> Option<Request<Outbound>> {
    let body = own.body.clone().map(Outbound::whole).unwrap_or_default();
    let mut request = Request::new(body);
    *request.method_mut() = Method::from_bytes(own.method.as_bytes()).ok()?;
    *request.uri_mut() = own.path.parse().ok()?;
    let is_path = own.path.starts_with('/') && request.uri().authority().is_none();
    let headers = request.headers_mut();
    headers.insert(ACCEPT, JSON);
    headers.insert(USER_AGENT, AGENT);
    if let Some(body) = &own.body {
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    is_path.then_some(request)
}

/// Reads an answer whole.
///
/// # Errors
/// [`AskError::TooLong`], [`AskError::BrokenOff`].
async fn heard(answer: Response<Answer>) -> Result<Heard, AskError> {
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, HEARD_BYTES_MAX).collect().await;
    let body = body.map_err(|why| {
        let broken = why.is::<super::body::BodyFault>();
        if broken {
            AskError::BrokenOff
        } else {
            AskError::TooLong
        }
    })?;
    Ok(Heard {
        status: head.status.as_u16(),
        body: body.to_bytes(),
    })
}
