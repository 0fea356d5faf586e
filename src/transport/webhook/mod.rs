//! Requests that dialers send of themselves: admitted by the dialer's own credential, checked over
//! the body as it came.
//!
//! Invariants
//! - WEBHOOK-1: whoever is not believed hears the same 401, whether the path names a dialer, a closed
//!   one or none, and after the same steps: type, body, credential.
//! - WEBHOOK-2: credentials are compared in constant time, all those of a path whichever fits.

mod credential;
mod signature;
#[cfg(test)]
mod tests;

use super::body::{self, RequestBody};
use super::refusal::Refusal;
use http::request::Parts;

use super::serve::House;
use super::watch::Watch;
use crate::gateway::dialers::WebhookPath;
use crate::gateway::door::{Door, TokenCheck, Webhook};
use crate::wire::dialer::{DialerKind, Encoding};
use crate::wire::limits::GATE_BODY_BYTES_MAX;
use crate::wire::native::Native;
use crate::wire::query::percent_decoded;
use crate::wire::reply::{JSON, Reply};

use self::credential::Presented;

const FORM: &str = "application/x-www-form-urlencoded";

impl<G: Door> House<G> {
    /// Admits, reads and hands on a dialer's report.
    pub(super) async fn webhook(
        &self,
        (does, segment): (Native, &str),
        (head, body): (&Parts, &mut RequestBody),
        watch: &Watch,
        id: &str,
    ) -> Result<Reply, Refusal> {
        let arrived = watch.now();
        let encoding = match body::check_type(&head.headers, &[FORM]) {
            Ok(()) => Encoding::Form,
            Err(_other_type) => {
                body::check_type(&head.headers, &[JSON]).map(|()| Encoding::Json)?
            }
        };
        let bytes = body::whole(body, GATE_BODY_BYTES_MAX).await?;
        watch.work();
        let segment = percent_decoded(segment).unwrap_or_default();
        let path = match does {
            Native::WebhookFive9 => WebhookPath::Kind(DialerKind::Five9),
            Native::WebhookConvoso => WebhookPath::Kind(DialerKind::Convoso),
            Native::WebhookGeneric => WebhookPath::Kind(DialerKind::Generic),
            _ => WebhookPath::Id(&segment),
        };
        let presented = Presented {
            headers: &head.headers,
            query: head.uri.query().unwrap_or_default(),
            body: &bytes,
            now: self.gateway.wall(),
        };
        let dialer = credential::holder(&presented, &self.gateway.dialers_on(path));
        let tenant = dialer
            .as_ref()
            .and_then(|dialer| self.gateway.tenant(dialer.tenant()));
        let (Some(dialer), Some(tenant)) = (dialer, tenant) else {
            self.gateway.count_token(TokenCheck::Refused);
            return Err(Refusal::dialer());
        };
        self.gateway.count_token(TokenCheck::Verified);
        let message_id = signature::signed_id(&dialer, &head.headers);
        let report = Webhook {
            dialer,
            tenant,
            encoding,
            message_id,
            body: bytes.clone(),
            request_id: id,
            arrived,
        };
        Ok(self.gateway.webhook(&self.desk, report).await)
    }
}
