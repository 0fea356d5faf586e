//! Reading one JSON object of known fields in a single pass.
//!
//! Known fields land in slots as loosely typed values, so that a wrong type can be blamed on its
//! field afterwards; unknown fields are skipped without being kept. Strings are borrowed from the
//! body unless they hold escapes. What is kept is bounded by the number of slots and
//! [`DEBT_IDS_MAX`]; nesting is bounded by the parser (128).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::field::{FieldCode, FieldError, bounded, bounded_list};
use super::limits::DEBT_IDS_MAX;

/// A value as it stood in the body.
#[derive(Debug, PartialEq)]
enum Value<'de> {
    Null,
    Text(Cow<'de, str>),
    Flag(bool),
    Number(u64),
    /// Texts only; the flag says there were more than [`DEBT_IDS_MAX`].
    Texts(Vec<Cow<'de, str>>, bool),
    /// Any other type.
    Other,
}

/// The known fields of one object; `NAMES` fixes their order.
#[derive(Debug)]
pub(super) struct Object<'de, const N: usize> {
    names: &'static [&'static str; N],
    slots: [Option<Value<'de>>; N],
}

impl<'de, const N: usize> Object<'de, N> {
    /// No field yet. Reading fills it in place: its slots are larger than most of what is read.
    pub(super) fn empty(names: &'static [&'static str; N]) -> Self {
        Self {
            names,
            slots: [const { None }; N],
        }
    }

    /// Reads `body`, keeping the fields named.
    ///
    /// # Errors
    /// [`FieldError`] when the body is not one JSON object or gives a known field twice.
    pub(super) fn read(&mut self, body: &'de [u8]) -> Result<(), FieldError> {
        let invalid = FieldError::body(FieldCode::InvalidJson);
        let text = std::str::from_utf8(body).map_err(|_not_utf8| invalid)?;
        let mut parser = serde_json::Deserializer::from_str(text);
        let twice = self.fill(&mut parser).map_err(|error| {
            if error.is_data() {
                FieldError::body(FieldCode::NotAnObject)
            } else {
                invalid
            }
        })?;
        parser.end().map_err(|_trailing| invalid)?;
        self.once(twice)
    }

    /// Reads the value at the beginning of `text`, and says where it ends. What follows it is not
    /// looked at.
    ///
    /// # Errors
    /// [`FieldError`] when the bytes are no JSON value. A value that is no object, or gives a known
    /// field twice, is an error of its own, inside.
    pub(super) fn read_first(
        &mut self,
        text: &'de str,
    ) -> Result<(Result<(), FieldError>, usize), FieldError> {
        let invalid = FieldError::body(FieldCode::InvalidJson);
        let mut parser = serde_json::Deserializer::from_str(text);
        let read = if text.starts_with('{') {
            let twice = self.fill(&mut parser).map_err(|_not_json| invalid)?;
            self.once(twice)
        } else {
            IgnoredAny::deserialize(&mut parser).map_err(|_not_json| invalid)?;
            Err(FieldError::body(FieldCode::NotAnObject))
        };
        Ok((read, parser.into_iter::<IgnoredAny>().byte_offset()))
    }

    /// Fills the slots anew; the first field given twice.
    fn fill<D: Deserializer<'de>>(&mut self, parser: D) -> Result<Option<usize>, D::Error> {
        for slot in &mut self.slots {
            *slot = None;
        }
        let fields = Fields {
            names: self.names,
            slots: &mut self.slots,
        };
        parser.deserialize_any(fields)
    }

    fn once(&self, twice: Option<usize>) -> Result<(), FieldError> {
        match twice.and_then(|at| self.names.get(at)) {
            Some(name) => Err(FieldError::of(name, FieldCode::Duplicate)),
            None => Ok(()),
        }
    }

    fn name(&self, at: usize) -> &'static str {
        self.names.get(at).copied().unwrap_or_default()
    }

    fn fault(&self, at: usize, code: FieldCode) -> FieldError {
        FieldError::of(self.name(at), code)
    }

    fn take(&mut self, at: usize) -> Option<Value<'de>> {
        match self.slots.get_mut(at)?.take()? {
            Value::Null => None,
            value => Some(value),
        }
    }

    /// An optional string of at most [`CALLER_TEXT_BYTES_MAX`](super::limits::CALLER_TEXT_BYTES_MAX).
    pub(super) fn text(&mut self, at: usize) -> Result<Option<Cow<'de, str>>, FieldError> {
        match self.take(at) {
            None => Ok(None),
            Some(Value::Text(text)) => bounded(self.name(at), text).map(Some),
            Some(_) => Err(self.fault(at, FieldCode::WrongType)),
        }
    }

    /// An optional string, owned.
    pub(super) fn boxed(&mut self, at: usize) -> Result<Option<Box<str>>, FieldError> {
        Ok(self.text(at)?.map(Cow::into_owned).map(Into::into))
    }

    /// A required string.
    pub(super) fn required(&mut self, at: usize) -> Result<Cow<'de, str>, FieldError> {
        let missing = self.fault(at, FieldCode::Missing);
        self.text(at)?.ok_or(missing)
    }

    /// An optional flag; absent is `false`.
    pub(super) fn flag(&mut self, at: usize) -> Result<bool, FieldError> {
        match self.take(at) {
            None => Ok(false),
            Some(Value::Flag(flag)) => Ok(flag),
            Some(_) => Err(self.fault(at, FieldCode::WrongType)),
        }
    }

    /// An optional whole number, zero or more.
    pub(super) fn number(&mut self, at: usize) -> Result<Option<u64>, FieldError> {
        match self.take(at) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(_) => Err(self.fault(at, FieldCode::WrongType)),
        }
    }

    /// An optional list of at most [`DEBT_IDS_MAX`] strings; absent is empty.
    pub(super) fn texts(&mut self, at: usize) -> Result<Vec<Box<str>>, FieldError> {
        match self.take(at) {
            None => Ok(Vec::new()),
            Some(Value::Texts(_, true)) => Err(self.fault(at, FieldCode::TooMany)),
            Some(Value::Texts(texts, false)) => bounded_list(self.name(at), texts.into_iter()),
            Some(_) => Err(self.fault(at, FieldCode::WrongType)),
        }
    }
}

/// Reads the object's fields into their slots.
struct Fields<'s, 'de, const N: usize> {
    names: &'static [&'static str; N],
    slots: &'s mut [Option<Value<'de>>; N],
}

impl<'de, const N: usize> Visitor<'de> for Fields<'_, 'de, N> {
    /// The first field given twice.
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut twice = None;
        while let Some(at) = map.next_key_seed(Key(self.names))? {
            let Some((at, slot)) = at.and_then(|at| Some((at, self.slots.get_mut(at)?))) else {
                let IgnoredAny = map.next_value()?;
                continue;
            };
            let value = map.next_value_seed(Loose)?;
            if slot.is_some() {
                twice = twice.or(Some(at));
            }
            *slot = Some(value);
        }
        Ok(twice)
    }
}

/// Reads a key: its slot, if it is a known field.
struct Key(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Self::Value, D::Error> {
        parser.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}

/// Reads a value of any type.
struct Loose;

impl<'de> DeserializeSeed<'de> for Loose {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Self::Value, D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Loose {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_i64<E>(self, _number: i64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _number: f64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        let (mut all_texts, mut too_many) = (true, false);
        while let Some(value) = list.next_element_seed(Self)? {
            match value {
                Value::Text(_) if texts.len() == DEBT_IDS_MAX => too_many = true,
                Value::Text(text) => texts.push(text),
                _ => all_texts = false,
            }
        }
        Ok(if all_texts {
            Value::Texts(texts, too_many)
        } else {
            Value::Other
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }
}
