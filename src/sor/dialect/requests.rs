//! The requests a dialect makes of its own: paths from the catalogue, bodies as JSON.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::sor::call::{Call, Request};
use crate::sor::catalogue::{Catalogue, Route};
use crate::sor::route::Duty;

/// A request of the route that does this, with these values for its parameters; `None`: the catalogue
/// has no such route, or a value cannot stand in a path.
pub(super) fn of(catalogue: &Catalogue, duty: Duty, values: &[&str]) -> Option<Request> {
    let of_duty = |route: &&Route| route.duty == Some(duty) && !route.public;
    let route = catalogue.routes().iter().find(of_duty)?;
    filled(route, values)
}

/// The read of the very thing a call changes: of `/plans/{plan_id}/payment` that is
/// `/plans/{plan_id}`.
pub(super) fn of_its_thing(catalogue: &Catalogue, call: &Call<'_>) -> Option<Request> {
    let reads = catalogue.routes().iter().filter(|route| {
        let rest = call.template.strip_prefix(&*route.template);
        let whole = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        whole && &*route.method == "GET" && route.template.ends_with('}') && !route.public
    });
    let route = reads.max_by_key(|route| route.template.len())?;
    let values: Option<Vec<String>> = route.names().map(|name| call.param(name)).collect();
    let values = values?;
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    filled(route, &values)
}

/// A request of a route, with these values for its parameters.
pub(super) fn filled(route: &Route, values: &[&str]) -> Option<Request> {
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let method = methods.into_iter().find(|known| *known == &*route.method)?;
    Some(Request {
        method,
        path: route.filled(values)?,
        body: None,
        idempotent: method != "POST",
    })
}

/// Percent-encodes all but what never has a meaning of its own.
fn encode(value: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            let digit = |n: u8| char::from(*HEX.get(usize::from(n)).unwrap_or(&b'0'));
            into.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// The request with a query.
pub(super) fn with_query(mut request: Request, pairs: &[(&str, &str)]) -> Request {
    for (at, (name, value)) in pairs.iter().enumerate() {
        request.path.push(if at == 0 { '?' } else { '&' });
        encode(name, &mut request.path);
        request.path.push('=');
        encode(value, &mut request.path);
    }
    request
}

/// The request with a JSON object; fields without a value are left out.
pub(super) fn with_body(
    mut request: Request,
    fields: impl IntoIterator<Item = (&'static str, Option<Value>)>,
) -> Request {
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let body: Map<String, Value> = fields.collect();
    request.body = Some(Bytes::from(Value::Object(body).to_string()));
    request
}
