//! Where an intent's fields come from. What they must be is asked once, for every source.

use std::borrow::Cow;

use super::name;
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::object::Object;

/// The fields of one intent, by their place in the published order. Each is taken once.
pub(in crate::wire) trait Source<'f> {
    /// An optional string of at most
    /// [`CALLER_TEXT_BYTES_MAX`](crate::wire::limits::CALLER_TEXT_BYTES_MAX).
    fn text(&mut self, at: usize) -> Result<Option<Cow<'f, str>>, FieldError>;

    /// An optional flag; absent is `false`.
    fn flag(&mut self, at: usize) -> Result<bool, FieldError>;

    /// An optional list of at most [`DEBT_IDS_MAX`](crate::wire::limits::DEBT_IDS_MAX) strings; absent
    /// is empty.
    fn texts(&mut self, at: usize) -> Result<Vec<Box<str>>, FieldError>;

    /// An optional string, owned.
    fn boxed(&mut self, at: usize) -> Result<Option<Box<str>>, FieldError> {
        Ok(self.text(at)?.map(Cow::into_owned).map(Into::into))
    }

    /// A required string.
    fn required(&mut self, at: usize) -> Result<Cow<'f, str>, FieldError> {
        let missing = FieldError::of(name(at), FieldCode::Missing);
        self.text(at)?.ok_or(missing)
    }
}

impl<'de, const N: usize> Source<'de> for Object<'de, N> {
    fn text(&mut self, at: usize) -> Result<Option<Cow<'de, str>>, FieldError> {
        Object::text(self, at)
    }

    fn flag(&mut self, at: usize) -> Result<bool, FieldError> {
        Object::flag(self, at)
    }

    fn texts(&mut self, at: usize) -> Result<Vec<Box<str>>, FieldError> {
        Object::texts(self, at)
    }
}
