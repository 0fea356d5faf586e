//! A JSON value that is one text, whatever type it was sent in.

use std::borrow::Cow;

use serde_json::Value;

/// The text of a string, number or flag; `None` for `null`, lists and objects.
pub fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
