//! A bearer token as a system gives it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::Token;
use crate::domain::time::UnixSeconds;
use crate::wire::limits::TOKEN_BYTES_MAX;

/// The token a text is. One that could not stand in a header is none.
pub(super) fn token(text: &str) -> Option<Token> {
    let text = text.trim();
    // RFC 6750, and the bar of tokens that begin with their number.
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=|".contains(&b);
    let fits = !text.is_empty() && text.len() <= TOKEN_BYTES_MAX && text.bytes().all(is_plain);
    fits.then(|| Token {
        bearer: text.to_owned(),
        ends: ends(text),
    })
}

/// `exp` of a JWT. One that does not lie behind `iat` is as good as unreadable: the sample's does not.
fn ends(text: &str) -> Option<UnixSeconds> {
    let payload = text.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
    let exp = seconds("exp")?;
    let begins = seconds("iat").or_else(|| seconds("nbf")).unwrap_or(0);
    let within = (UnixSeconds::MIN.0..=UnixSeconds::MAX.0).contains(&exp);
    (within && exp > begins).then_some(UnixSeconds(exp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_when_it_ends_if_it_is_a_jwt_that_does() {
        let jwt = |claims: &str| format!("e30.{}.s", URL_SAFE_NO_PAD.encode(claims));
        for (text, ends) in [
            ("1|opaque".to_owned(), None),
            (
                jwt(r#"{"iat":1800000000,"exp":1800000900}"#),
                Some(1_800_000_900),
            ),
            (
                jwt(r#"{"nbf":1800000000,"exp":1800000900}"#),
                Some(1_800_000_900),
            ),
            (jwt(r#"{"iat":1800000900,"exp":1800000900}"#), None),
            (jwt(r#"{"exp":"soon"}"#), None),
            ("a.b.c".to_owned(), None),
        ] {
            let token = token(&text).unwrap();
            assert_eq!((token.bearer, token.ends), (text, ends.map(UnixSeconds)));
        }
    }

    #[test]
    fn what_could_not_stand_in_a_header_is_none() {
        for text in ["", " ", "a b", "a\r\nx: y", "caf\u{e9}"] {
            assert_eq!(token(text), None, "{text:?}");
        }
        assert_eq!(token(&"a".repeat(TOKEN_BYTES_MAX + 1)), None);
        assert_eq!(token(" abc\n").unwrap().bearer, "abc");
    }
}
