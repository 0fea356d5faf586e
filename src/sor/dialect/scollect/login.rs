//! Exchanging API key and pin for a token.

use serde_json::Value;

use crate::sor::call::{Heard, Request};
use crate::sor::dialect::{Token, Verdict, bearer};

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
    let text = answer.get("result")?.get("access_token")?.as_str()?.trim();
    bearer::token(text)
}
