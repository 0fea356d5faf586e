//! A record read back from a row: the subject's texts return to their placeholders.

use serde::de::DeserializeOwned;

use crate::domain::record::FactRecord;

/// Why a row's body and subject do not make a record. Never carries their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The subject is not a JSON array of strings.
    #[error("the subject is not an array of texts")]
    Subject,
    /// A placeholder is malformed or names a text the subject has not got.
    #[error("the body names a text the subject does not have")]
    Placeholder,
    /// With its texts back, the body is not a record.
    #[error("the body is not a record")]
    Record,
}

/// Reads what [`write`](super::write) wrote: a body and its subject.
///
/// # Errors
/// [`RestoreError`], when the two were not written together or were altered.
pub fn restore<T: DeserializeOwned>(body: &[u8], subject: &[u8]) -> Result<T, RestoreError> {
    let texts = texts_of(subject).ok_or(RestoreError::Subject)?;
    let mut whole = Vec::with_capacity(body.len() + subject.len());
    let mut rest = body;
    while let Some(at) = rest.iter().position(|byte| *byte == b'"') {
        let (before, string) = rest.split_at(at);
        whole.extend_from_slice(before);
        let len = string_len(string).ok_or(RestoreError::Record)?;
        let (string, tail) = string.split_at(len);
        if string.starts_with(b"\"$") {
            let index = index_of(string).ok_or(RestoreError::Placeholder)?;
            whole.extend_from_slice(texts.get(index).ok_or(RestoreError::Placeholder)?);
        } else {
            whole.extend_from_slice(string);
        }
        rest = tail;
    }
    whole.extend_from_slice(rest);
    serde_json::from_slice(&whole).map_err(|_carries_text| RestoreError::Record)
}

/// [`restore`] of a fact that no account goes with.
///
/// # Errors
/// As [`restore`].
pub fn restore_fact(body: &[u8], subject: &[u8]) -> Result<FactRecord, RestoreError> {
    restore(body, subject)
}

/// The strings of a JSON array, each with its quotes.
fn texts_of(subject: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = subject.strip_prefix(b"[")?.strip_suffix(b"]")?;
    let mut texts = Vec::new();
    while !rest.is_empty() {
        if !texts.is_empty() {
            rest = rest.strip_prefix(b",")?;
        }
        let (text, tail) = rest.split_at(string_len(rest)?);
        texts.push(text);
        rest = tail;
    }
    Some(texts)
}

/// Bytes of the JSON string that `bytes` begins with, quotes included.
fn string_len(bytes: &[u8]) -> Option<usize> {
    let inside = bytes.strip_prefix(b"\"")?;
    let mut escaped = false;
    for (at, byte) in inside.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// The index in `"$<index>"`.
fn index_of(string: &[u8]) -> Option<usize> {
    let digits = string.strip_prefix(b"\"$")?.strip_suffix(b"\"")?;
    let canonical = digits.len() == 1 || digits.first() != Some(&b'0');
    if digits.is_empty() || digits.len() > 5 || !canonical {
        return None;
    }
    digits.iter().try_fold(0_usize, |index, digit| {
        digit
            .is_ascii_digit()
            .then(|| index * 10 + usize::from(digit - b'0'))
    })
}
