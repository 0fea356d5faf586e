//! What of a file has been acknowledged, beside the file: `FILE.dialgate-progress`.
//!
//! One JSON object a line: whom the file goes to, then one line for each acknowledged part. A line is
//! written behind the acknowledgement, so the worst a crash loses is that a part is sent again, which
//! changes nothing. A line that is torn, or does not follow on the one before, ends what is believed.
//! It holds no facts: places, counts, the hash of what was read, refused lines by field and code.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::parts::Part;
use crate::cli::console;
use crate::cli::ingest_answer::{IngestAnswer, Rejected};
use crate::domain::hex::{hex, unhex};
use crate::wire::head::ChainHead;
use crate::wire::ingest::cut::Place;

/// The format of these lines.
const VERSION: u32 = 1;
/// A journal is read up to here, bytes: far more than all the refused lines that are listed.
const JOURNAL_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Where a file goes. Another destination knows nothing of what this one acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Errand {
    version: u32,
    tenant: String,
    to: String,
    csv: bool,
}

impl Errand {
    pub(super) fn new(tenant: &str, to: String, csv: bool) -> Self {
        let tenant = tenant.to_owned();
        Self {
            version: VERSION,
            tenant,
            to,
            csv,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Acknowledged {
    from: u64,
    end: u64,
    next: u64,
    line: u64,
    sha256: String,
    applied: u64,
    unchanged: u64,
    rejected: Vec<Rejected>,
    rejected_unlisted: u64,
    head: Option<String>,
}

/// What an earlier run left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Earlier {
    /// Where it got to.
    pub(super) place: Place,
    /// SHA-256 of the file up to there.
    pub(super) digest: [u8; 32],
    /// What became of it.
    pub(super) answer: IngestAnswer,
    /// The head the destination told last.
    pub(super) head: Option<ChainHead>,
    /// Length of what is believed, bytes.
    bytes: u64,
}

/// The journal of one file. It is a convenience: where it cannot be written the import goes on.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    errand: Errand,
    file: Option<File>,
    failed: bool,
}

impl Journal {
    /// Of a file. Nothing is read or written yet.
    pub(super) fn of(source: &Path, errand: Errand) -> Self {
        let mut path = source.as_os_str().to_owned();
        path.push(".dialgate-progress");
        Self {
            path: path.into(),
            errand,
            file: None,
            failed: false,
        }
    }

    /// What an earlier run to the same destination left, if anything.
    pub(super) fn earlier(&self) -> Option<Earlier> {
        let mut bytes = Vec::new();
        let file = File::open(&self.path).ok()?;
        file.take(JOURNAL_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        read(&bytes, &self.errand)
    }

    /// Goes on behind what an earlier run left; what is not believed of it is cut off.
    pub(super) fn go_on(&mut self, earlier: &Earlier) {
        let opened = OpenOptions::new().append(true).open(&self.path);
        let cut = opened.and_then(|file| file.set_len(earlier.bytes).map(|()| file));
        self.failed = cut.is_err();
        self.file = cut.ok();
    }

    /// Notes an acknowledged part; the first of a file makes the journal.
    pub(super) fn note(&mut self, part: &Part, answer: &IngestAnswer, head: Option<ChainHead>) {
        if self.failed {
            return;
        }
        if let Err(error) = self.write(part, answer, head) {
            self.failed = true;
            let shown = self.path.display();
            console::error(&format!(
                "{shown}: {error}: an interrupted import will begin anew"
            ));
        }
    }

    fn write(
        &mut self,
        part: &Part,
        answer: &IngestAnswer,
        head: Option<ChainHead>,
    ) -> std::io::Result<()> {
        if self.file.is_none() {
            let mut file = File::create(&self.path)?;
            file.write_all(&line(&self.errand)?)?;
            self.file = Some(file);
        }
        let acknowledged = Acknowledged {
            from: part.from.next,
            end: part.to.end,
            next: part.to.next,
            line: part.to.line,
            sha256: hex(&part.digest),
            applied: answer.applied,
            unchanged: answer.unchanged,
            rejected: answer.rejected.clone(),
            rejected_unlisted: answer.rejected_unlisted,
            head: head.map(|head| head.to_string()),
        };
        let line = line(&acknowledged)?;
        self.file
            .as_mut()
            .map_or(Ok(()), |file| file.write_all(&line))
    }

    /// The file is in, or begins anew: nothing is left to go on with.
    pub(super) fn forget(&mut self) {
        self.file = None;
        // There may never have been one.
        drop(std::fs::remove_file(&self.path));
    }
}

fn line(what: &impl Serialize) -> std::io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    Ok(line)
}

fn read(bytes: &[u8], errand: &Errand) -> Option<Earlier> {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    // A line without its end was torn.
    let mut whole = lines.by_ref().take_while(|line| line.ends_with(b"\n"));
    let first = whole.next()?;
    let begun: Errand = serde_json::from_slice(first).ok()?;
    if begun != *errand {
        return None;
    }
    let (mut earlier, mut believed): (Option<Earlier>, u64) = (None, first.len() as u64);
    for line in whole {
        let Ok(part) = serde_json::from_slice::<Acknowledged>(line) else {
            break;
        };
        let at = earlier.as_ref().map_or(0, |known| known.place.next);
        let Some(digest) = unhex(&part.sha256).filter(|_| part.from == at && part.next > at) else {
            break;
        };
        let mut answer = earlier.map(|known| known.answer).unwrap_or_default();
        answer.add(IngestAnswer {
            applied: part.applied,
            unchanged: part.unchanged,
            rejected: part.rejected,
            rejected_unlisted: part.rejected_unlisted,
        });
        believed += line.len() as u64;
        earlier = Some(Earlier {
            bytes: believed,
            place: Place {
                end: part.end,
                next: part.next,
                line: part.line,
            },
            digest,
            answer,
            head: part.head.as_deref().and_then(ChainHead::parse),
        });
    }
    earlier
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Format;
    use crate::cli::import::parts::Parts;

    fn errand() -> Errand {
        Errand::new("open", "http://127.0.0.1:1".into(), false)
    }

    fn told(n: u64) -> IngestAnswer {
        IngestAnswer {
            applied: n,
            unchanged: 1,
            rejected: vec![Rejected {
                line: n,
                field: None,
                code: "INVALID_JSON".into(),
            }],
            rejected_unlisted: 0,
        }
    }

    #[test]
    fn what_was_noted_comes_back_up_to_a_torn_line() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("f.ndjson");
        std::fs::write(&source, "{}\n{}\n{}\n").unwrap();
        let file = File::open(&source).unwrap();
        let mut parts = Parts::new(file, Format::Json, 3);
        let mut journal = Journal::of(&source, errand());
        assert_eq!(journal.earlier(), None);
        let head = ChainHead {
            seq: 4,
            hash: [7; 32],
        };
        let mut marks = Vec::new();
        for n in 1..=2 {
            let part = parts.next().unwrap().unwrap();
            journal.note(&part, &told(n), Some(head));
            marks.push((part.to, part.digest));
        }
        let path = dir.path().join("f.ndjson.dialgate-progress");
        let whole = std::fs::read(&path).unwrap();
        let earlier = journal.earlier().unwrap();
        assert_eq!((earlier.place, earlier.digest), marks[1]);
        assert_eq!((earlier.answer.applied, earlier.answer.unchanged), (3, 2));
        assert_eq!(earlier.answer.rejected.len(), 2);
        assert_eq!(earlier.head, Some(head));
        let mut lines = whole.split_inclusive(|byte| *byte == b'\n');
        let one_part = lines.next().unwrap().len() + lines.next().unwrap().len();
        for cut in 0..=whole.len() {
            let expected = match cut {
                cut if cut < one_part => None,
                cut if cut < whole.len() => Some(marks[0]),
                _ => Some(marks[1]),
            };
            let found = read(&whole[..cut], &errand());
            assert_eq!(
                found.map(|known| (known.place, known.digest)),
                expected,
                "{cut}"
            );
        }
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let mut again = Journal::of(&source, errand());
        let earlier = again.earlier().unwrap();
        assert_eq!(earlier.place, marks[0].0);
        again.go_on(&earlier);
        let mut parts = Parts::new(File::open(&source).unwrap(), Format::Json, 3);
        parts.next().unwrap();
        again.note(&parts.next().unwrap().unwrap(), &told(2), Some(head));
        assert_eq!(
            std::fs::read(&path).unwrap(),
            whole,
            "the torn line is gone"
        );
        again.forget();
        assert_eq!(again.earlier(), None);
    }

    #[test]
    fn another_destination_knows_nothing() {
        let text = line(&errand()).unwrap();
        for other in [
            Errand::new("guarded", "http://127.0.0.1:1".into(), false),
            Errand::new("open", "http://127.0.0.1:2".into(), false),
            Errand::new("open", "http://127.0.0.1:1".into(), true),
        ] {
            assert_eq!(read(&text, &other), None);
        }
    }
}
