//! Exchanging API key and pin for a token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::domain::time::UnixSeconds;
use crate::sor::call::{Heard, Request};
use crate::sor::dialect::{Token, Verdict};
use crate::wire::limits::TOKEN_BYTES_MAX;

/// The request.
pub(super) fn login(key: &str, pin: &str) -> Request {
    super::json(
        "POST",
        "/login",
        &serde_json::json!({ "apikey": key, "pin": pin }),
        true,
    )
}

/// The token in its answer. One that could not stand in a header is none.
pub(super) fn token(heard: &Heard) -> Option<Token> {
    if super::envelope::verdict(heard) != Verdict::Done {
        return None;
    }
    let answer: Value = serde_json::from_slice(&heard.body).ok()?;
    let bearer = answer.get("result")?.get("access_token")?.as_str()?.trim();
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    let fits =
        !bearer.is_empty() && bearer.len() <= TOKEN_BYTES_MAX && bearer.bytes().all(is_plain);
    fits.then(|| Token {
        bearer: bearer.to_owned(),
        ends: ends(bearer),
    })
}

/// `exp` of a JWT. One that does not lie behind `iat` is as good as unreadable: the sample's does not.
fn ends(bearer: &str) -> Option<UnixSeconds> {
    let payload = bearer.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
    let exp = seconds("exp")?;
    let begins = seconds("iat").or_else(|| seconds("nbf")).unwrap_or(0);
    let within = (UnixSeconds::MIN.0..=UnixSeconds::MAX.0).contains(&exp);
    (within && exp > begins).then_some(UnixSeconds(exp))
}
