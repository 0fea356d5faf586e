//! What an upload did, as the server answers it and as it is printed.

use serde::Deserialize;

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
}

/// One refused record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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

    /// Prints it; refused records make a finding.
    pub(super) fn print(&self) -> Exit {
        for line in self.lines() {
            console::line(&line);
        }
        if self.rejected.is_empty() {
            Exit::Done
        } else {
            Exit::Finding
        }
    }

    fn lines(&self) -> Vec<String> {
        let (applied, unchanged, refused) = (self.applied, self.unchanged, self.rejected.len());
        let mut all = vec![format!(
            "applied {applied}, unchanged {unchanged}, rejected {refused}"
        )];
        all.extend(self.rejected.iter().map(|one| {
            let field = one.field.as_deref().unwrap_or("-");
            format!("line {}: {field}: {}", one.line, one.code)
        }));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

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
