//! Credentials of the three systems, as their documents describe them.
//!
//! Nothing here is secret: key and pin are printed by the command, and a token is a token because it
//! has the right form. A WHL Bearer and the portal's are anybody's, because a gateway may hand on the
//! caller's own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::asked::Asked;
use super::reply::{Refusal, Reply};
use super::{API_KEY, PIN};
use crate::domain::time::UnixSeconds;
use crate::sor::route::{Class, System};

/// How long a token lives, seconds.
const TOKEN_TTL_S: i64 = 900;

/// Lets a call in, or says no in the system's own words.
pub(super) fn admit(asked: &Asked<'_>) -> Result<(), Reply> {
    let system = asked.catalogue.system;
    let refused = || Refusal::NotAllowed.reply(system);
    let is_open = asked.route.public || asked.route.class == Class::Public;
    let bearer = asked
        .knock
        .authorization
        .as_deref()
        .and_then(|held| held.strip_prefix("Bearer "))
        .map(str::trim)
        .filter(|token| !token.is_empty());
    match system {
        System::Whl if is_open || bearer.is_some() => Ok(()),
        System::Whl => Err(refused()),
        System::Scollect if is_open => Ok(()),
        System::Scollect => match bearer {
            None => Err(Reply::json(
                401,
                &json!({ "msg": "Missing Authorization Header" }),
            )),
            Some(token) if is_ours(token, asked.now) => Ok(()),
            Some(_) => Err(Reply::json(401, &json!({ "msg": "Token has expired" }))),
        },
        System::Portal => {
            let has_key = asked.knock.api_key.as_deref() == Some(API_KEY);
            if has_key && (is_open || bearer.is_some()) {
                Ok(())
            } else {
                Err(refused())
            }
        }
    }
}

/// A token for whoever knows key and pin.
pub(super) fn exchanged(key: &str, pin: &str, now: UnixSeconds) -> Option<String> {
    (key == API_KEY && pin == PIN).then(|| token(key, now))
}

/// A token in the form of a JWT, with the claims such a system puts in.
pub(super) fn token(subject: &str, now: UnixSeconds) -> String {
    let head = encoded(&json!({ "alg": "HS256", "typ": "JWT" }));
    let claims = json!({
        "sub": subject, "pin": PIN, "type": "access", "fresh": false,
        "iat": now.0, "nbf": now.0, "exp": now.0 + TOKEN_TTL_S,
    });
    let signed = format!("{head}.{}", encoded(&claims));
    format!("{signed}.{}", seal(&signed))
}

/// What a login of WHL and its like answers.
pub(super) fn granted(subject: &str, now: UnixSeconds) -> Value {
    json!({
        "access_token": token(subject, now),
        "token_type": "bearer",
        "expires_in": TOKEN_TTL_S,
    })
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn seal(signed: &str) -> String {
    let digest = Sha256::digest(["dialgate sandbox", signed].concat());
    URL_SAFE_NO_PAD.encode(digest)
}

fn is_ours(token: &str, now: UnixSeconds) -> bool {
    let Some((signed, signature)) = token.rsplit_once('.') else {
        return false;
    };
    let claims = signed
        .split_once('.')
        .and_then(|(_, claims)| URL_SAFE_NO_PAD.decode(claims).ok())
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let ends = claims.and_then(|claims| claims.get("exp")?.as_i64());
    seal(signed) == signature && ends.is_some_and(|ends| now.0 < ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_it_ends_and_for_nobody_else() {
        let now = UnixSeconds(1_800_000_000);
        let token = exchanged(API_KEY, PIN, now).unwrap();
        assert!(is_ours(&token, now.plus(TOKEN_TTL_S - 1)));
        assert!(!is_ours(&token, now.plus(TOKEN_TTL_S)));
        assert!(!is_ours(&format!("{token}x"), now));
        assert_eq!(exchanged(API_KEY, "other", now), None);
        assert_eq!(exchanged("other", PIN, now), None);
    }
}
