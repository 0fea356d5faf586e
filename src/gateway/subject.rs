//! Personal fields sealed beside a row: salted where randomness is allowed, outside the engine.

use std::cell::RefCell;

use sha2::{Digest as _, Sha256};

use crate::domain::intent::ContactPoint;
use crate::domain::phone::{E164, PhoneNumber};
use crate::engine::commands::SealedSubject;
use crate::wire::disposition::Disposition;
use crate::wire::intent::AskRequest;
use crate::wire::subject::SubjectFields;

/// Random bytes fetched at once, so that a salt is rarely a system call.
const POOL_BYTES: usize = 4096;

struct Pool {
    bytes: [u8; POOL_BYTES],
    left: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_BYTES], left: 0 }) };
}

/// The kernel gave no randomness; nothing personal may be written then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no randomness for a salt")]
pub struct NoRandomness;

/// A fresh salt.
///
/// # Errors
/// [`NoRandomness`].
pub fn salt() -> Result<[u8; 16], NoRandomness> {
    POOL.with_borrow_mut(|pool| {
        if pool.left < 16 {
            let flags = rustix::rand::GetRandomFlags::empty();
            let filled = rustix::rand::getrandom(&mut pool.bytes[..], flags);
            if filled.ok() != Some(POOL_BYTES) {
                return Err(NoRandomness);
            }
            pool.left = POOL_BYTES;
        }
        pool.left -= 16;
        let taken = pool
            .bytes
            .get_mut(pool.left..pool.left + 16)
            .ok_or(NoRandomness)?;
        let salt = <[u8; 16]>::try_from(&*taken).map_err(|_length| NoRandomness)?;
        taken.fill(0);
        Ok(salt)
    })
}

/// Seals personal fields under a fresh salt.
///
/// # Errors
/// [`NoRandomness`].
pub fn seal(bytes: Vec<u8>) -> Result<SealedSubject, NoRandomness> {
    let salt = salt()?;
    let digest = Sha256::new()
        .chain_update(salt)
        .chain_update(&bytes)
        .finalize()
        .into();
    Ok(SealedSubject {
        salt,
        digest,
        bytes,
    })
}

/// What an intent says of somebody.
pub fn of_ask(ask: &AskRequest) -> Vec<u8> {
    let intent = &ask.intent;
    let (phone, email) = match &intent.contact {
        ContactPoint::Phone(number) => (Some(number.e164()), None),
        ContactPoint::Email(address) => (None, Some(&**address)),
        // What is no number is not kept; that it was none decides again the same way.
        ContactPoint::BadEmail => (None, Some("")),
        ContactPoint::BadPhone | ContactPoint::Absent => (None, None),
    };
    let bad_phone = (intent.contact == ContactPoint::BadPhone).then_some("");
    let fields = SubjectFields {
        account_id: (&*intent.account_id).into(),
        actor: None,
        agent_id: ask.agent_id.as_deref().map(Into::into),
        body: ask
            .key
            .as_ref()
            .map(|key| format!("{:032x}", key.body).into()),
        call_id: None,
        campaign_id: ask.campaign_id.as_deref().map(Into::into),
        debt_ids: intent.debt_ids.iter().map(|id| (&**id).into()).collect(),
        email: email.map(Into::into),
        key: ask.key.as_ref().map(|key| (&*key.text).into()),
        person_id: intent.person_id.as_deref().map(Into::into),
        phone: phone
            .as_ref()
            .map(E164::as_str)
            .or(bad_phone)
            .map(Into::into),
        request_id: ask.request_id.as_deref().map(Into::into),
        source_system: Some((&*intent.source_system).into()),
    };
    fields.encode()
}

/// What an outcome says of somebody.
pub fn of_disposition(said: &Disposition) -> Vec<u8> {
    fn text(said: Option<&str>) -> Option<std::borrow::Cow<'_, str>> {
        said.map(Into::into)
    }
    let phone = said.phone.map(PhoneNumber::e164);
    let fields = SubjectFields {
        account_id: text(said.account_id.as_deref()).unwrap_or_default(),
        actor: text(said.actor.as_deref()),
        agent_id: text(said.agent_id.as_deref()),
        call_id: text(said.call_id.as_deref()),
        campaign_id: text(said.campaign_id.as_deref()),
        debt_ids: said.debt_ids.iter().map(|id| (&**id).into()).collect(),
        email: text(said.email.as_deref()),
        person_id: text(said.person_id.as_deref()),
        phone: text(phone.as_ref().map(E164::as_str)),
        source_system: text(said.source_system.as_deref()),
        ..SubjectFields::default()
    };
    fields.encode()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salts_differ_and_seal_the_subject() {
        let salts: std::collections::HashSet<_> = (0..1000).map(|_| salt().unwrap()).collect();
        assert_eq!(salts.len(), 1000);
        let sealed = seal(b"subject".to_vec()).unwrap();
        let mut all = sealed.salt.to_vec();
        all.extend_from_slice(b"subject");
        assert_eq!(sealed.digest, <[u8; 32]>::from(Sha256::digest(&all)));
    }
}
