//! Finds out what is wrong with a row that its reader refused.
//!
//! Only refused rows come here, so this reading may be slow: the row is laid out as a tree and read
//! again with an error type that keeps the path and the kind of the fault, never a value.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, Expected, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;
use std::fmt::{self, Display};

use super::limits::TEXT_BYTES_MAX;
use super::reject::{Fault, RejectCode};

/// The fault of a row that cannot be read as a `T` once its fields `aside` are taken away.
pub(super) fn find<T: DeserializeOwned>(text: &str, aside: &[&str]) -> Fault {
    let Ok(mut tree) = serde_json::from_str::<Value>(text) else {
        return Fault::row(RejectCode::InvalidJson);
    };
    let Value::Object(object) = &mut tree else {
        return Fault::row(RejectCode::WrongType);
    };
    for field in aside {
        object.remove(*field);
    }
    match T::deserialize(Node(&tree)) {
        Err(found) => found.into_fault(),
        // The tree keeps the last of two equal fields: what is refused as text but not as a tree
        // has a field twice (or one of those taken aside has a wrong type).
        Ok(_) => Fault::row(RejectCode::DuplicateField),
    }
}

/// A fault on its way out of the tree: the path grows at its front.
#[derive(Debug)]
struct Found {
    path: Vec<String>,
    code: RejectCode,
}

impl Found {
    fn of(code: RejectCode) -> Self {
        Self {
            path: Vec::new(),
            code,
        }
    }

    fn field(name: &str, code: RejectCode) -> Self {
        Self {
            path: vec![shown(name)],
            code,
        }
    }

    fn under(mut self, step: String) -> Self {
        self.path.insert(0, step);
        self
    }

    fn into_fault(self) -> Fault {
        let word = self.code == RejectCode::UnknownWord;
        let code = match self.path.last().map(String::as_str) {
            Some(
                "at" | "until" | "expires_at" | "creditor_notice" | "from_date" | "until_date",
            ) if word => RejectCode::InvalidDate,
            Some("from" | "to") if word => RejectCode::InvalidTime,
            _ => self.code,
        };
        Fault {
            field: self.path.join(".").into(),
            code,
        }
    }
}

/// A field's name as an answer may show it: one that looks like a name, else `?`.
fn shown(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    if name.len() <= TEXT_BYTES_MAX && !name.is_empty() && name.bytes().all(plain) {
        name.to_owned()
    } else {
        "?".to_owned()
    }
}

impl Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl std::error::Error for Found {}

impl Error for Found {
    /// What the types of `domain::text` say of a text that is not theirs.
    fn custom<T: Display>(_message: T) -> Self {
        Self::of(RejectCode::UnknownWord)
    }

    fn invalid_type(_found: Unexpected<'_>, _expected: &dyn Expected) -> Self {
        Self::of(RejectCode::WrongType)
    }

    fn invalid_value(_found: Unexpected<'_>, _expected: &dyn Expected) -> Self {
        Self::of(RejectCode::OutOfRange)
    }

    fn invalid_length(_len: usize, _expected: &dyn Expected) -> Self {
        Self::of(RejectCode::WrongType)
    }

    fn unknown_variant(_variant: &str, _expected: &'static [&'static str]) -> Self {
        Self::of(RejectCode::UnknownWord)
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self::field(field, RejectCode::UnknownField)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::field(field, RejectCode::Missing)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::field(field, RejectCode::DuplicateField)
    }
}

/// A place in the tree.
struct Node<'de>(&'de Value);

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Found;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Object(fields) => visitor.visit_map(Fields {
                fields: fields.iter(),
                value: None,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Found> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            _ => Err(Found::of(RejectCode::WrongType)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'de> {
    items: &'de [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Found;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Found> {
        let index = self.next;
        let Some(item) = self.items.get(index) else {
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(Node(item))
            .map(Some)
            .map_err(|found| found.under(index.to_string()))
    }
}

struct Fields<'de> {
    fields: serde_json::map::Iter<'de>,
    value: Option<(&'de str, &'de Value)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Found;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Found> {
        let Some((key, value)) = self.fields.next() else {
            return Ok(None);
        };
        self.value = Some((key, value));
        seed.deserialize(BorrowedStrDeserializer::new(key))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Found> {
        let Some((key, value)) = self.value.take() else {
            return Err(Found::of(RejectCode::InvalidJson));
        };
        seed.deserialize(Node(value))
            .map_err(|found| found.under(shown(key)))
    }
}
