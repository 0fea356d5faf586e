//! An upload on its way to the system, kept until the system has answered; what restricts is put on
//! record as it comes. Runs on a thread that may wait.
//!
//! Invariants
//! - SPOOL-1: the file has no name, so that it is gone with whoever wrote it.
//! - SPOOL-2: a piece that restricts is on record before the upload has ended: a fact, a status that is
//!   not open, a number or address that is wrong. What a record says besides waits for the rest.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rustix::fs::{Mode, OFlags};
use tokio::sync::mpsc::Receiver;

use super::multipart::{Multipart, Out};
use super::tap::named_record;
use crate::domain::record::{
    AccountRecord, EmailRecord, FactKind, FactRecord, Line, Personal, PhoneRecord,
};
use crate::domain::words::AccountStatus;
use crate::engine::commands::{FactAnswer, Stated};
use crate::engine::restricts;
use crate::gateway::door::{Caller, SystemError};
use crate::gateway::intake::{Intake, Lines, Piece, Reader, sealed_item, step_back};
use crate::gateway::work::{Delivered, Work};
use crate::wire::limits::{SOR_RECORD_PAUSE_MS, SOR_RECORD_TRIES};

/// Read from the file at a time, bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// Why an upload could not be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpoolError {
    /// The file could not be made or written.
    #[error("the upload could not be kept: {0}")]
    File(#[from] io::Error),
    /// What restricts could not be put on record.
    #[error("a restriction could not be put on record")]
    NotRecorded,
}

/// An upload that has ended.
#[derive(Debug)]
pub(super) struct Spooled {
    file: File,
    /// It came to its end, and held one file.
    pub(super) is_whole: bool,
}

/// A file without a name in a directory. Blocks.
///
/// # Errors
/// The file system's, which may not know files without names.
pub(super) fn nameless(dir: &Path) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = rustix::fs::open(dir, flags, Mode::RUSR | Mode::WUSR)?;
    Ok(File::from(file))
}

/// Keeps an upload being sent.
pub(super) struct Spool {
    file: File,
    form: Option<Multipart>,
    files: u32,
    strict: Strict,
    /// Set, once no more comes, where that was the end.
    whole: Arc<AtomicBool>,
}

impl Spool {
    pub(super) fn new(
        file: File,
        form: Option<Multipart>,
        ((intake, source), caller): ((Intake, String), Caller),
        reader: Reader,
        whole: Arc<AtomicBool>,
    ) -> Self {
        Self {
            file,
            form,
            files: 0,
            strict: Strict {
                intake,
                source,
                caller,
                reader: Some(reader),
                lines: Lines::new(),
            },
            whole,
        }
    }

    /// Reads to the end. Blocks.
    pub(super) fn run(mut self, mut source: Receiver<Piece>) -> Result<Spooled, SpoolError> {
        step_back();
        while let Some(Piece::Bytes(bytes)) = source.blocking_recv() {
            self.piece(&bytes)?;
        }
        let is_whole = self.whole.load(Ordering::Acquire);
        if is_whole {
            self.strict.end()?;
        }
        let is_one = self
            .form
            .is_none_or(|form| form.is_whole() && self.files == 1);
        self.file.rewind()?;
        Ok(Spooled {
            file: self.file,
            is_whole: is_whole && is_one,
        })
    }

    fn piece(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        let Some(form) = &mut self.form else {
            self.file.write_all(bytes)?;
            return self.strict.piece(bytes);
        };
        let (file, strict, files) = (&mut self.file, &mut self.strict, &mut self.files);
        let mut kept = Ok(());
        form.push(bytes, &mut |out| match out {
            Out::Begin => *files += 1,
            Out::Bytes(bytes) if kept.is_ok() && *files == 1 => {
                let written = file.write_all(bytes).map_err(SpoolError::from);
                kept = written.and_then(|()| strict.piece(bytes));
            }
            Out::Bytes(_) => {}
        });
        kept
    }
}

impl Spooled {
    /// The next piece of it. Blocks.
    pub(super) fn next(&mut self) -> Option<Piece> {
        let mut piece = vec![0; PIECE_BYTES];
        match self.file.read(&mut piece) {
            Ok(0) => Some(Piece::End),
            Ok(count) => {
                piece.truncate(count);
                Some(Piece::Bytes(Bytes::from(piece)))
            }
            Err(_broken) => None,
        }
    }
}

/// What restricts, put on record while an upload is on its way.
struct Strict {
    intake: Intake,
    /// What is put on record names it as its source.
    source: String,
    caller: Caller,
    /// None once the file cannot be read: it is told when all of it is taken in.
    reader: Option<Reader>,
    lines: Lines,
}

impl Strict {
    fn piece(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        let read = self.reader.as_mut().map(|r| r.push(bytes, &mut self.lines));
        self.lines()?;
        if let Some(Err(_unreadable)) = read {
            self.reader = None;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), SpoolError> {
        if let Some(mut reader) = self.reader.take() {
            // A fault of the file is told when all of it is taken in.
            let _told_later = reader.finish(&mut self.lines);
        }
        self.lines()
    }

    fn lines(&mut self) -> Result<(), SpoolError> {
        for line in std::mem::take(&mut self.lines).into_iter().flatten() {
            for what in strict_parts(line.record) {
                self.put(line.line, &by_route(what, &self.source))?;
            }
        }
        Ok(())
    }

    /// Puts a statement on record; one about what the gate does not hold is none.
    fn put(&self, line: u32, what: &Stated) -> Result<(), SpoolError> {
        for attempt in 0..SOR_RECORD_TRIES {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(SOR_RECORD_PAUSE_MS));
            }
            let sealed = sealed_item(line, what.clone());
            // One too long for a row is told when all of it is taken in.
            let Some(item) = sealed.map_err(|_unwritable| SpoolError::NotRecorded)? else {
                return Ok(());
            };
            let work = Work::Fact(self.caller.tenant, Box::new(item));
            match self.intake.submit(work) {
                Delivered::Fact(
                    FactAnswer::Applied(_)
                    | FactAnswer::Unchanged
                    | FactAnswer::UnknownAccount
                    | FactAnswer::Refused(..),
                ) => return Ok(()),
                Delivered::Refused(SystemError::Sealed) => break,
                _ => {}
            }
        }
        Err(SpoolError::NotRecorded)
    }
}

/// The same with the route it came by.
fn by_route(mut what: Stated, source: &str) -> Stated {
    match &mut what {
        Stated::Account(record) => named_record(record, source),
        Stated::Contact(fact) => fact.source = Some(Personal::from(source)),
    }
    what
}

/// What of a line restricts, each thing by itself, so that one that is refused keeps no other back.
fn strict_parts(line: Line) -> Vec<Stated> {
    match line {
        Line::Account(record) => of_account(*record),
        Line::Contact(fact) => match fact.fact {
            _ if is_strict(&fact) => vec![Stated::Contact(fact)],
            _ => Vec::new(),
        },
        // Switches and the clock: when all of it is taken in, by whoever may.
        Line::Kill(_) | Line::ClockAccept => Vec::new(),
    }
}

/// Whether a fact restricts and permits nothing. Other than [`restricts`] alone this is sure of it.
fn is_strict(fact: &FactRecord) -> bool {
    let known = matches!(
        fact.fact,
        Some(
            FactKind::Attorney
                | FactKind::Bankruptcy
                | FactKind::Cease
                | FactKind::ContactOptOut
                | FactKind::Deceased
                | FactKind::Dispute
                | FactKind::DoNotCall
                | FactKind::EmployerProhibits
                | FactKind::Escalation
                | FactKind::Hold
                | FactKind::IdentityTheft
                | FactKind::MediumOptOut
                | FactKind::Military
                | FactKind::Minor
                | FactKind::NumberCheck
                | FactKind::Revocation
                | FactKind::Vulnerability
                | FactKind::WrongNumber
        )
    );
    let restricts = |kind| restricts(kind, fact);
    known && fact.lifted != Some(true) && fact.fact.is_some_and(restricts)
}

fn of_account(record: AccountRecord) -> Vec<Stated> {
    let account_id = record.account_id;
    let of = |rest: AccountRecord| {
        Stated::Account(Box::new(AccountRecord {
            account_id: account_id.clone(),
            ..rest
        }))
    };
    let status = record
        .status
        .filter(|status| *status != AccountStatus::Open);
    let status = status.map(|status| AccountRecord {
        status: Some(status),
        ..AccountRecord::default()
    });
    let facts = record.facts.into_iter().filter(is_strict);
    let facts = facts.map(|fact| AccountRecord {
        facts: vec![fact],
        ..AccountRecord::default()
    });
    // That it is wrong, and nothing else: a type or an owner may permit.
    let phones = record.phones.into_iter();
    let phones = phones.filter(|phone| phone.wrong == Some(true));
    let phones = phones.map(|phone| AccountRecord {
        phones: vec![PhoneRecord {
            number: phone.number,
            person_id: phone.person_id,
            wrong: phone.wrong,
            ..PhoneRecord::default()
        }],
        ..AccountRecord::default()
    });
    let emails = record.emails.into_iter();
    let emails = emails.filter(|email| email.wrong == Some(true));
    let emails = emails.map(|email| AccountRecord {
        emails: vec![EmailRecord {
            address: email.address,
            person_id: email.person_id,
            wrong: email.wrong,
            ..EmailRecord::default()
        }],
        ..AccountRecord::default()
    });
    status
        .into_iter()
        .chain(facts)
        .chain(phones)
        .chain(emails)
        .map(of)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// SPOOL-1: nothing is to be found in the directory, and what was written is there to be read.
    #[test]
    fn the_file_of_an_upload_has_no_name() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = nameless(dir.path()).unwrap();
        file.write_all(b"account_id\nA\n").unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let mut read = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut read).unwrap();
        assert_eq!(read, "account_id\nA\n");
    }

    /// What is put on record of a record while its upload is on its way.
    fn strict(record: Value) -> Vec<Value> {
        let record = serde_json::from_value::<AccountRecord>(record).unwrap();
        let parts = strict_parts(Line::Account(Box::new(record))).into_iter();
        let shown = parts.map(|part| match part {
            Stated::Account(record) => serde_json::to_value(record).unwrap(),
            Stated::Contact(fact) => serde_json::to_value(fact).unwrap(),
        });
        shown.collect()
    }

    /// SPOOL-2, INGEST-SOR-1: all that restricts, each by itself, and with it nothing that may permit.
    #[test]
    fn what_restricts_is_taken_out_of_a_record_and_nothing_else() {
        let said = json!({
            "account_id": "A", "reason": "r", "status": "recalled", "address": "on_file",
            "collector_role": "first_party",
            "phones": [
                { "number": "1", "personal": true },
                { "number": "2", "personal": true, "line_type": "landline", "wrong": true },
                { "number": "3", "wrong": false },
            ],
            "emails": [
                { "address": "a", "from_consumer": true, "wrong": true },
                { "address": "b", "wrong": false }, { "address": "c", "from_consumer": true },
            ],
            "facts": [
                { "fact": "cease" }, { "fact": "cease", "lifted": true }, { "fact": "consent" },
                { "fact": "override" }, { "fact": "dispute", "lifted": false },
                { "fact": "number_check", "reassigned": false },
            ],
        });
        let expected = [
            json!({ "account_id": "A", "status": "recalled" }),
            json!({ "account_id": "A", "facts": [{ "fact": "cease" }] }),
            json!({ "account_id": "A", "facts": [{ "fact": "dispute", "lifted": false }] }),
            json!({ "account_id": "A", "phones": [{ "number": "2", "wrong": true }] }),
            json!({ "account_id": "A", "emails": [{ "address": "a", "wrong": true }] }),
        ];
        assert_eq!(strict(said), expected);
        let open = json!({ "account_id": "A", "status": "open" });
        assert_eq!(strict(open), Vec::<Value>::new());
    }
}
