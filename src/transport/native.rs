//! Native routes besides the gate's own: admitted and read by their row of the table.

use bytes::Bytes;
use http::request::Parts;

use super::auth::AuthError;
use super::body::{self, Pieces, RequestBody};
use super::cold::CSV_TYPES;
use super::refusal::Refusal;
use super::serve::House;
use super::watch::Watch;
use crate::gateway::door::{Door, Errand, IngestFormat};
use crate::wire::ingest::ListEdit;
use crate::wire::limits::CALLER_TEXT_BYTES_MAX;
use crate::wire::native::{Access, Body, Native, Op};
use crate::wire::query::percent_decoded;
use crate::wire::reply::{JSON, Reply};
use crate::wire::scopes::Scope;

const JSON_TYPES: [&str; 1] = [JSON];
/// Content types of what dialers send of themselves.
const FORM_TYPES: [&str; 2] = [JSON, "application/x-www-form-urlencoded"];

impl<G: Door> House<G> {
    /// Admits, reads and hands on a request of the table.
    pub(super) async fn native(
        &self,
        (op, segment): (&Op, &str),
        (head, body): (&Parts, &mut RequestBody),
        watch: &Watch,
        id: &str,
    ) -> Result<Reply, Refusal> {
        if op.access == Access::Dialer {
            return self
                .webhook((op.does, segment), (head, body), watch, id)
                .await;
        }
        let arrived = watch.now();
        let caller = match op.access {
            Access::AnyOf(_) => {
                let credential = self.credential(&head.headers).await?;
                if !op.access.admits(credential.caller.scopes) {
                    return Err(missing_scope(op));
                }
                Some(credential.caller)
            }
            Access::Dialer => return Err(AuthError::NoToken.into()),
            Access::Open => None,
        };
        if let (Body::JsonOrCsv { .. }, Some(caller)) = (op.body, &caller)
            && let Some(format) = csv_of(op.does)
            && body::check_type(&head.headers, &CSV_TYPES).is_ok()
        {
            let end = arrived + self.limits.options.ingest_timeout;
            let bytes_max = self.limits.options.ingest_bytes_max;
            let mut pieces = Pieces::new(body, watch, bytes_max, end);
            let taken = self.gateway.ingest(caller, format, None, &mut pieces, id);
            return Ok(taken.await);
        }
        let bytes = match op.body {
            Body::None => Bytes::new(),
            Body::Json { bytes_max } | Body::JsonOrCsv { bytes_max } => {
                body::check_type(&head.headers, &JSON_TYPES)?;
                body::whole(body, bytes_max).await?
            }
            Body::JsonOrForm { bytes_max } => {
                body::check_type(&head.headers, &FORM_TYPES)?;
                body::whole(body, bytes_max).await?
            }
        };
        watch.work();
        // Nothing has a longer name, so there is nothing of this one.
        let segment = percent_decoded(segment)
            .filter(|segment| segment.len() <= CALLER_TEXT_BYTES_MAX)
            .ok_or(Refusal::NOT_FOUND)?
            .into();
        let errand = Errand {
            does: op.does,
            segment,
            query: head.uri.query().unwrap_or_default(),
            body: bytes,
            request_id: id,
            arrived,
        };
        let answered = self.gateway.errand(&self.desk, caller.as_ref(), errand);
        Ok(answered.await)
    }
}

/// What the CSV of a route that also takes JSON is about.
fn csv_of(does: Native) -> Option<IngestFormat> {
    match does {
        Native::DncAdd => Some(IngestFormat::Numbers(ListEdit::Add)),
        Native::DncRemove => Some(IngestFormat::Numbers(ListEdit::Remove)),
        _ => None,
    }
}

/// The refusal of a token without any of the scopes: it names the first.
pub(super) fn missing_scope(op: &Op) -> Refusal {
    let wanted = match op.access {
        Access::AnyOf(scopes) => scopes.first().copied(),
        Access::Dialer | Access::Open => None,
    };
    AuthError::MissingScope(wanted.unwrap_or(Scope::Admin)).into()
}
