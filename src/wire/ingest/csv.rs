//! CSV intake: a header, then one line a row.
//!
//! Cells may be quoted (RFC 4180) and then hold commas, quotes and line ends; a byte-order mark and
//! CRLF are fine. The header is checked whole: one unknown column refuses the file, because a
//! misspelt column may be a restriction that nobody would miss. A quote that never closes spoils
//! its own line only: where a row of several lines does not come out, its first line is refused
//! and the next is read as a row of its own.

use csv_core::{ReadRecordResult, Reader};

use super::cells;
use super::columns::Header;
use super::draft::Draft;
use super::limits::{COLUMNS_MAX, ROW_BYTES_MAX};
use super::lines::{Cut, Lines};
use super::numbers::{self, ListEdit};
use super::reject::{Fault, Refused, RejectCode, Rejected};
use super::validate;
use super::{Numbered, Sink};
use crate::domain::record::Line;
use crate::domain::time::UnixSeconds;

/// A reader of CSV in chunks.
#[derive(Debug, Default)]
pub struct CsvReader {
    lines: Lines,
    rows: Rows,
}

impl CsvReader {
    /// A reader of numbers that go on the do-not-call list or come off it.
    pub fn of_numbers(edit: ListEdit, now: UnixSeconds) -> Self {
        let mut reader = Self::default();
        reader.rows.numbers = Some((edit, now));
        reader
    }

    /// Takes a chunk and hands every row that ends in it to `sink`, refused ones too.
    ///
    /// # Errors
    /// [`Refused`] when the header is not one; nothing has been handed out then.
    pub fn push(&mut self, chunk: &[u8], sink: &mut Sink<'_>) -> Result<(), Refused> {
        let rows = &mut self.rows;
        self.lines.push(chunk, &mut |cut| rows.physical(cut, sink))
    }

    /// The input has ended: hands out what is left.
    ///
    /// # Errors
    /// [`Refused`] when no sound header has come.
    pub fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Refused> {
        let rows = &mut self.rows;
        self.lines.finish(&mut |cut| rows.physical(cut, sink))?;
        self.rows.finish(sink)
    }
}

/// Looks only where rows begin and end, by the very code that reads them.
#[derive(Debug)]
pub(super) struct CsvScan(CsvReader);

impl Default for CsvScan {
    fn default() -> Self {
        let mut reader = CsvReader::default();
        reader.rows.scanning = true;
        Self(reader)
    }
}

impl CsvScan {
    /// Takes a chunk. `each` hears after every physical line whether the header has been read and
    /// whether no row is open.
    ///
    /// # Errors
    /// [`Refused`] when the header is not one.
    pub(super) fn push(
        &mut self,
        chunk: &[u8],
        each: &mut impl FnMut(bool, bool),
    ) -> Result<(), Refused> {
        let rows = &mut self.0.rows;
        self.0.lines.push(chunk, &mut |cut| {
            rows.physical(cut, &mut |_line| {})?;
            each(rows.header.is_some(), rows.open.is_none());
            Ok(())
        })
    }

    /// Forgets what is not whole: the next chunk begins a line.
    pub(super) fn at_line_start(&mut self) {
        self.0.lines = Lines::default();
        self.0.rows.open = None;
    }
}

/// Rows out of physical lines.
#[derive(Debug, Default)]
struct Rows {
    /// Only where rows end matters: no row's cells are read.
    scanning: bool,
    /// What becomes of the numbers of a file of numbers; `None`: it is a portfolio.
    numbers: Option<(ListEdit, UnixSeconds)>,
    header: Option<Sheet>,
    /// Number of the newest physical line.
    line: u32,
    /// A row with an open quote: the number of its first line, its bytes.
    open: Option<(u32, Vec<u8>)>,
    cells: Cells,
}

impl Rows {
    fn physical(&mut self, cut: Cut<'_>, sink: &mut Sink<'_>) -> Result<(), Refused> {
        self.line = self.line.saturating_add(1);
        let line = self.line;
        match cut {
            Cut::Line(text) => self.extend(line, text, sink),
            Cut::TooLong if self.header.is_none() => Err(refused(RejectCode::RowTooLarge)),
            Cut::TooLong => {
                if let Some(open) = self.open.take() {
                    self.read_line_by_line(open, sink)?;
                }
                reject(line, Fault::row(RejectCode::RowTooLarge), sink);
                Ok(())
            }
        }
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Refused> {
        while let Some(open) = self.open.take() {
            self.read_line_by_line(open, sink)?;
        }
        match self.header {
            Some(_) => Ok(()),
            None => Err(refused(RejectCode::Missing)),
        }
    }

    /// Adds a physical line to the row in hand, and reads the row when its quotes are closed.
    fn extend(&mut self, line: u32, text: &[u8], sink: &mut Sink<'_>) -> Result<(), Refused> {
        let odd = leaves_open(text);
        let Some((first, mut row)) = self.open.take() else {
            if odd {
                self.open = Some((line, text.to_vec()));
                return Ok(());
            }
            return self.row(line, text, sink).map(|_read| ());
        };
        row.push(b'\n');
        row.extend_from_slice(text);
        if row.len() > ROW_BYTES_MAX {
            return self.read_line_by_line((first, row), sink);
        }
        if !odd {
            self.open = Some((first, row));
            return Ok(());
        }
        if self.row(first, &row, sink)? {
            return Ok(());
        }
        self.read_line_by_line((first, row), sink)
    }

    /// A row of several lines did not come out: its first line is refused, the others are rows.
    fn read_line_by_line(
        &mut self,
        (first, row): (u32, Vec<u8>),
        sink: &mut Sink<'_>,
    ) -> Result<(), Refused> {
        if self.header.is_none() {
            return Err(refused(RejectCode::InvalidCsv));
        }
        // A stack, because one of the others may have to be taken apart in turn.
        let mut waiting: Vec<(u32, Vec<u8>)> = Vec::new();
        let take_apart = |(first, row): (u32, Vec<u8>), waiting: &mut Vec<(u32, Vec<u8>)>| {
            let lines = row.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
            let numbered: Vec<_> = (first..).zip(lines).skip(1).collect();
            waiting.extend(numbered.into_iter().rev());
        };
        reject(first, Fault::row(RejectCode::InvalidCsv), sink);
        take_apart((first, row), &mut waiting);
        while let Some((line, text)) = waiting.pop() {
            let odd = leaves_open(&text);
            match self.open.take() {
                None if odd => self.open = Some((line, text)),
                None => {
                    self.row(line, &text, sink)?;
                }
                Some((first, mut row)) => {
                    row.push(b'\n');
                    row.extend_from_slice(&text);
                    if !odd {
                        self.open = Some((first, row));
                    } else if !self.row(first, &row, sink)? {
                        reject(first, Fault::row(RejectCode::InvalidCsv), sink);
                        take_apart((first, row), &mut waiting);
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads a whole row; `false` when it spans lines and its cells do not come out.
    fn row(&mut self, line: u32, row: &[u8], sink: &mut Sink<'_>) -> Result<bool, Refused> {
        let text = row.strip_suffix(b"\r").unwrap_or(row);
        let Some(header) = &self.header else {
            let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
            let cells = self.cells.split(text).map_err(Refused)?;
            let sheet = match self.numbers {
                None => Header::read(cells).map(Sheet::Portfolio),
                Some(edit) => numbers::Header::read(&cells, edit).map(Sheet::Numbers),
            };
            self.header = Some(sheet.map_err(Refused)?);
            return Ok(true);
        };
        if text.trim_ascii().is_empty() {
            return Ok(true);
        }
        if self.scanning {
            // Whether a row of one line comes out changes nothing for the next.
            let spans = row.contains(&b'\n');
            let cells = spans.then(|| self.cells.split(text));
            let missing = |cells: &Vec<&str>| cells.len() != header.len();
            return Ok(!cells.is_some_and(|read| read.as_ref().is_ok_and(missing)));
        }
        let read = match self.cells.split(text) {
            Ok(cells) if cells.len() == header.len() => one(header, &cells),
            Ok(_) if row.contains(&b'\n') => return Ok(false),
            Ok(_) => Err(Fault::row(RejectCode::InvalidCsv)),
            Err(fault) => Err(fault),
        };
        match read {
            Ok(record) => sink(Ok(Numbered { line, record })),
            Err(fault) => reject(line, fault, sink),
        }
        Ok(true)
    }
}

/// What a file is about, and its columns.
#[derive(Debug)]
enum Sheet {
    Portfolio(Header),
    Numbers(numbers::Header),
}

impl Sheet {
    /// Cells a row must have.
    fn len(&self) -> usize {
        match self {
            Self::Portfolio(header) => header.len(),
            Self::Numbers(header) => header.len(),
        }
    }
}

/// One row's cells to a checked line.
fn one(sheet: &Sheet, cells: &[&str]) -> Result<Line, Fault> {
    let header = match sheet {
        Sheet::Portfolio(header) => header,
        Sheet::Numbers(header) => return header.line(cells),
    };
    if let Some(kind) = header.record_kind(cells) {
        return cells::read(header, cells, kind);
    }
    let mut draft = Draft::default();
    for (column, cell) in header.columns().iter().zip(cells) {
        if !cell.is_empty() {
            draft.apply(column, cell)?;
        }
    }
    let (mut line, names) = draft.finish()?;
    match validate::line(&mut line) {
        Ok(()) => Ok(line),
        Err(fault) => Err(names.translate(fault)),
    }
}

/// Whether a line has an odd number of quotes: a quoted cell begins or ends in it.
fn leaves_open(line: &[u8]) -> bool {
    line.iter().fold(false, |odd, byte| odd ^ (*byte == b'"'))
}

fn reject(line: u32, fault: Fault, sink: &mut Sink<'_>) {
    sink(Err(Rejected { line, fault }));
}

fn refused(code: RejectCode) -> Refused {
    Refused(Fault::row(code))
}

/// Splits rows into cells, in buffers that are used again.
#[derive(Debug)]
struct Cells {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Default for Cells {
    fn default() -> Self {
        Self {
            reader: Reader::new(),
            text: vec![0; ROW_BYTES_MAX],
            ends: vec![0; COLUMNS_MAX + 1],
        }
    }
}

impl Cells {
    /// The cells of one whole row, without outer blanks.
    fn split(&mut self, row: &[u8]) -> Result<Vec<&str>, Fault> {
        self.reader.reset();
        let (mut result, _, mut written, mut count) =
            self.reader.read_record(row, &mut self.text, &mut self.ends);
        if result == ReadRecordResult::InputEmpty {
            let text = self.text.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(count..).unwrap_or_default();
            let (last, _, more, ended) = self.reader.read_record(&[], text, ends);
            (result, written, count) = (last, written + more, count + ended);
        }
        match result {
            ReadRecordResult::Record | ReadRecordResult::End if count <= COLUMNS_MAX => {}
            ReadRecordResult::OutputFull => return Err(Fault::row(RejectCode::RowTooLarge)),
            _ => return Err(Fault::row(RejectCode::TooMany)),
        }
        let text = self.text.get(..written).unwrap_or(&[]);
        let text =
            std::str::from_utf8(text).map_err(|_position| Fault::row(RejectCode::InvalidUtf8))?;
        let mut start = 0;
        let ends = self.ends.iter().take(count);
        ends.map(|end| {
            let cell = text.get(start..*end);
            start = *end;
            // A cell boundary inside a character: two cells are broken, though the row is not.
            cell.map(str::trim_ascii)
                .ok_or(Fault::row(RejectCode::InvalidUtf8))
        })
        .collect()
    }
}
