//! From a dialer's call to the report every outcome is brought by.

use sha2::{Digest as _, Sha256};

use super::call::DialerCall;
use crate::domain::hex::hex;
use crate::domain::phone::PhoneNumber;
use crate::domain::time::UnixSeconds;
use crate::wire::disposition::Disposition;
use crate::wire::email;
use crate::wire::field::{FieldCode, FieldError};

/// Reports without a call id, a message id and an instant are one report when their bytes are the
/// same and they arrive within the same span of so many seconds: a repeat that a dialer sends again
/// for want of an answer. Later the same bytes are another call.
const SAME_CALL_S: i64 = 300;
/// What the id of a call begins with that its dialer gave none.
const DERIVED_PREFIX: &str = "derived-";
/// Bytes of the hash in it.
const DERIVED_BYTES: usize = 20;

/// What tells one message from the next where the body does not.
#[derive(Debug, Clone, Copy)]
pub struct Message<'m> {
    /// The id its sender signed.
    pub id: Option<&'m str>,
    /// The whole body.
    pub body: &'m [u8],
    /// When it arrived.
    pub now: UnixSeconds,
}

impl DialerCall {
    /// The report, in the name of the dialer `id`.
    ///
    /// # Errors
    /// [`FieldError`]: what stands for a number or an address is none.
    pub fn report(self, dialer_id: &str, message: Message<'_>) -> Result<Disposition, FieldError> {
        let call_id = self.call_id.clone();
        let call_id = call_id.unwrap_or_else(|| derived(&self, dialer_id, message).into());
        let phone = self.number()?;
        let email = match self.email.as_deref().map(email::normalise) {
            None => None,
            Some(Some(address)) => Some(address.into()),
            Some(None) => return Err(FieldError::of("email", FieldCode::InvalidEmail)),
        };
        Ok(Disposition {
            account_id: self.account_id,
            audit_id: self.audit_id,
            phone,
            email,
            channel: Some(self.channel),
            channel_basis: self.channel_basis,
            direction: self.direction,
            occurred_at: self.occurred_at,
            duration_s: self.duration_s,
            agent_id: self.agent_id,
            call_id: Some(call_id),
            reason: self.cause,
            campaign_id: self.campaign_id,
            source_system: Some(dialer_id.into()),
            ..Disposition::of(self.meant.outcome)
        })
    }

    /// The number. Of a caller who shows none (`anonymous`) the account is enough.
    fn number(&self) -> Result<Option<PhoneNumber>, FieldError> {
        let Some(text) = &self.phone else {
            return Ok(None);
        };
        match PhoneNumber::parse(text) {
            Ok(number) => Ok(Some(number)),
            Err(_none) if self.account_id.is_some() && !has_digit(text) => Ok(None),
            Err(_none) => Err(FieldError::of("phone", FieldCode::InvalidPhone)),
        }
    }
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// An id that a repeat of the message gets again, and another call does not.
fn derived(call: &DialerCall, dialer_id: &str, message: Message<'_>) -> String {
    let mut hash = Sha256::new_with_prefix(dialer_id);
    if let Some(id) = message.id {
        hash.update(b" id ");
        hash.update(id);
    } else {
        hash.update(b" body ");
        if call.occurred_at.is_none() {
            let span = message.now.0.div_euclid(SAME_CALL_S);
            hash.update(span.to_be_bytes());
        }
        hash.update(message.body);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let short = hash.get(..DERIVED_BYTES).unwrap_or_default();
    format!("{DERIVED_PREFIX}{}", hex(short))
}
