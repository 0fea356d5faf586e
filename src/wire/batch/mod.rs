//! The body of `POST /api/gate/contact-intents` -> intents, one at a time, and the shell of its
//! answer.
//!
//! A batch is a JSON list of intents, or an object whose one field `intents` is that list; the answer
//! has the form the question had, `answers` in place of `intents`. Each intent is read in one pass
//! over the body's own bytes, so that whoever reads may stop between two of them and let others work.
//!
//! Whole or not at all is asked of the batch: what is not JSON anywhere, has another form, no intents
//! or too many, is refused before anything of it is decided. What is wrong with one intent that is
//! JSON is that intent's own fault.

use serde::Deserialize as _;
use serde::de::IgnoredAny;

use super::field::{FieldCode, FieldError};
use super::intent::{self, AskRequest};
use super::limits::BATCH_INTENTS_MAX;

/// How a batch was spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `[...]`, answered `[...]`.
    List,
    /// `{"intents":[...]}`, answered `{"answers":[...]}`.
    Object,
}

impl Form {
    /// What stands before the first answer.
    pub const fn opening(self) -> &'static [u8] {
        match self {
            Self::List => b"[",
            Self::Object => b"{\"answers\":[",
        }
    }

    /// What stands after the last.
    pub const fn closing(self) -> &'static [u8] {
        match self {
            Self::List => b"]",
            Self::Object => b"]}",
        }
    }
}

/// A batch being read.
#[derive(Debug)]
pub struct Batch<'b> {
    text: &'b str,
    at: usize,
    form: Form,
    read: usize,
    exception_scope: bool,
}

/// An intent of a batch, or what is wrong with it.
pub type Element = Result<AskRequest, FieldError>;

impl<'b> Batch<'b> {
    /// Begins to read a body. `exception_scope`: whether the credential carries `gate:exception`.
    ///
    /// # Errors
    /// [`FieldError`] when it does not begin as a batch does.
    pub fn open(body: &'b [u8], exception_scope: bool) -> Result<Self, FieldError> {
        let invalid = FieldError::body(FieldCode::InvalidJson);
        let text = std::str::from_utf8(body).map_err(|_not_utf8| invalid)?;
        let mut batch = Self {
            text,
            at: 0,
            form: Form::List,
            read: 0,
            exception_scope,
        };
        if batch.takes("{") {
            batch.form = Form::Object;
            batch.expect("\"intents\"")?;
            batch.expect(":")?;
        }
        batch.expect("[")?;
        Ok(batch)
    }

    /// How the batch is spelt.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The next intent; `None` at the end of the batch.
    ///
    /// # Errors
    /// [`FieldError`] when the batch as a whole is not acceptable: nothing of it may be decided.
    pub fn next_intent(&mut self) -> Result<Option<Element>, FieldError> {
        if self.takes("]") {
            return self.end().map(|()| None);
        }
        if self.read > 0 {
            self.expect(",")?;
        }
        if self.read == BATCH_INTENTS_MAX {
            return Err(FieldError::body(FieldCode::TooManyIntents));
        }
        self.skip_space();
        let (element, length) = intent::decode_first(self.rest(), self.exception_scope)?;
        self.at += length;
        self.read += 1;
        Ok(Some(element))
    }

    /// After the list: nothing but the end of its object and of the body.
    fn end(&mut self) -> Result<(), FieldError> {
        if self.form == Form::Object {
            self.expect("}")?;
        }
        self.skip_space();
        if !self.rest().is_empty() {
            return Err(self.not_a_batch());
        }
        if self.read == 0 {
            return Err(FieldError::body(FieldCode::EmptyBatch));
        }
        Ok(())
    }

    fn rest(&self) -> &'b str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest().as_bytes();
        let space = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        self.at += rest.iter().take_while(space).count();
    }

    /// Whether `token` comes next; it is taken then.
    fn takes(&mut self, token: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), FieldError> {
        if self.takes(token) {
            return Ok(());
        }
        Err(self.not_a_batch())
    }

    /// Something else than a batch: other JSON, or none.
    fn not_a_batch(&self) -> FieldError {
        let mut parser = serde_json::Deserializer::from_str(self.text);
        let json = IgnoredAny::deserialize(&mut parser).and_then(|_any| parser.end());
        FieldError::body(match json {
            Ok(()) => FieldCode::NotABatch,
            Err(_not_json) => FieldCode::InvalidJson,
        })
    }
}

#[cfg(test)]
mod tests;
