//! Reads CSV files row by row: comments begin with `#`, the header is fixed, lists are separated
//! by semicolons.

use super::error::{RuleProblem, one_of};
use super::source::Source;

/// The rows of one file.
pub(super) struct Rows;

/// One row: as many cells as there are columns.
pub(super) struct Row<'r> {
    source: &'r Source<'r>,
    columns: Vec<&'static str>,
    cells: csv::StringRecord,
    line: u64,
}

impl Rows {
    /// Every well-formed row; the others are noted as faults.
    pub(super) fn read<'r, const N: usize>(
        source: &'r Source<'r>,
        columns: [&'static str; N],
    ) -> Vec<Row<'r>> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .has_headers(false)
            .from_reader(source.text.as_bytes());
        let lines: Vec<&str> = source.text.lines().collect();
        let mut rows = Vec::new();
        let mut header = false;
        for record in reader.records() {
            match record {
                Ok(cells) if header => {
                    let line = line_of(&lines, cells.position());
                    rows.push(Row {
                        source,
                        columns: columns.to_vec(),
                        cells,
                        line,
                    });
                }
                Ok(cells) => {
                    header = true;
                    if !cells.iter().eq(columns) {
                        let line = line_of(&lines, cells.position());
                        let found = cells.iter().collect::<Vec<_>>().join(",");
                        let known = columns.join(",");
                        source.fault_at_line(line, "", RuleProblem::UnknownValue { found, known });
                        return Vec::new();
                    }
                }
                Err(error) => {
                    let line = line_of(&lines, error.position());
                    source.fault_at_line(line, "", RuleProblem::Malformed(error.to_string()));
                }
            }
        }
        if rows.is_empty() {
            source.fault_at_line(0, "", RuleProblem::Missing);
        }
        rows
    }
}

/// The line of a record. The reader gives the position before the comments and empty lines that
/// it skipped on the way to the record.
fn line_of(lines: &[&str], position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 0 };
    let before = usize::try_from(position.line())
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    let skipped = lines
        .iter()
        .skip(before)
        .take_while(|line| line.is_empty() || line.starts_with('#'))
        .count();
    position.line() + u64::try_from(skipped).unwrap_or(0)
}

impl Row<'_> {
    /// A cell by column; `""` when empty.
    pub(super) fn get(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|known| *known == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or("")
    }

    /// The items of a list.
    pub(super) fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        self.get(column).split(';').filter(|item| !item.is_empty())
    }

    /// Notes a fault in a cell.
    pub(super) fn fault(&self, column: &str, problem: RuleProblem) {
        self.source.fault_at_line(self.line, column, problem);
    }

    /// A cell that names one of `all`.
    pub(super) fn choice<T: Copy>(
        &self,
        column: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        one_of(all, name, self.get(column))
            .map_err(|problem| self.fault(column, problem))
            .ok()
    }
}
