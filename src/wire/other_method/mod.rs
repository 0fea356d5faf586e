//! Whether a request says of itself that it is of another method than its first line's: `_method` in
//! its query or in the form or object it sends, by which systems take a POST for a DELETE. Such a
//! request would reach another route than the one that was looked up.
//!
//! Names are compared as the most liberal of those systems reads them: decoded, spaces before them
//! left out, a dot, a space or an open bracket as an underscore, up to a NUL or a bracket.

mod form;
mod object;
mod parts;
#[cfg(test)]
mod tests;

use self::form::Form;
use self::object::Object;
use self::parts::Parts;

/// What names the other method.
const NAME: &[u8] = b"_method";
/// Bytes of a name that are looked at, still encoded: a longer one is another.
const NAME_BYTES_MAX: usize = 64;

/// Whether a query names another method.
pub fn in_query(query: &str) -> bool {
    let mut form = Form::default();
    form.push(query.as_bytes());
    form.end();
    form.found
}

/// Looks for it in a body as it passes. How the body is cut changes nothing.
#[derive(Debug)]
pub struct Scanner(Kind);

#[derive(Debug)]
enum Kind {
    Form(Form),
    Object(Object),
    Parts(Parts),
}

impl Scanner {
    /// For a body of this type; without one it may be read as a form. `None` where no system looks.
    pub fn of(content_type: Option<&[u8]>) -> Option<Self> {
        let Some(kind) = content_type else {
            return Some(Self(Kind::Form(Form::default())));
        };
        let kind = kind.to_ascii_lowercase();
        let has = |word: &[u8]| kind.windows(word.len()).any(|part| part == word);
        Some(Self(if has(b"json") {
            Kind::Object(Object::default())
        } else if has(b"multipart/") {
            Kind::Parts(Parts::default())
        } else if kind.trim_ascii().is_empty() || has(b"urlencoded") {
            Kind::Form(Form::default())
        } else {
            return None;
        }))
    }

    /// Takes the next piece; whether another method has been named so far.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        match &mut self.0 {
            Kind::Form(form) => {
                form.push(bytes);
                form.found
            }
            Kind::Object(object) => {
                object.push(bytes);
                object.found
            }
            Kind::Parts(parts) => {
                parts.push(bytes);
                parts.found
            }
        }
    }

    /// Nothing more comes; whether another method was named.
    pub fn end(&mut self) -> bool {
        match &mut self.0 {
            Kind::Form(form) => {
                form.end();
                form.found
            }
            Kind::Object(object) => object.found,
            Kind::Parts(parts) => {
                parts.end();
                parts.found
            }
        }
    }
}

/// Whether a decoded name is the one.
fn is_the_name(name: &[u8]) -> bool {
    let name = name.trim_ascii_start();
    let end = |at: &usize| matches!(name[*at], 0 | b']') || (name[*at] == b'[' && *at > 0);
    let end = (0..name.len()).find(end).unwrap_or(name.len());
    let folded = name[..end].trim_ascii_end().iter().map(|byte| match byte {
        b'.' | b' ' | b'[' => b'_',
        other => other.to_ascii_lowercase(),
    });
    folded.eq(NAME.iter().copied())
}

/// Percent-encoding and pluses undone; what is broken stands for itself.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let digit = |at: usize| {
        let byte = text.get(at).copied()?;
        char::from(byte).to_digit(16)
    };
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match (byte, digit(at), digit(at + 1)) {
            (b'%', Some(high), Some(low)) => {
                plain.extend(u8::try_from(high * 16 + low));
                at += 2;
            }
            (b'+', ..) => plain.push(b' '),
            _ => plain.push(byte),
        }
    }
    plain
}
