//! A call as the sandbox's store sees it.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::reply::Refusal;
use crate::domain::time::UnixSeconds;
use crate::sor::catalogue::{Catalogue, Match, Route};
use crate::wire::query::percent_decoded;

/// A request as the listener hands it over.
#[derive(Debug)]
pub(super) struct Knock {
    pub(super) method: String,
    /// Path and query as they came.
    pub(super) target: String,
    pub(super) authorization: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) content_type: String,
    pub(super) body: Bytes,
    /// Bytes of the body, also of those that were thrown away.
    pub(super) body_bytes: u64,
}

/// A request whose route was found.
pub(super) struct Asked<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) route: &'a Route,
    /// Decoded parameters.
    params: Vec<(String, String)>,
    query: Vec<(String, String)>,
    /// The body: JSON, or a form as an object. Null when there is none, or it is of another kind.
    pub(super) body: Value,
    pub(super) knock: &'a Knock,
    pub(super) now: UnixSeconds,
}

impl<'a> Asked<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        found: &Match<'a>,
        knock: &'a Knock,
        now: UnixSeconds,
    ) -> Result<Self, Refusal> {
        let params = found.params.as_slice().iter();
        let query = knock.target.split_once('?').map_or("", |(_, query)| query);
        Ok(Self {
            catalogue,
            route: found.route,
            params: params
                .map(|(name, value)| ((*name).to_owned(), decoded(value)))
                .collect(),
            query: pairs(query),
            body: body(knock)?,
            knock,
            now,
        })
    }

    /// A parameter of the path.
    pub(super) fn param(&self, name: &str) -> &str {
        one(&self.params, name).unwrap_or_default()
    }

    /// The last parameter of the path.
    pub(super) fn last_param(&self) -> &str {
        self.params.last().map_or("", |(_, value)| value)
    }

    /// A parameter of the query.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        one(&self.query, name)
    }

    /// A number of the query.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.query(name)?.parse().ok()
    }

    /// A text of the body.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        text_of(&self.body, name)
    }

    /// A text the body has to have.
    pub(super) fn needed(&self, name: &'static str) -> Result<String, Refusal> {
        self.text(name).ok_or(Refusal::Field(name))
    }

    /// The body's fields; none of what is no object.
    pub(super) fn fields(&self) -> Map<String, Value> {
        self.body.as_object().cloned().unwrap_or_default()
    }

    /// So many segments of the path it came by.
    pub(super) fn filled(&self, segments: usize) -> String {
        let mut path = String::new();
        let mut params = self.params.iter();
        let all = self.route.template.split('/').skip(1);
        for segment in all.take(segments) {
            path.push('/');
            if segment.starts_with('{') {
                path.push_str(params.next().map_or("", |(_, value)| value));
            } else {
                path.push_str(segment);
            }
        }
        path
    }

    /// Now, as text.
    pub(super) fn stamp(&self) -> Value {
        self.now.rfc3339().as_str().into()
    }
}

/// A text or number under a name, as text; an empty one is none.
pub(super) fn text_of(document: &Value, name: &str) -> Option<String> {
    match document.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The digits of a number, without the country.
pub(super) fn digits(text: &str) -> String {
    let all: String = text.chars().filter(char::is_ascii_digit).collect();
    match all.strip_prefix('1') {
        Some(rest) if rest.len() == 10 => rest.to_owned(),
        _ => all,
    }
}

fn one<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    let found = pairs.iter().find(|(known, _)| known == name);
    found
        .map(|(_, value)| value.as_str())
        .filter(|v| !v.is_empty())
}

fn decoded(text: &str) -> String {
    percent_decoded(text).map_or_else(|| text.to_owned(), std::borrow::Cow::into_owned)
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (decoded(name), decoded(&value.replace('+', " "))))
        .collect()
}

fn body(knock: &Knock) -> Result<Value, Refusal> {
    let kind = knock.content_type.to_ascii_lowercase();
    if knock.body.is_empty() {
        return Ok(Value::Null);
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        let text = std::str::from_utf8(&knock.body).map_err(|_no_text| Refusal::NoJson)?;
        let fields = pairs(text).into_iter();
        return Ok(Value::Object(
            fields.map(|(name, value)| (name, value.into())).collect(),
        ));
    }
    if kind.contains("json") || kind.is_empty() {
        return serde_json::from_slice(&knock.body).map_err(|_no_json| Refusal::NoJson);
    }
    Ok(Value::Null)
}
