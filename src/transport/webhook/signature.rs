//! Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, in the header `webhook-signature`.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use crate::domain::time::UnixSeconds;
use crate::gateway::dialers::Dialer;
use crate::wire::dialer::CredentialKind;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
/// What stands before a signature of the kind read here.
const VERSION: &str = "v1,";

/// How far a message's instant may lie from now, either way, seconds.
pub(super) const WINDOW_S: i64 = 300;
/// Signatures of one message that are looked at.
const SIGNATURES_MAX: usize = 16;
/// Bytes of a message's id.
const ID_BYTES_MAX: usize = 256;

/// What a message says of its signature; `None` when a header is missing, stands there twice, is
/// none of its kind, or the instant lies outside the window.
#[derive(Debug)]
pub(super) struct Signed<'r> {
    /// `id.timestamp.`, which is signed before the body.
    prefix: String,
    signatures: Vec<[u8; 32]>,
    body: &'r [u8],
}

impl<'r> Signed<'r> {
    pub(super) fn read(headers: &HeaderMap, body: &'r [u8], now: UnixSeconds) -> Option<Self> {
        let id = one(headers, ID).filter(|id| (1..=ID_BYTES_MAX).contains(&id.len()))?;
        let timestamp = one(headers, TIMESTAMP)?;
        let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let sent: i64 = timestamp.parse().ok().filter(|_| digits)?;
        if now.0.abs_diff(sent) > WINDOW_S.unsigned_abs() {
            return None;
        }
        let listed = one(headers, SIGNATURE)?.split(' ');
        let listed = listed.filter_map(|text| text.strip_prefix(VERSION));
        let listed = listed.take(SIGNATURES_MAX).filter_map(|text| {
            let bytes = STANDARD.decode(text).ok()?;
            <[u8; 32]>::try_from(bytes).ok()
        });
        Some(Self {
            prefix: format!("{id}.{timestamp}."),
            signatures: listed.collect(),
            body,
        })
    }

    /// Whether one of the signatures is the key's. Each is compared in constant time, and all are.
    pub(super) fn is_of(&self, key: &[u8]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let mut context = hmac::Context::with_key(&key);
        context.update(self.prefix.as_bytes());
        context.update(self.body);
        let made = context.sign();
        let mut fits = false;
        for signature in &self.signatures {
            let same = aws_lc_rs::constant_time::verify_slices_are_equal(signature, made.as_ref());
            fits |= same.is_ok();
        }
        fits
    }
}

/// The id that a dialer's message was signed with; nothing where dialers sign nothing.
pub(super) fn signed_id<'r>(dialer: &Dialer, headers: &'r HeaderMap) -> Option<&'r str> {
    let credential = dialer.mapping.credential.as_ref()?;
    (credential.kind == CredentialKind::Hmac)
        .then(|| one(headers, ID))
        .flatten()
}

/// A header that stands there once, in visible ASCII.
pub(super) fn one<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
    let mut all = headers.get_all(name).iter();
    let (first, second) = (all.next()?, all.next());
    second.is_none().then(|| first.to_str().ok()).flatten()
}
