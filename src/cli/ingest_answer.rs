//! What an upload did, as the server answers it and as it is printed.

use serde::{Deserialize, Serialize};

use super::client::Answer;
use super::console;
use super::exit::{Exit, Failure};

/// The answer of the ingest routes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct IngestAnswer {
    /// Records that changed something.
    pub applied: u64,
    /// Records that changed nothing.
    pub unchanged: u64,
    /// Records that were refused.
    pub rejected: Vec<Rejected>,
    /// Refused records beyond those that are listed.
    #[serde(default)]
    pub rejected_unlisted: u64,
}

/// Refused records of one import that are listed; beyond it they are only counted.
const LISTED_MAX: usize = 10_000;

/// One refused record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Its line, from 1.
    pub line: u64,
    /// The field at fault.
    pub field: Option<String>,
    /// The code.
    pub code: String,
}

impl IngestAnswer {
    /// Reads a server's answer.
    pub(super) fn read(answer: &Answer) -> Result<Self, Failure> {
        if answer.status != 200 {
            return Err(answer.failure());
        }
        serde_json::from_slice(&answer.body).map_err(|_other_shape| {
            Failure::new(Exit::Fault, "the server's answer is not one of an upload")
        })
    }

    /// Adds what became of the next part.
    pub(super) fn add(&mut self, part: Self) {
        self.applied += part.applied;
        self.unchanged += part.unchanged;
        self.rejected.extend(part.rejected);
        self.rejected_unlisted += part.rejected_unlisted;
    }

    /// How many more refused records may be listed.
    pub(super) fn room(&self) -> usize {
        LISTED_MAX.saturating_sub(self.rejected.len())
    }

    /// Lists at most so many refused records and counts the others.
    pub(super) fn list_at_most(&mut self, listed: usize) {
        let over = self.rejected.len().saturating_sub(listed);
        self.rejected.truncate(listed);
        self.rejected_unlisted += over as u64;
    }

    /// Refused records, listed or not.
    pub(super) fn refused(&self) -> u64 {
        self.rejected.len() as u64 + self.rejected_unlisted
    }

    /// Records that were read.
    pub(super) fn records(&self) -> u64 {
        self.applied + self.unchanged + self.refused()
    }

    /// Prints it; refused records make a finding.
    pub(super) fn print(&self) -> Exit {
        for line in self.lines() {
            console::line(&line);
        }
        if self.refused() == 0 {
            Exit::Done
        } else {
            Exit::Finding
        }
    }

    fn lines(&self) -> Vec<String> {
        let (applied, unchanged, refused) = (self.applied, self.unchanged, self.refused());
        let mut all = vec![format!(
            "applied {applied}, unchanged {unchanged}, rejected {refused}"
        )];
        all.extend(self.rejected.iter().map(|one| {
            let field = one.field.as_deref().unwrap_or("-");
            format!("line {}: {field}: {}", one.line, one.code)
        }));
        if self.rejected_unlisted > 0 {
            all.push(format!("and {} more", self.rejected_unlisted));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn what_is_not_listed_is_counted() {
        let one = |line| Rejected {
            line,
            field: None,
            code: "MISSING".into(),
        };
        let mut whole = IngestAnswer::default();
        for part in 0..3 {
            let mut answer = IngestAnswer {
                rejected: (0..4_000).map(|n| one(part * 4_000 + n)).collect(),
                rejected_unlisted: 5,
                ..IngestAnswer::default()
            };
            answer.list_at_most(whole.room());
            whole.add(answer);
        }
        assert_eq!((whole.rejected.len(), whole.refused()), (10_000, 12_015));
        assert_eq!(whole.lines().last().unwrap(), "and 2015 more");
    }

    #[test]
    fn an_answer_is_read_and_printed_line_by_line() {
        let body = Bytes::from_static(
            b"{\"applied\":3,\"unchanged\":1,\"rejected\":[{\"line\":7,\"field\":\"state\",\
              \"code\":\"UNKNOWN_WORD\"},{\"line\":9,\"field\":null,\"code\":\"INVALID_JSON\"}]}",
        );
        let answer = IngestAnswer::read(&Answer { status: 200, body }).unwrap();
        assert_eq!(
            answer.lines(),
            [
                "applied 3, unchanged 1, rejected 2",
                "line 7: state: UNKNOWN_WORD",
                "line 9: -: INVALID_JSON",
            ]
        );
    }
}
