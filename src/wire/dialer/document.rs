//! A dialer's body as one tree of values.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::field_path::FieldPath;
use super::form;
use crate::wire::field::{FieldCode, FieldError};

/// How a body is written, by its content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// A body, read. Its size is the caller's bound; JSON nests 128 deep at most.
#[derive(Debug)]
pub struct Document(Value);

/// What stands in a place, as text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'d> {
    /// Nothing, null, or a text of blanks.
    Nothing,
    /// A text without the blanks around it, or a whole number or a flag as it is written.
    Text(Cow<'d, str>),
    /// A number with a fraction, as it is written.
    Fraction(Cow<'d, str>),
    /// A list or an object.
    Other,
}

impl Document {
    /// Reads a body.
    ///
    /// # Errors
    /// [`FieldError`] when it is not what its type says, or not an object.
    pub fn read(body: &[u8], encoding: Encoding) -> Result<Self, FieldError> {
        let root = match encoding {
            Encoding::Json => serde_json::from_slice(body)
                .map_err(|_not_json| FieldError::body(FieldCode::InvalidJson))?,
            Encoding::Form => {
                form::read(body).ok_or_else(|| FieldError::body(FieldCode::InvalidForm))?
            }
        };
        match root {
            Value::Object(_) => Ok(Self(root)),
            _ => Err(FieldError::body(FieldCode::NotAnObject)),
        }
    }

    /// What stands in a place.
    pub(super) fn at(&self, path: &FieldPath) -> Found<'_> {
        match path.find(&self.0) {
            None | Some(Value::Null) => Found::Nothing,
            Some(Value::String(text)) => match text.trim() {
                "" => Found::Nothing,
                text => Found::Text(text.into()),
            },
            Some(Value::Bool(flag)) => Found::Text(if *flag { "true" } else { "false" }.into()),
            Some(Value::Number(number)) => as_text(number),
            Some(Value::Array(_) | Value::Object(_)) => Found::Other,
        }
    }
}

fn as_text(number: &Number) -> Found<'_> {
    let text = number.to_string().into();
    if number.is_f64() {
        Found::Fraction(text)
    } else {
        Found::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_as_they_are_written() {
        let body = br#"{"t":" x ","b":"  ","n":300000000115255,"f":1.5,"y":true,"o":{},"z":null}"#;
        let body = Document::read(body, Encoding::Json).unwrap();
        let at = |path| body.at(&FieldPath::parse(path).unwrap());
        assert_eq!(at("t"), Found::Text("x".into()));
        assert_eq!(at("n"), Found::Text("300000000115255".into()));
        assert_eq!(at("f"), Found::Fraction("1.5".into()));
        assert_eq!(at("y"), Found::Text("true".into()));
        assert_eq!(at("o"), Found::Other);
        for nothing in ["b", "z", "none"] {
            assert_eq!(at(nothing), Found::Nothing, "{nothing}");
        }
    }

    #[test]
    fn bodies_that_are_none_are_refused() {
        let deep = "[".repeat(60_000);
        for (body, encoding, code) in [
            ("", Encoding::Json, FieldCode::InvalidJson),
            ("{", Encoding::Json, FieldCode::InvalidJson),
            (&deep, Encoding::Json, FieldCode::InvalidJson),
            ("[]", Encoding::Json, FieldCode::NotAnObject),
            ("a=%", Encoding::Form, FieldCode::InvalidForm),
        ] {
            let refused = Document::read(body.as_bytes(), encoding).unwrap_err();
            assert_eq!(refused, FieldError::body(code));
        }
    }
}
