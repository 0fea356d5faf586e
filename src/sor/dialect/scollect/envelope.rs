//! What an answer of Scollect says: its status means little, its envelope all.
//!
//! Every documented answer is `state: SUCCESS`, errors too. An error is a state other than that, a
//! `result` with `error` in it, or `result: [{error}, status]`. Success is spelt in many ways; an answer
//! with none of them is unsure.

use serde_json::{Map, Value};

use super::fields::Fields;
use crate::sor::call::Heard;
use crate::sor::dialect::Verdict;
use crate::sor::dialect::formats::{Said, Spoken, flag, scalar};

/// Words for success inside `result`.
const SUCCESS: [&str; 5] = ["success", "message", "data", "rows", "access_token"];
/// Where `result` holds its rows.
const ROWS: [&str; 4] = ["result", "success", "data", "rows"];
/// States of a task that may still be done.
const UNFINISHED: [&str; 6] = [
    "TIMEOUT", "PENDING", "RECEIVED", "STARTED", "RETRY", "PROGRESS",
];
/// By what an error says that there is nothing.
const ABSENT: [&str; 5] = [
    "DOES NOT HAVE",
    "DOES NOT EXIST",
    "MAY NOT EXIST",
    "NOT FOUND",
    "NO PAYMENT INFO",
];

/// What an answer says about a change.
pub(super) fn verdict(heard: &Heard) -> Verdict {
    let by_body = || serde_json::from_slice::<Value>(&heard.body).map_or(Verdict::Unsure, body);
    match heard.status {
        200..=299 => by_body(),
        // To be asked again: nobody says that it was not done before.
        408 | 425 | 429 => Verdict::Unsure,
        400..=499 if by_body() == Verdict::Done => Verdict::Unsure,
        400..=499 => Verdict::Refused,
        _ => Verdict::Unsure,
    }
}

fn body(answer: Value) -> Verdict {
    let Value::Object(answer) = answer else {
        return Verdict::Unsure;
    };
    let outside = Fields::of(&answer);
    match state(&outside) {
        State::Success => {}
        State::Unfinished => return Verdict::Unsure,
        State::Failed => return Verdict::Refused,
    }
    let approved = outside.text("approvalcode").is_some();
    let Some(result) = answer.get("result") else {
        return match (outside.text("error"), outside.text("message")) {
            (None, Some(_)) => Verdict::Done,
            (Some(_), None) => Verdict::Refused,
            _ => Verdict::Unsure,
        };
    };
    let (result, status) = with_status(result);
    match status {
        None | Some(200..=299) => {}
        Some(408 | 425 | 429) => return Verdict::Unsure,
        Some(400..=499) => return Verdict::Refused,
        Some(_) => return Verdict::Unsure,
    }
    match result {
        Value::Object(result) => inside(&Fields::of(result)),
        Value::Array(rows) if !rows.is_empty() => Verdict::Done,
        // Only a payment that was run answers with a bare text.
        Value::String(_) if approved => Verdict::Done,
        _ => Verdict::Unsure,
    }
}

/// What the object under `result` says.
fn inside(result: &Fields<'_>) -> Verdict {
    let mut success = result.values(&SUCCESS).map(holds).collect::<Vec<_>>();
    let response = result.value(&["response"]).and_then(Value::as_object);
    let response = response.map(Fields::of);
    let failed = response.is_some_and(|response| {
        let no = |value: &Value| holds(value) == Some(false);
        response.values(&["success"]).any(no)
            || response
                .values(&["errormessage", "errors"])
                .any(|value| holds(value).is_some())
    });
    success.retain(Option::is_some);
    let done = success.contains(&Some(true));
    let refused =
        success.contains(&Some(false)) || result.values(&["error", "errors"]).next().is_some();
    match (done, refused || failed) {
        (true, false) => Verdict::Done,
        (false, true) => Verdict::Refused,
        // Two words that contradict each other, or none.
        _ => Verdict::Unsure,
    }
}

/// Whether a word for success is one; `None` where it says nothing.
fn holds(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Array(rows) => (!rows.is_empty()).then_some(true),
        Value::Object(inner) => (!inner.is_empty()).then_some(true),
        Value::Null => None,
        Value::String(_) | Value::Number(_) => {
            let text = scalar(value)?;
            match flag(&text) {
                Said::Nothing => None,
                Said::This(flag) => Some(flag),
                Said::Unreadable => Some(true),
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Success,
    Unfinished,
    Failed,
}

/// The state; an answer without one is read as if it were a success, as two of the samples are.
fn state(outside: &Fields<'_>) -> State {
    let is = |wanted: &str, said: &str| wanted.eq_ignore_ascii_case(said);
    match outside.said(&["state"]) {
        Said::Nothing => State::Success,
        Said::This(said) if is("SUCCESS", &said) => State::Success,
        Said::This(said) if !UNFINISHED.iter().any(|word| is(word, &said)) => State::Failed,
        Said::This(_) | Said::Unreadable => State::Unfinished,
    }
}

/// `[ {..}, 404 ]` as the object and its status.
fn with_status(result: &Value) -> (&Value, Option<i64>) {
    match result.as_array().map(Vec::as_slice) {
        Some([object @ Value::Object(_), Value::Number(status)]) => {
            (object, Some(status.as_i64().unwrap_or(i64::MAX)))
        }
        _ => (result, None),
    }
}

/// One row of an answer.
pub(super) type Row = Map<String, Value>;

/// The rows of an answer to a read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rows {
    /// These, at least one.
    Found(Vec<Row>),
    /// None: nothing is there, or nobody knows the account. The system does not tell the two apart.
    Empty,
    /// It cannot be told.
    Unreadable,
}

/// The rows: `result: [..]`, `result: {result: [..]}` and its other names, each accepted.
pub(super) fn rows(heard: &Heard) -> Rows {
    let answer = serde_json::from_slice(&heard.body);
    let (200..=299, Ok(Value::Object(mut answer))) = (heard.status, answer) else {
        return Rows::Unreadable;
    };
    if state(&Fields::of(&answer)) != State::Success {
        return Rows::Unreadable;
    }
    let Some(result) = answer.get("result") else {
        return Rows::Unreadable;
    };
    match with_status(result).1 {
        None | Some(200..=299) => {}
        Some(404) => return Rows::Empty,
        Some(_) => return Rows::Unreadable,
    }
    match answer.remove("result") {
        Some(Value::Array(rows)) => all(without_status(rows)),
        Some(Value::Object(result)) => within(result),
        _ => Rows::Unreadable,
    }
}

/// A list whose last item is a status that was looked at before.
fn without_status(mut rows: Vec<Value>) -> Vec<Value> {
    rows.pop_if(|last| last.is_number());
    rows
}

fn within(mut result: Row) -> Rows {
    let fields = Fields::of(&result);
    if let Some(error) = fields.value(&["error"]) {
        let error = scalar(error).unwrap_or_default();
        return if Spoken::of(&error).says_any(&ABSENT) {
            Rows::Empty
        } else {
            Rows::Unreadable
        };
    }
    let holds_rows = |name: &&String| ROWS.iter().any(|known| known.eq_ignore_ascii_case(name));
    let names: Vec<String> = result.keys().filter(holds_rows).cloned().collect();
    match (names.as_slice(), fields.file_number()) {
        ([name], _) => match result.remove(name) {
            Some(Value::Array(rows)) => all(rows),
            Some(row @ Value::Object(_)) => all(vec![row]),
            _ => Rows::Unreadable,
        },
        ([], Some(_)) => Rows::Found(vec![result]),
        _ => Rows::Unreadable,
    }
}

fn all(rows: Vec<Value>) -> Rows {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let Value::Object(row) = row else {
            return Rows::Unreadable;
        };
        // An error among rows is no row.
        if Fields::of(&row).values(&["error"]).next().is_some() {
            return Rows::Unreadable;
        }
        found.push(row);
    }
    if found.is_empty() {
        Rows::Empty
    } else {
        Rows::Found(found)
    }
}
