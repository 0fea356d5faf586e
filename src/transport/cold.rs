//! Every route but the gate's.

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use super::auth::Credential;
use super::body::{self, Pieces, RequestBody};
use super::refusal::Refusal;
use super::route::Route;
use super::serve::{House, id_text, require};
use super::stream::StreamOf;
use super::watch::Watch;
use crate::gateway::door::{Door, HealthKind, IngestFormat};
use crate::wire::head::ChainHead;
use crate::wire::reply::{JSON, Reply};
use crate::wire::scopes::Scope;

/// Content types of an uploaded portfolio.
const JSON_TYPES: [&str; 1] = [JSON];
const LINES_TYPES: [&str; 1] = ["application/x-ndjson"];
pub(super) const CSV_TYPES: [&str; 1] = ["text/csv"];
/// Request header of an upload: only behind this head.
const IF_HEAD: &str = "dialgate-if-head";

impl<G: Door> House<G> {
    /// Answers a request of any route but the gate's own.
    pub(super) async fn cold(
        &self,
        route: Option<Route<'_>>,
        head: &Parts,
        body: &mut RequestBody,
        watch: &Watch,
        id: &HeaderValue,
    ) -> Reply {
        let gate = matches!(
            route,
            Some(Route::ContactIntent | Route::ContactIntents | Route::Stream(StreamOf::Intents))
        );
        match self.cold_reply(route, head, body, watch, id_text(id)).await {
            Ok(reply) => reply,
            Err(refusal) => {
                body::discard(&head.headers, body).await;
                if gate {
                    refusal.gate_reply(None, None, id_text(id))
                } else {
                    refusal.problem_reply(id_text(id))
                }
            }
        }
    }

    async fn cold_reply(
        &self,
        route: Option<Route<'_>>,
        head: &Parts,
        body: &mut RequestBody,
        watch: &Watch,
        id: &str,
    ) -> Result<Reply, Refusal> {
        let route = route.ok_or(Refusal::NOT_FOUND)?;
        if !route.has(&head.method) {
            return Err(Refusal::method(route.allow()));
        }
        match route {
            Route::Native(spec, segment) => {
                let op = spec.op(head.method.as_str());
                let op = op.ok_or_else(|| Refusal::method(spec.allow()))?;
                self.native((op, segment), (head, body), watch, id).await
            }
            Route::Ingest(format) => self.ingest(format, head, body, watch, id).await,
            Route::Health(kind) => self.health(kind, head).await,
            Route::Version => Ok(self.gateway.version()),
            Route::Metrics => Ok(self.gateway.metrics()),
            // Their one method is served elsewhere.
            Route::ContactIntent | Route::ContactIntents | Route::Stream(_) => {
                Err(Refusal::method(route.allow()))
            }
        }
    }

    async fn admit(&self, head: &Parts, scope: Scope) -> Result<Credential, Refusal> {
        let credential = self.credential(&head.headers).await?;
        require(&credential.caller, scope)?;
        Ok(credential)
    }

    async fn ingest(
        &self,
        format: IngestFormat,
        head: &Parts,
        body: &mut RequestBody,
        watch: &Watch,
        id: &str,
    ) -> Result<Reply, Refusal> {
        let credential = self.admit(head, Scope::FactsWrite).await?;
        let format = match format {
            IngestFormat::Csv | IngestFormat::Numbers(_) => {
                body::check_type(&head.headers, &CSV_TYPES).map(|()| format)?
            }
            IngestFormat::Json | IngestFormat::Lines => {
                // The type says which of the two it is; a wrong one is refused as JSON's.
                let lines = body::check_type(&head.headers, &LINES_TYPES);
                let json = || body::check_type(&head.headers, &JSON_TYPES);
                match lines {
                    Ok(()) => IngestFormat::Lines,
                    Err(_other_type) => json().map(|()| IngestFormat::Json)?,
                }
            }
        };
        let behind = behind(&head.headers)?;
        let end = watch.now() + self.limits.options.ingest_timeout;
        let mut pieces = Pieces::new(body, watch, self.limits.options.ingest_bytes_max, end);
        let caller = &credential.caller;
        Ok(self
            .gateway
            .ingest(caller, format, behind, &mut pieces, id)
            .await)
    }

    /// Probes ask without a credential; one that is sent must be good.
    async fn health(&self, kind: HealthKind, head: &Parts) -> Result<Reply, Refusal> {
        let probe = matches!(kind, HealthKind::Liveness | HealthKind::Readiness);
        if probe || !head.headers.contains_key(AUTHORIZATION) {
            return Ok(self.gateway.health(kind, None));
        }
        let credential = self.credential(&head.headers).await?;
        Ok(self.gateway.health(kind, Some(&credential.caller)))
    }
}

/// The head an upload continues from, if it says so. One that cannot be read is refused: taken for
/// none, it would let an upload go on where it must begin anew.
fn behind(headers: &HeaderMap) -> Result<Option<ChainHead>, Refusal> {
    let mut sent = headers.get_all(IF_HEAD).iter();
    let Some(first) = sent.next() else {
        return Ok(None);
    };
    let head = first.to_str().ok().and_then(ChainHead::parse);
    match (head, sent.next()) {
        (Some(head), None) => Ok(Some(head)),
        _ => Err(Refusal::HEADER_INVALID),
    }
}
