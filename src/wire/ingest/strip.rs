//! Reads a flat row: the fields that say what the row is are taken aside, the rest is the record.

use serde::Deserializer as _;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StrDeserializer};
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor,
};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::domain::record::Personal;

/// What a row holds besides its record.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// The account the record is about, when that was to be taken aside.
    pub(super) account_id: Option<Personal>,
}

/// Reads the object `text` as a `T`, without its field `record` and, when `with_account`, without
/// `account_id`.
///
/// # Errors
/// The JSON error; it may carry the caller's text and must not be shown.
pub(super) fn read<T: DeserializeOwned>(
    text: &str,
    with_account: bool,
) -> Result<(T, Aside), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let found = json.deserialize_map(Row {
        with_account,
        kind: PhantomData,
    })?;
    json.end()?;
    Ok(found)
}

struct Row<T> {
    with_account: bool,
    kind: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Row<T> {
    type Value = (T, Aside);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut aside = Aside::default();
        let record = T::deserialize(MapAccessDeserializer::new(Stripped {
            map,
            with_account: self.with_account,
            aside: &mut aside,
        }))?;
        Ok((record, aside))
    }
}

struct Stripped<'a, A> {
    map: A,
    with_account: bool,
    aside: &'a mut Aside,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Stripped<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<Key<'de>>()? {
            if key.0 == "record" {
                self.map.next_value::<IgnoredAny>()?;
            } else if key.0 == "account_id" && self.with_account {
                if self.aside.account_id.is_some() {
                    return Err(A::Error::duplicate_field("account_id"));
                }
                self.aside.account_id = self.map.next_value()?;
            } else {
                let key = match key.0 {
                    Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
                    Cow::Owned(key) => seed.deserialize(StrDeserializer::new(&key)),
                };
                return key.map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A key, borrowed where the text has it without escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        d.deserialize_str(Text)
    }
}
