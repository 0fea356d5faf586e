//! How the field's own types stand in records: RFC 3339 instants, ISO dates, USPS codes, zone names.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

use super::place::StateCode;
use super::time::{CivilDate, UnixSeconds, ZoneId, Zones};

/// Gives a type its published spelling as a string.
macro_rules! text {
    ($name:ty, $expected:literal, $parse:expr, $show:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                let show: fn(&$name) -> String = $show;
                s.serialize_str(&show(self))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(d)?;
                let parse: fn(&str) -> Option<$name> = $parse;
                parse(&text).ok_or_else(|| D::Error::custom(concat!("expected ", $expected)))
            }
        }
    };
}

text!(
    UnixSeconds,
    "an RFC 3339 instant",
    |t| UnixSeconds::parse(t).ok(),
    |v| v.to_string()
);
text!(CivilDate, "a date YYYY-MM-DD", CivilDate::parse, |v| v
    .to_string());
text!(StateCode, "a USPS state code", StateCode::parse, |v| v
    .as_str()
    .to_owned());
text!(
    ZoneId,
    "an IANA time-zone name",
    |t| Zones::bundled().find(t),
    |v| Zones::bundled().name(*v).to_owned()
);
