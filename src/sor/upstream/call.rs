//! One call: from a request to the head of its answer, by as many attempts as are permitted.

use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING};
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;

use super::Upstream;
use super::body::{Answer, Outbound};
use super::connect::connect;
use super::credential::Credential;
use super::lines::{Lease, Line, Lines};
use super::report::one;
use super::site::{Admitted, Placed, Site, SiteKey};

/// Attempts of one call at most, whatever each came to.
const ATTEMPTS_MAX: usize = 4;
/// What a tenant's key is sent in.
pub(super) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// In whose name a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// A verified caller of the tenant's.
    Caller,
    /// Whoever asks: the route is open to everybody.
    Anyone,
    /// The gateway itself.
    Gateway,
}

/// How a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// In whose name.
    pub name: As,
    /// For the head of the answer.
    pub head_timeout: Duration,
    /// Between two pieces of the answer; nothing: it may be silent.
    pub piece_timeout: Option<Duration>,
    /// Doing it twice is doing it once.
    pub repeatable: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nothing was sent: too many calls are under way, or every address is left alone for now.
    #[error("the system is not asked at present")]
    Busy {
        /// When to come again, seconds.
        retry_s: u32,
    },
    /// Nobody took the connection: nothing was sent.
    #[error("the system cannot be reached")]
    Unreachable,
    /// The connection broke after the request was sent: nobody can tell what came of it.
    #[error("the system broke off before it answered")]
    Lost,
    /// No answer in time: nobody can tell what came of it.
    #[error("the system did not answer in time")]
    Timeout,
    /// The caller's own body broke off.
    #[error("the body broke off")]
    BrokenOff,
    /// The tenant's secret was not exchanged for a token: nothing was sent.
    #[error("the system did not exchange the tenant's credential")]
    Login,
}

impl CallError {
    /// Whether the system certainly saw nothing of the call.
    pub fn is_unsent(self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable | Self::Login)
    }
}

/// What came of one attempt.
enum Sent {
    Heard(Response<Incoming>),
    /// Nothing was sent; here it is again.
    Not(Box<Request<Outbound>>),
    Lost,
    BrokenOff,
    Late,
}

impl Upstream {
    /// Makes a call. The request's URI is path and query at the system; its headers are sent as they
    /// are but for `Host` and the tenant's credential.
    ///
    /// Cancellation: dropped, the connection is closed; what the system saw of the request stands.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call(
        &self,
        lines: &Lines,
        request: Request<Outbound>,
        manner: Manner,
    ) -> Result<Response<Answer>, CallError> {
        // A request is large: as a pointer it makes no room in each of the futures it goes through.
        let mut request = Box::new(request);
        self.budget.earn();
        let admitted = self.admit()?;
        let Some(token) = self.authorise(lines, &mut request, manner.name).await? else {
            return self.attempts(lines, request, manner, admitted).await;
        };
        // A token may have been withdrawn at the system: then it is exchanged once more.
        let spare = copy(&request);
        let answer = self.attempts(lines, request, manner, admitted).await?;
        if !is_stale(answer.status()) {
            return Ok(answer);
        }
        self.token.refused(&token);
        let Some(mut again) = spare else {
            return Ok(answer);
        };
        drop(answer);
        let admitted = self.admit()?;
        self.authorise(lines, &mut again, manner.name).await?;
        self.attempts(lines, again, manner, admitted).await
    }

    fn admit(&self) -> Result<Admitted, CallError> {
        Admitted::one_of(&self.calls, self.options.calls_max).ok_or_else(|| {
            one(&self.counts.busy);
            CallError::Busy { retry_s: 1 }
        })
    }

    /// Gives a request its credential; an exchanged token is told.
    async fn authorise(
        &self,
        lines: &Lines,
        request: &mut Request<Outbound>,
        name: As,
    ) -> Result<Option<HeaderValue>, CallError> {
        let headers = request.headers_mut();
        match (&self.credential, name) {
            (Credential::Pass(Some(own)), As::Gateway) => {
                headers.entry(AUTHORIZATION).or_insert_with(|| own.clone());
            }
            (Credential::Pass(_), _) => {}
            (Credential::Exchange(exchange), name) => {
                if let Some(key) = &exchange.beside {
                    headers.insert(X_API_KEY, key.clone());
                }
                if name == As::Anyone {
                    return Ok(None);
                }
                // Boxed, so that a rare exchange makes no room in the future of every call.
                let token = Box::pin(self.exchanged(lines, exchange)).await?;
                let headers = request.headers_mut();
                headers.insert(AUTHORIZATION, token.clone());
                return Ok(Some(token));
            }
            (Credential::Key(key, bearer), name) => {
                headers.insert(X_API_KEY, key.clone());
                if let Some(bearer) = bearer.as_ref().filter(|_| name != As::Anyone) {
                    headers.insert(AUTHORIZATION, bearer.clone());
                }
            }
        }
        Ok(None)
    }

    /// Tries until there is an answer, or no attempt is left.
    pub(super) async fn attempts(
        &self,
        lines: &Lines,
        mut request: Box<Request<Outbound>>,
        manner: Manner,
        admitted: Admitted,
    ) -> Result<Response<Answer>, CallError> {
        let path = request.uri().path_and_query().cloned();
        let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
        let mut spare = manner.repeatable.then(|| copy(&request)).flatten();
        let client_is_late = request.body_mut().watched();
        let (mut tried, mut fresh) = (0_u32, false);
        let mut failed = CallError::Unreachable;
        for _ in 0..ATTEMPTS_MAX {
            let began = self.clock.instant();
            let (number, site) = self.choose(tried, self.ms(began), failed)?;
            let key = SiteKey {
                upstream: self.no,
                site: number,
            };
            let placed = Placed::at(site);
            let kept = lines.take(key).filter(|_| !fresh);
            let was_kept = kept.is_some();
            let line = match kept {
                Some(line) => Some(line),
                None => self.connected(lines, key, site).await,
            };
            let Some(mut line) = line else {
                self.failed(site);
                tried |= 1 << number;
                continue;
            };
            address_to(&mut request, &path, site, &line);
            // A kept connection may have ended just now: that is nobody's failure.
            fresh = true;
            match send(&mut line, request, manner.head_timeout).await {
                Sent::Heard(response) => {
                    site.breaker.answered();
                    one(&self.counts.answered);
                    let lease = Lease {
                        lines: lines.clone(),
                        key,
                        line,
                        _admitted: admitted,
                        _placed: placed,
                        began,
                    };
                    return Ok(begun(response, lease, manner.piece_timeout));
                }
                Sent::Not(back) => request = back,
                Sent::Lost => {
                    failed = CallError::Lost;
                    match spare.take().filter(|_| self.budget.spend()) {
                        Some(copy) => request = copy,
                        None => return Err(self.given_up(site, failed)),
                    }
                    one(&self.counts.retried);
                }
                Sent::BrokenOff => {
                    one(&self.counts.broken_off);
                    return Err(CallError::BrokenOff);
                }
                Sent::Late if client_is_late.get() => {
                    // Says nothing of the system, which waits for the rest as this does.
                    one(&self.counts.timeouts);
                    return Err(CallError::Timeout);
                }
                Sent::Late => return Err(self.given_up(site, CallError::Timeout)),
            }
            if !was_kept {
                self.failed(site);
                // Elsewhere, if there is an elsewhere.
                tried |= u32::from(self.sites.len() > 1) << number;
            }
        }
        one(&self.counts.unreachable);
        Err(failed)
    }

    /// Counts a call that nothing more is tried for.
    fn given_up(&self, site: &Site, why: CallError) -> CallError {
        self.failed(site);
        one(match why {
            CallError::Timeout => &self.counts.timeouts,
            _ => &self.counts.unreachable,
        });
        why
    }

    async fn connected(&self, lines: &Lines, key: SiteKey, site: &Site) -> Option<Line> {
        let timeout = self.options.connect_timeout;
        let line = connect(&site.address, self.tls.as_ref(), timeout).await;
        let line = line.map_err(|why| tracing::debug!(%why, "no connection to a system"));
        if let Ok(Line::Http2(line)) = &line {
            lines.keep_http2(key, line);
        }
        line.ok()
    }

    fn failed(&self, site: &Site) {
        let now_ms = self.ms(self.clock.instant());
        site.breaker.failed(self.rule(), now_ms);
    }

    /// The address with fewest calls, healthy ones first, that was not tried and is not left alone.
    fn choose(
        &self,
        tried: u32,
        now_ms: u64,
        failed: CallError,
    ) -> Result<(usize, &Arc<Site>), CallError> {
        let (rule, count) = (self.rule(), self.sites.len());
        let turn = match count {
            1 => 0,
            _ => self.turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
        };
        let mut out = tried;
        let order = std::sync::atomic::Ordering::Relaxed;
        loop {
            let left = self.sites.iter().enumerate();
            let left = left.filter(|(number, _)| out & (1 << number) == 0);
            // Among equals they take turns.
            let place = |number: usize| (number + turn) % count.max(1);
            let best = left.min_by_key(|(number, site)| {
                let ill = !site.healthy.load(order);
                (ill, site.calls.load(order), place(*number))
            });
            let Some((number, site)) = best else {
                break;
            };
            if site.breaker.admits(rule, now_ms) {
                return Ok((number, site));
            }
            out |= 1 << number;
        }
        if tried != 0 {
            one(&self.counts.unreachable);
            return Err(failed);
        }
        one(&self.counts.busy);
        let spans = self.sites.iter().map(|site| site.breaker.wait_ms(now_ms));
        let retry_s = spans.min().unwrap_or(0).div_ceil(1_000).max(1);
        Err(CallError::Busy {
            retry_s: u32::try_from(retry_s).unwrap_or(u32::MAX),
        })
    }
}

/// Whether a system says so that it does not take a token any more: 419 is the portal's word for a
/// session that has ended.
fn is_stale(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 419)
}

/// An answer whose head is here.
fn begun(
    response: Response<Incoming>,
    lease: Lease,
    patience: Option<Duration>,
) -> Response<Answer> {
    let goes_on = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    response.map(|body| Answer::new(body, lease, patience, goes_on))
}

/// The same request again, if its body can be had again.
fn copy(request: &Request<Outbound>) -> Option<Box<Request<Outbound>>> {
    let mut again = Request::new(request.body().again()?);
    again.method_mut().clone_from(request.method());
    again.uri_mut().clone_from(request.uri());
    again.headers_mut().clone_from(request.headers());
    Some(Box::new(again))
}

/// Writes on a request to whom it goes. `path` keeps its bytes, behind the address's base.
pub(super) fn address_to(
    request: &mut Request<Outbound>,
    path: &PathAndQuery,
    site: &Site,
    line: &Line,
) {
    let address = &site.address;
    let path = if address.base.is_empty() {
        path.clone()
    } else {
        let joined = format!("{}{path}", address.base);
        // Both halves were valid, so the whole is.
        PathAndQuery::try_from(joined).unwrap_or_else(|_never| path.clone())
    };
    let mut parts = http::uri::Parts::default();
    parts.path_and_query = Some(path);
    *request.version_mut() = Version::HTTP_11;
    match line {
        Line::Http1(_) => {
            let host = address.host_header().clone();
            let headers = request.headers_mut();
            headers.insert(HOST, host);
            // A word of this connection's: only over HTTP/2 is it one between the two ends.
            if headers.remove(TE).is_some() {
                headers.remove(CONNECTION);
            }
        }
        Line::Http2(_) => {
            request.headers_mut().remove(HOST);
            parts.scheme = Some(Scheme::HTTPS);
            parts.authority = Some(address.authority().clone());
            *request.version_mut() = Version::HTTP_2;
        }
    }
    // Parts of one valid URI make a valid URI.
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
}

async fn send(line: &mut Line, request: Box<Request<Outbound>>, timeout: Duration) -> Sent {
    let sent = match line {
        Line::Http1(line) => tokio::time::timeout(timeout, line.try_send_request(*request)).await,
        Line::Http2(line) => tokio::time::timeout(timeout, line.try_send_request(*request)).await,
    };
    match sent {
        Err(_late) => Sent::Late,
        // Where it ends is said in two ways: nothing of it can be believed.
        Ok(Ok(response)) if is_ambiguous(response.headers()) => Sent::Lost,
        Ok(Ok(response)) => Sent::Heard(response),
        Ok(Err(error)) => unsent(error),
    }
}

/// Whether two readers could take an answer's body for two different ones: a length beside a coding,
/// several of either, a coding that is not taken off here (RFC 9112, 6.3).
fn is_ambiguous(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let framed = match (lengths.next(), codings.next()) {
        (None, None) => true,
        (Some(length), None) => length.as_bytes().iter().all(u8::is_ascii_digit),
        (None, Some(coding)) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    };
    !framed || lengths.next().is_some() || codings.next().is_some()
}

/// The status of an answer whose body nobody reads.
pub(super) async fn status_of(line: &mut Line, request: Request<Outbound>) -> Option<u16> {
    let response = match line {
        Line::Http1(line) => line.try_send_request(request).await,
        Line::Http2(line) => line.try_send_request(request).await,
    };
    Some(response.ok()?.status().as_u16())
}

fn unsent(mut error: TrySendError<Request<Outbound>>) -> Sent {
    if let Some(request) = error.take_message() {
        return Sent::Not(Box::new(request));
    }
    if error.error().is_user() {
        return Sent::BrokenOff;
    }
    Sent::Lost
}
