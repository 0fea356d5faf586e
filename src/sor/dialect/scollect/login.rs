//! Exchanging API key and pin for a token.

use serde_json::Value;

use super::Scollect;
use crate::sor::call::{Heard, Request};
use crate::sor::dialect::{Token, Verdict, bearer, requests};
use crate::sor::route::Duty;

/// The request.
pub(super) fn login(scollect: &Scollect, key: &str, pin: &str) -> Option<Request> {
    let login = scollect.catalogue.of(Duty::Login)?;
    let request = requests::filled(login, &[])?;
    let fields = [("apikey", Some(key.into())), ("pin", Some(pin.into()))];
    Some(Request {
        idempotent: true,
        ..requests::with_body(request, fields)
    })
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
