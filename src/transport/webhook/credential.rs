//! Whose credential a request carries.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};

use super::signature::{Signed, one};
use crate::domain::time::UnixSeconds;
use crate::gateway::dialers::{Dialer, DialerSecret};
use crate::wire::dialer::{CredentialKind, CredentialPlace, decoded};

/// Of a request, all that a credential can stand in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Presented<'r> {
    pub(super) headers: &'r HeaderMap,
    pub(super) query: &'r str,
    pub(super) body: &'r [u8],
    /// Wall time.
    pub(super) now: UnixSeconds,
}

/// A key of nobody's: a path without dialers costs what one with a dialer does.
const NOBODY: [u8; 32] = [0; 32];

/// The dialer whose credential it is. All that come into question are tried, so that the time taken
/// does not tell which of them it was (WEBHOOK-2); no two have a secret in common.
pub(super) fn holder(presented: &Presented<'_>, dialers: &[Arc<Dialer>]) -> Option<Arc<Dialer>> {
    let signed = Signed::read(presented.headers, presented.body, presented.now);
    let mut holder = None;
    for dialer in dialers {
        if is_of(presented, signed.as_ref(), dialer) {
            holder = Some(Arc::clone(dialer));
        }
    }
    if let (true, Some(signed)) = (dialers.is_empty(), &signed) {
        let _nobody = signed.is_of(&NOBODY);
    }
    holder
}

fn is_of(presented: &Presented<'_>, signed: Option<&Signed<'_>>, dialer: &Dialer) -> bool {
    let Some(credential) = &dialer.mapping.credential else {
        return false;
    };
    let digest = match credential.kind {
        CredentialKind::Hmac => None,
        CredentialKind::Token => token(presented, credential),
        CredentialKind::Basic => basic(presented.headers),
    };
    let mut fits = false;
    for secret in &dialer.secrets {
        fits |= match secret {
            DialerSecret::Key(key) => signed.is_some_and(|signed| signed.is_of(key)),
            DialerSecret::Digest(known) => {
                digest.is_some_and(|digest| verify_slices_are_equal(&digest, known).is_ok())
            }
        };
    }
    fits
}

/// SHA-256 of the token, so that neither its length nor its bytes show in the time a comparison takes.
fn token(presented: &Presented<'_>, credential: &CredentialPlace) -> Option<[u8; 32]> {
    if let Some(name) = &credential.header {
        let text = one(presented.headers, name)?;
        let bearer = text.split_at_checked(7);
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer "));
        let token = bearer.map_or(text, |(_, token)| token).trim();
        return Some(Sha256::digest(token).into());
    }
    let name = credential.query.as_deref()?;
    let mut found = presented.query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(key)? == name).then(|| decoded(value)).flatten()
    });
    let (first, second) = (found.next()?, found.next());
    second.is_none().then(|| Sha256::digest(first).into())
}

/// SHA-256 of `user:password`.
fn basic(headers: &HeaderMap) -> Option<[u8; 32]> {
    let text = one(headers, "authorization")?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = zeroize::Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    Some(Sha256::digest(&*pair).into())
}
