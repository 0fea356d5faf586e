//! Where a portfolio may be cut, so that its parts, read one after the other, say what it says read
//! whole (INGEST-3). For uploads that are acknowledged part by part and go on after a break.
//!
//! | form | a place to cut | what a later part is read with |
//! |---|---|---|
//! | one record a line | behind a line | nothing, but as lines |
//! | array, or object with `records` | between two elements, instead of the comma | its brackets |
//! | CSV | behind a row; never in a quoted line end | the header |

use super::csv::CsvScan;
use super::elements::{Blank, Elements};
use super::json::{OPENING_BYTES_MAX, Opening, opening};

/// A place to cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The part before ends here: bytes from the beginning of the file.
    pub end: u64,
    /// The part behind begins here; a comma may lie between.
    pub next: u64,
    /// Lines before it; in an array, elements.
    pub line: u64,
}

/// How a part is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// By its first bytes.
    Json,
    /// One record a line, whatever its first bytes look like.
    Lines,
    /// With a header.
    Csv,
}

/// What a part needs around its bytes to be read on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dress {
    /// How it is read.
    pub kind: Kind,
    /// Goes before its bytes.
    pub before: Vec<u8>,
    /// Goes behind them.
    pub behind: &'static [u8],
    /// Lines of `before`: they count in the part and not in the file.
    pub lines_before: u32,
}

#[derive(Debug)]
enum Form {
    Opening(Vec<u8>),
    Lines,
    Array(Box<Array>),
    Csv(Box<Csv>),
    /// It will be refused whole: where it is cut makes no difference.
    Refused,
}

#[derive(Debug, Default)]
struct Array {
    elements: Elements,
    wrapped: bool,
    /// Behind the newest comma, if a sound element ends there; a place once another follows.
    candidate: Option<Place>,
}

#[derive(Debug, Default)]
struct Csv {
    scan: CsvScan,
    header: Vec<u8>,
    header_lines: u32,
    known: bool,
}

/// Finds places to cut in a file that is looked at from its beginning, or from such a place.
#[derive(Debug)]
pub struct Cutter {
    form: Form,
    csv: bool,
    /// Bytes looked at.
    seen: u64,
    /// Lines or elements ended.
    line: u64,
    place: Option<Place>,
}

impl Cutter {
    /// For JSON of any of the three forms.
    pub fn json() -> Self {
        Self::of(Form::Opening(Vec::new()), false)
    }

    /// For CSV.
    pub fn csv() -> Self {
        Self::of(Form::Csv(Box::default()), true)
    }

    fn of(form: Form, csv: bool) -> Self {
        Self {
            form,
            csv,
            seen: 0,
            line: 0,
            place: None,
        }
    }

    /// The last place in what was looked at.
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// Whether opening or header have been read, or never will be.
    pub fn is_known(&self) -> bool {
        match &self.form {
            Form::Opening(_) => false,
            Form::Csv(csv) => csv.known,
            Form::Lines | Form::Array(_) | Form::Refused => true,
        }
    }

    /// Goes on at a place found earlier. The opening must be known.
    pub fn go_on_at(&mut self, place: Place) {
        self.seen = place.next;
        self.line = place.line;
        self.place = Some(place);
        match &mut self.form {
            Form::Array(array) => {
                array.elements = Elements::default();
                array.candidate = None;
            }
            Form::Csv(csv) => csv.scan.at_line_start(),
            Form::Opening(_) | Form::Lines | Form::Refused => {}
        }
    }

    /// Looks at the next bytes of the file.
    pub fn look(&mut self, bytes: &[u8]) {
        let base = self.seen;
        self.seen += bytes.len() as u64;
        match &mut self.form {
            Form::Opening(held) => {
                held.extend_from_slice(bytes);
                let held = std::mem::take(held);
                self.open(held);
            }
            Form::Lines => self.lines(base, bytes),
            Form::Array(_) => self.array(base, bytes),
            Form::Csv(_) => self.rows(base, bytes),
            Form::Refused => self.anywhere(),
        }
    }

    fn open(&mut self, held: Vec<u8>) {
        match opening(&held) {
            Opening::Array { body, wrapped } => {
                self.form = Form::Array(Box::new(Array {
                    wrapped,
                    ..Array::default()
                }));
                self.array(body as u64, held.get(body..).unwrap_or(&[]));
            }
            Opening::Lines => {
                self.form = Form::Lines;
                self.lines(0, &held);
                // The first part is read by its own first bytes, so they have to be in it.
                self.place = self.place.filter(|place| {
                    let part = usize::try_from(place.end)
                        .ok()
                        .and_then(|end| held.get(..end));
                    part.is_some_and(|part| matches!(opening(part), Opening::Lines))
                });
            }
            Opening::Open if held.len() <= OPENING_BYTES_MAX => self.form = Form::Opening(held),
            Opening::Open | Opening::Neither => self.anywhere(),
        }
    }

    fn anywhere(&mut self) {
        self.form = Form::Refused;
        self.place = Some(Place {
            end: self.seen,
            next: self.seen,
            line: self.line,
        });
    }

    fn lines(&mut self, base: u64, bytes: &[u8]) {
        let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            return;
        };
        self.line += newlines(bytes);
        self.place = Some(behind(base + last as u64, self.line));
    }

    fn array(&mut self, base: u64, bytes: &[u8]) {
        let Form::Array(array) = &mut self.form else {
            return;
        };
        let (line, place, candidate) = (&mut self.line, &mut self.place, &mut array.candidate);
        array.elements.scan(bytes, &mut |at, Blank(blank)| {
            *line += 1;
            let ends_array = bytes.get(at - 1) == Some(&b']');
            // Nothing before the end is an element only behind a comma: that one stays with it.
            if !(ends_array && blank) {
                *place = candidate.or(*place);
            }
            let next = base + at as u64;
            *candidate = (!blank).then_some(Place {
                end: next - 1,
                next,
                line: *line,
            });
        });
    }

    fn rows(&mut self, base: u64, bytes: &[u8]) {
        let Form::Csv(csv) = &mut self.form else {
            return;
        };
        let (mut count, mut whole, mut header) = (0_usize, 0, None);
        let was_known = csv.known;
        let scanned = csv.scan.push(bytes, &mut |known, closed| {
            count += 1;
            if known && header.is_none() {
                header = Some(count);
            }
            if known && closed {
                whole = count;
            }
        });
        if scanned.is_err() {
            return self.anywhere();
        }
        if !was_known {
            let end = header.map_or(bytes.len(), |nth| nth_newline(bytes, nth) + 1);
            csv.header
                .extend_from_slice(bytes.get(..end).unwrap_or(bytes));
            csv.known = header.is_some();
            let lines = u32::try_from(newlines(&csv.header));
            csv.header_lines = lines.unwrap_or(u32::MAX);
        }
        if whole > 0 {
            let last = nth_newline(bytes, whole);
            self.place = Some(behind(base + last as u64, self.line + whole as u64));
        }
        self.line += count as u64;
    }

    /// What a part needs, that begins at the beginning of the file or not, and reaches to its end
    /// or not.
    pub fn dress(&self, first: bool, last: bool) -> Dress {
        let kind = if self.csv { Kind::Csv } else { Kind::Json };
        let mut dress = Dress {
            kind,
            before: Vec::new(),
            behind: b"",
            lines_before: 0,
        };
        match &self.form {
            Form::Lines if !first => dress.kind = Kind::Lines,
            Form::Array(array) => {
                // Only the last part closes as the file does, however that is.
                let object = array.wrapped && (first || last);
                if !first {
                    dress.before = if object { RECORDS } else { b"[" }.to_vec();
                }
                if !last {
                    dress.behind = if object { b"]}" } else { b"]" };
                }
            }
            Form::Csv(csv) if !first => {
                dress.before.clone_from(&csv.header);
                dress.lines_before = csv.header_lines;
            }
            Form::Opening(_) | Form::Lines | Form::Csv(_) | Form::Refused => {}
        }
        dress
    }
}

const RECORDS: &[u8] = b"{\"records\":[";

fn behind(newline: u64, line: u64) -> Place {
    Place {
        end: newline + 1,
        next: newline + 1,
        line,
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    let ends = bytes.iter().map(|byte| u64::from(*byte == b'\n'));
    ends.sum()
}

/// Index of the `nth` newline, from 1; the last byte when there are fewer.
fn nth_newline(bytes: &[u8], nth: usize) -> usize {
    let mut all = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let found = all.nth(nth.saturating_sub(1)).map(|(at, _)| at);
    found.unwrap_or_else(|| bytes.len().saturating_sub(1))
}
