//! The field's own types as they stand in answers.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::record::FactKind;
use crate::domain::time::{CivilDate, UnixSeconds};
use crate::domain::words::Channel;
use crate::wire::dialer::{CredentialKind, DialerKind, DurationUnit, InstantFormat};
use crate::wire::disposition::Direction;

/// Texts of a known form.
macro_rules! formatted {
    ($($name:ty, $as:literal, $format:expr;)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String);
                text.format(Some(SchemaFormat::KnownFormat($format))).into()
            }
        }
        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($as)
            }
        }
    )+};
}

/// Words of a closed vocabulary.
macro_rules! vocabulary {
    ($($name:ty, $as:literal;)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = <$name>::ALL.iter().map(|word| word.as_str());
                let text = ObjectBuilder::new().schema_type(Type::String);
                text.enum_values(Some(words)).into()
            }
        }
        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($as)
            }
        }
    )+};
}

formatted! {
    UnixSeconds, "Instant", KnownFormat::DateTime;
    CivilDate, "Date", KnownFormat::Date;
}

vocabulary! {
    FactKind, "FactKind";
    Channel, "Channel";
    Direction, "Direction";
    DialerKind, "DialerKind";
    CredentialKind, "CredentialKind";
    InstantFormat, "InstantFormat";
    DurationUnit, "DurationUnit";
}
