//! The serialiser that writes canonical JSON and diverts personal texts.

use serde::Serialize;
use serde::ser::{self, Serializer};
use std::fmt::Display;

use crate::domain::record::Personal;
use crate::wire::json_text::push_string;
use crate::wire::row::push_int;

/// Why a value has no canonical form. Values of this program always have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A float, bytes, or a map whose keys nobody sorted.
    #[error("the value has a part without canonical form")]
    Unsupported,
    /// The value refused to be serialised.
    #[error("the value refused to be serialised")]
    Refused,
}

impl ser::Error for WriteError {
    fn custom<T: Display>(_message: T) -> Self {
        Self::Refused
    }
}

/// Appends the canonical JSON of `value` to `body`, and the JSON array of its personal texts to
/// `subject` (`[]` when it has none).
///
/// # Errors
/// [`WriteError`]; both buffers may then end in a part of the value.
pub fn write<T: Serialize + ?Sized>(
    value: &T,
    body: &mut Vec<u8>,
    subject: &mut Vec<u8>,
) -> Result<(), WriteError> {
    subject.push(b'[');
    let mut writer = Writer {
        body,
        subject,
        index: 0,
        personal: false,
    };
    value.serialize(&mut writer)?;
    subject.push(b']');
    Ok(())
}

struct Writer<'a> {
    body: &'a mut Vec<u8>,
    subject: &'a mut Vec<u8>,
    /// Texts diverted so far.
    index: u64,
    /// The next string is a personal one.
    personal: bool,
}

impl Writer<'_> {
    fn divert(&mut self, text: &str) {
        if self.index > 0 {
            self.subject.push(b',');
        }
        push_string(self.subject, text);
        self.body.extend_from_slice(b"\"$");
        push_int(self.body, i128::from(self.index));
        self.body.push(b'"');
        self.index += 1;
        self.personal = false;
    }
}

/// An open array or object.
struct Open<'w, 'a> {
    writer: &'w mut Writer<'a>,
    first: bool,
    close: &'static [u8],
}

impl Open<'_, '_> {
    fn comma(&mut self) {
        if !self.first {
            self.writer.body.push(b',');
        }
        self.first = false;
    }

    fn close(self) {
        self.writer.body.extend_from_slice(self.close);
    }
}

macro_rules! whole_numbers {
    ($($method:ident $ty:ty),+) => {
        $(fn $method(self, number: $ty) -> Result<(), WriteError> {
            push_int(self.body, i128::from(number));
            Ok(())
        })+
    };
}

impl<'w, 'a> Serializer for &'w mut Writer<'a> {
    type Ok = ();
    type Error = WriteError;
    type SerializeSeq = Open<'w, 'a>;
    type SerializeTuple = Open<'w, 'a>;
    type SerializeTupleStruct = Open<'w, 'a>;
    type SerializeTupleVariant = ser::Impossible<(), WriteError>;
    type SerializeMap = ser::Impossible<(), WriteError>;
    type SerializeStruct = Open<'w, 'a>;
    type SerializeStructVariant = ser::Impossible<(), WriteError>;

    whole_numbers!(
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64
    );

    fn serialize_bool(self, value: bool) -> Result<(), WriteError> {
        self.body
            .extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_f32(self, _value: f32) -> Result<(), WriteError> {
        Err(WriteError::Unsupported)
    }

    fn serialize_f64(self, _value: f64) -> Result<(), WriteError> {
        Err(WriteError::Unsupported)
    }

    fn serialize_char(self, value: char) -> Result<(), WriteError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), WriteError> {
        if self.personal {
            self.divert(text);
        } else {
            push_string(self.body, text);
        }
        Ok(())
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<(), WriteError> {
        Err(WriteError::Unsupported)
    }

    fn serialize_none(self) -> Result<(), WriteError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), WriteError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), WriteError> {
        self.body.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), WriteError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _number: u32,
        variant: &'static str,
    ) -> Result<(), WriteError> {
        push_string(self.body, variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), WriteError> {
        self.personal = name == Personal::MARK;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _number: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), WriteError> {
        self.body.push(b'{');
        push_string(self.body, variant);
        self.body.push(b':');
        value.serialize(&mut *self)?;
        self.body.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Open<'w, 'a>, WriteError> {
        self.body.push(b'[');
        Ok(Open {
            writer: self,
            first: true,
            close: b"]",
        })
    }

    fn serialize_tuple(self, len: usize) -> Result<Open<'w, 'a>, WriteError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<Open<'w, 'a>, WriteError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _number: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant, WriteError> {
        Err(WriteError::Unsupported)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, WriteError> {
        Err(WriteError::Unsupported)
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Open<'w, 'a>, WriteError> {
        self.body.push(b'{');
        Ok(Open {
            writer: self,
            first: true,
            close: b"}",
        })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _number: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, WriteError> {
        Err(WriteError::Unsupported)
    }
}

impl ser::SerializeSeq for Open<'_, '_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        self.comma();
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), WriteError> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTuple for Open<'_, '_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), WriteError> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for Open<'_, '_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), WriteError> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeStruct for Open<'_, '_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), WriteError> {
        self.comma();
        push_string(self.writer.body, key);
        self.writer.body.push(b':');
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), WriteError> {
        self.close();
        Ok(())
    }
}
