//! JSON intake: an array of records, an object `{"records": [...]}`, or one record a line (NDJSON).
//!
//! The form is told by the first bytes. In NDJSON a broken line spoils itself alone; in the other
//! two a record whose brackets or quotes never close spoils the rest, and that is reported.

use super::elements::Elements;
use super::lines::{Cut, Lines};
use super::reject::{Fault, Refused, RejectCode, Rejected};
use super::row;
use super::{Numbered, Sink};

/// Longest opening, blanks included, before the form must be known.
pub(super) const OPENING_BYTES_MAX: usize = 1_024;

#[derive(Debug)]
enum Form {
    /// Not known yet: the bytes so far.
    Opening(Vec<u8>),
    Lines(Lines),
    Array {
        elements: Elements,
        wrapped: bool,
    },
    /// The array is whole; `true` when its object has still to close.
    Tail {
        wrapped: bool,
    },
    /// Something stood where nothing can; the rest is not read.
    Broken,
}

/// A reader of JSON in chunks.
#[derive(Debug)]
pub struct JsonReader {
    form: Form,
    line: u32,
}

impl Default for JsonReader {
    fn default() -> Self {
        Self {
            form: Form::Opening(Vec::new()),
            line: 0,
        }
    }
}

impl JsonReader {
    /// A reader of one record a line, whatever the first bytes look like: for the later parts of a
    /// file whose first bytes have told.
    pub fn of_lines() -> Self {
        Self {
            form: Form::Lines(Lines::default()),
            line: 0,
        }
    }

    /// Takes a chunk and hands every record that ends in it to `sink`, refused ones too.
    ///
    /// # Errors
    /// [`Refused`] when the input is neither of the three forms; nothing has been handed out then.
    pub fn push(&mut self, chunk: &[u8], sink: &mut Sink<'_>) -> Result<(), Refused> {
        let Form::Opening(held) = &mut self.form else {
            self.feed(chunk, sink);
            return Ok(());
        };
        held.extend_from_slice(chunk);
        let held = std::mem::take(held);
        match opening(&held) {
            Opening::Array { body, wrapped } => {
                self.form = Form::Array {
                    elements: Elements::default(),
                    wrapped,
                };
                self.feed(held.get(body..).unwrap_or(&[]), sink);
            }
            Opening::Lines => {
                self.form = Form::Lines(Lines::default());
                let text = held.strip_prefix(BOM).unwrap_or(&held);
                self.feed(text, sink);
            }
            Opening::Open if held.len() <= OPENING_BYTES_MAX => self.form = Form::Opening(held),
            Opening::Open | Opening::Neither => {
                return Err(Refused(Fault::row(RejectCode::InvalidJson)));
            }
        }
        Ok(())
    }

    /// The input has ended: hands out a last line, or the fault of an input cut short.
    ///
    /// # Errors
    /// [`Refused`] when the form never became known.
    pub fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Refused> {
        match std::mem::replace(&mut self.form, Form::Broken) {
            Form::Opening(held) if held.trim_ascii().is_empty() => {}
            Form::Opening(_) => return Err(Refused(Fault::row(RejectCode::InvalidJson))),
            Form::Lines(mut lines) => {
                let line = &mut self.line;
                let Ok(()) = lines.finish(&mut |cut| one_line(line, cut, sink));
            }
            Form::Array { .. } | Form::Tail { wrapped: true } => {
                self.line = self.line.saturating_add(1);
                broken(self.line, sink);
            }
            Form::Tail { wrapped: false } | Form::Broken => {}
        }
        Ok(())
    }

    fn feed(&mut self, chunk: &[u8], sink: &mut Sink<'_>) {
        let line = &mut self.line;
        match &mut self.form {
            Form::Lines(lines) => {
                let Ok(()) = lines.push(chunk, &mut |cut| one_line(line, cut, sink));
            }
            Form::Array { elements, wrapped } => {
                let rest = elements.push(chunk, &mut |cut| {
                    *line = line.saturating_add(1);
                    hand_out(*line, cut, sink);
                });
                if elements.ended() {
                    self.form = Form::Tail { wrapped: *wrapped };
                    self.feed(rest, sink);
                }
            }
            Form::Tail { wrapped } => {
                let mut rest = chunk.trim_ascii();
                if *wrapped && rest.starts_with(b"}") {
                    *wrapped = false;
                    rest = rest.get(1..).unwrap_or(&[]).trim_ascii_start();
                }
                if !rest.is_empty() {
                    self.form = Form::Broken;
                    self.line = self.line.saturating_add(1);
                    broken(self.line, sink);
                }
            }
            Form::Opening(_) | Form::Broken => {}
        }
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "lines are handed to a step that may fail"
)]
fn one_line(
    line: &mut u32,
    cut: Cut<'_>,
    sink: &mut Sink<'_>,
) -> Result<(), std::convert::Infallible> {
    *line = line.saturating_add(1);
    if !matches!(cut, Cut::Line(text) if text.trim_ascii().is_empty()) {
        hand_out(*line, cut, sink);
    }
    Ok(())
}

fn hand_out(line: u32, cut: Cut<'_>, sink: &mut Sink<'_>) {
    let read = match cut {
        Cut::Line(text) => row::read(text),
        Cut::TooLong => Err(Fault::row(RejectCode::RowTooLarge)),
    };
    sink(match read {
        Ok(record) => Ok(Numbered { line, record }),
        Err(fault) => Err(Rejected { line, fault }),
    });
}

fn broken(line: u32, sink: &mut Sink<'_>) {
    sink(Err(Rejected {
        line,
        fault: Fault::row(RejectCode::InvalidJson),
    }));
}

const BOM: &[u8] = "\u{feff}".as_bytes();

pub(super) enum Opening {
    /// Too little has come.
    Open,
    /// The elements begin at `body`.
    Array {
        body: usize,
        wrapped: bool,
    },
    /// An object that is a record of its own.
    Lines,
    Neither,
}

/// Tells the form by the first bytes.
pub(super) fn opening(held: &[u8]) -> Opening {
    let text = held.strip_prefix(BOM).unwrap_or(held);
    let at = |rest: &[u8]| held.len() - rest.len();
    let rest = text.trim_ascii_start();
    if let Some(body) = rest.strip_prefix(b"[") {
        return Opening::Array {
            body: at(body),
            wrapped: false,
        };
    }
    let mut rest = rest;
    for (step, token) in ["{", "\"records\"", ":", "["].iter().enumerate() {
        rest = rest.trim_ascii_start();
        let token = token.as_bytes();
        if let Some(tail) = rest.strip_prefix(token) {
            rest = tail;
        } else if token.starts_with(rest) || (step == 0 && BOM.starts_with(rest)) {
            return Opening::Open;
        } else if step == 0 {
            return Opening::Neither;
        } else {
            return Opening::Lines;
        }
    }
    Opening::Array {
        body: at(rest),
        wrapped: true,
    }
}
