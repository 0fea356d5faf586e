//! The line over HTTP/1.1 and HTTP/2.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::{Read, Recovery, Trouble, rest};
use crate::client::answer::{self, Heard, HeardReport};
use crate::client::disposition::{Disposition, ReportError, Reported};
use crate::client::gauges::Gauges;
use crate::client::intent::Question;
use crate::client::key;
use crate::client::limits::{
    ANSWER_BYTES_MAX, ANSWERS_BYTES_MAX, CONNECT_MS_MAX, IDLE_MS, KEEP_ALIVE_MS,
};
use crate::client::settings::{Checked, Protocol};
use crate::client::token::Token;
use crate::clock::Clock;

const ASK: &str = "/api/gate/contact-intent";
const ASK_TOGETHER: &str = "/api/gate/contact-intents";
/// The route that has the account in the body: a path may be written down on the way.
const REPORT: &str = "/api/compliance/record-attempt";
const USE_BY: HeaderName = HeaderName::from_static("dialgate-use-by");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

type Pool = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Connections that carry requests.
#[derive(Debug)]
pub(in crate::client) struct HttpLine {
    /// One pool for HTTP/1.1, where each request takes a connection; one for each connection of
    /// HTTP/2, where a pool has only one.
    pools: Vec<Pool>,
    turn: AtomicUsize,
    origin: String,
    recovery: Recovery,
    clock: Clock,
    gauges: Arc<Gauges>,
}

impl HttpLine {
    pub(super) fn to(checked: &Checked, clock: &Clock, gauges: &Arc<Gauges>) -> Self {
        let multiplexed = checked.address.protocol == Protocol::Http2;
        let count = if multiplexed { checked.connections } else { 1 };
        Self {
            pools: (0..count).map(|_| pool(checked, multiplexed)).collect(),
            turn: AtomicUsize::new(0),
            origin: checked.address.to_string(),
            recovery: Recovery::default(),
            clock: clock.clone(),
            gauges: Arc::clone(gauges),
        }
    }

    pub(super) async fn ask(&self, token: &Token, question: &Question) -> Result<Read, Trouble> {
        let body = question.bytes.clone();
        let heard = self.post(ASK, token, body, ANSWER_BYTES_MAX).await?;
        Ok(answer::single(question, &heard))
    }

    pub(super) async fn ask_together(
        &self,
        token: &Token,
        questions: &[&Question],
    ) -> Result<Vec<Read>, Trouble> {
        let body = list(questions);
        let heard = self
            .post(ASK_TOGETHER, token, body, ANSWERS_BYTES_MAX)
            .await?;
        Ok(answer::batch(questions, &heard))
    }

    pub(super) async fn report(
        &self,
        token: &Token,
        said: &Disposition,
        body: &Bytes,
    ) -> Result<Result<Reported, ReportError>, Trouble> {
        let heard = self
            .post(REPORT, token, body.clone(), ANSWER_BYTES_MAX)
            .await?;
        Ok(answer::report(&HeardReport {
            account_id: &said.account_id,
            outcome: said.outcome.as_str(),
            status: heard.status,
            body: &heard.body,
        }))
    }

    /// One request and its whole answer.
    async fn post(
        &self,
        path: &str,
        token: &Token,
        body: Bytes,
        answer_bytes_max: usize,
    ) -> Result<Heard, Trouble> {
        let credential = HeaderValue::from_str(&format!("Bearer {}", token.as_str()));
        let mut credential = credential.map_err(|_unusable| Trouble::Unreachable)?;
        credential.set_sensitive(true);
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{path}", self.origin))
            .header(AUTHORIZATION, credential)
            .header(CONTENT_TYPE, JSON)
            .body(Full::new(body))
            .map_err(|_unusable| Trouble::Unreachable)?;
        rest(self.recovery.wait(self.clock.instant())).await;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let at = turn.checked_rem(self.pools.len()).unwrap_or(0);
        let pool = self.pools.get(at).ok_or(Trouble::Unreachable)?;
        let answered = match pool.request(request).await {
            Ok(answered) => answered,
            Err(error) if error.is_connect() => {
                self.recovery.failed(self.clock.instant(), key::dice());
                return Err(Trouble::Unreachable);
            }
            Err(_broke) => {
                self.recovery.broke();
                return Err(Trouble::Disconnected);
            }
        };
        if self.recovery.stands() {
            self.gauges.reconnect();
        }
        let (head, body) = answered.into_parts();
        let whole = Limited::new(body, answer_bytes_max).collect().await;
        let body = whole.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return Trouble::TooLong;
            }
            self.recovery.broke();
            Trouble::Disconnected
        })?;
        Ok(Heard {
            status: head.status.as_u16(),
            use_by: once(&head.headers, &USE_BY),
            date: once(&head.headers, &DATE),
            body: body.to_bytes(),
        })
    }
}

/// A header that stands there once; of two nobody knows which holds.
fn once(headers: &HeaderMap, name: &HeaderName) -> Option<Box<str>> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(value), None) => value.to_str().ok().map(Into::into),
        _ => None,
    }
}

/// A JSON list of questions, each with the bytes it has alone.
fn list(questions: &[&Question]) -> Bytes {
    let bytes: usize = questions.iter().map(|one| one.bytes.len() + 1).sum();
    let mut all = BytesMut::with_capacity(bytes + 2);
    all.put_u8(b'[');
    for (n, question) in questions.iter().enumerate() {
        if n > 0 {
            all.put_u8(b',');
        }
        all.put_slice(&question.bytes);
    }
    all.put_u8(b']');
    all.freeze()
}

fn pool(checked: &Checked, multiplexed: bool) -> Pool {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(Duration::from_millis(CONNECT_MS_MAX)));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(checked.trust.clone())
        .https_or_http();
    let connector = if multiplexed {
        connector.enable_http2().wrap_connector(tcp)
    } else {
        connector.enable_http1().wrap_connector(tcp)
    };
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_millis(IDLE_MS))
        .pool_max_idle_per_host(checked.connections);
    if multiplexed {
        // A connection whose other end is silent is given up; its deadline ends only the question.
        builder
            .http2_only(true)
            .http2_keep_alive_interval(Duration::from_millis(KEEP_ALIVE_MS))
            .http2_keep_alive_timeout(Duration::from_millis(KEEP_ALIVE_MS));
    }
    builder.build(connector)
}
