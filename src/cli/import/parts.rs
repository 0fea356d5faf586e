//! A file in parts that are acknowledged one by one, read ahead by a thread of their own.
//!
//! Memory is bounded by the length of a part: one being sent, one waiting, one being read.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use crate::cli::args::Format;
use crate::cli::exit::{Exit, Failure};
use crate::wire::ingest::cut::{Cutter, Dress, Place};

/// Bytes read and looked at in one go, at most.
const BLOCK_BYTES_MAX: usize = 256 * 1024;
/// Bytes without a place to cut, at most. A record has 16 KiB; beyond this it is no portfolio.
const SPAN_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Parts read ahead.
const PARTS_AHEAD: usize = 1;

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Part {
    /// How it is read on its own.
    pub(in crate::cli) dress: Dress,
    /// Its bytes.
    pub(in crate::cli) body: bytes::Bytes,
    /// Where it begins.
    pub(in crate::cli) from: Place,
    /// Where the next one begins.
    pub(in crate::cli) to: Place,
    /// SHA-256 of the file up to there.
    pub(in crate::cli) digest: [u8; 32],
    /// No other follows.
    pub(in crate::cli) last: bool,
}

impl Part {
    /// The line of the file that is line `line` of this part.
    pub(in crate::cli) fn line_of_file(&self, line: u64) -> u64 {
        self.from.line + line.saturating_sub(u64::from(self.dress.lines_before))
    }
}

/// A file being cut.
pub(super) struct Parts<R> {
    source: R,
    cutter: Cutter,
    hash: Sha256,
    /// Bytes from the start of the next part on.
    held: Vec<u8>,
    from: Place,
    part_bytes: usize,
    ended: bool,
}

fn cutter(format: Format) -> Cutter {
    match format {
        Format::Csv => Cutter::csv(),
        Format::Json => Cutter::json(),
    }
}

impl<R: Read> Parts<R> {
    /// From the beginning.
    pub(super) fn new(source: R, format: Format, part_bytes: usize) -> Self {
        Self {
            source,
            cutter: cutter(format),
            hash: Sha256::new(),
            held: Vec::new(),
            from: Place::default(),
            part_bytes,
            ended: false,
        }
    }

    /// The next part.
    ///
    /// # Errors
    /// Reading fails; no record ends within [`SPAN_BYTES_MAX`].
    pub(super) fn next(&mut self) -> io::Result<Option<Part>> {
        let block = self.part_bytes.clamp(1, BLOCK_BYTES_MAX);
        while !self.ended {
            let had = self.held.len();
            self.held.resize(had + block, 0);
            let read = self
                .source
                .read(self.held.get_mut(had..).unwrap_or_default())?;
            self.held.truncate(had + read);
            if read == 0 {
                self.ended = true;
                break;
            }
            self.cutter.look(self.held.get(had..).unwrap_or_default());
            let place = self.cutter.place();
            let place = place.filter(|place| place.next > self.from.next);
            if let Some(place) = place
                && self.held.len() >= self.part_bytes
            {
                return Ok(Some(self.cut(place)));
            }
            if self.held.len() > SPAN_BYTES_MAX + self.part_bytes {
                let told = format!("no record ends within {SPAN_BYTES_MAX} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, told));
            }
        }
        // An empty file is one part: what an empty upload is, the reader says.
        if self.held.is_empty() && self.from.next > 0 {
            return Ok(None);
        }
        Ok((!self.done()).then(|| self.rest()))
    }

    fn done(&self) -> bool {
        self.part_bytes == 0
    }

    fn cut(&mut self, to: Place) -> Part {
        let at = |offset: u64| usize::try_from(offset - self.from.next).unwrap_or(usize::MAX);
        let (end, next) = (at(to.end), at(to.next));
        self.hash
            .update(self.held.get(..next).unwrap_or(&self.held));
        let tail = self.held.get(next..).unwrap_or_default().to_vec();
        let mut body = std::mem::replace(&mut self.held, tail);
        body.truncate(end);
        self.part(body, to, false)
    }

    fn rest(&mut self) -> Part {
        let body = std::mem::take(&mut self.held);
        self.hash.update(&body);
        let end = self.from.next + body.len() as u64;
        let to = Place {
            end,
            next: end,
            line: self.from.line,
        };
        // Marks the end: there is no part of no bytes.
        self.part_bytes = 0;
        self.part(body, to, true)
    }

    fn part(&mut self, body: Vec<u8>, to: Place, last: bool) -> Part {
        let part = Part {
            dress: self.cutter.dress(self.from.next == 0, last),
            body: body.into(),
            from: self.from,
            to,
            digest: self.hash.clone().finalize().into(),
            last,
        };
        self.from = to;
        part
    }
}

/// Goes on in a file at `place`, if it still begins with what was read up to there.
///
/// # Errors
/// Reading fails.
pub(super) fn go_on(
    path: &Path,
    format: Format,
    part_bytes: usize,
    (place, digest): (Place, [u8; 32]),
) -> io::Result<Option<Parts<File>>> {
    let mut parts = Parts::new(File::open(path)?, format, part_bytes);
    let mut block = vec![0; BLOCK_BYTES_MAX];
    let mut left = place.next;
    while left > 0 {
        let most = usize::try_from(left).map_or(block.len(), |left| left.min(block.len()));
        let read = parts
            .source
            .read(block.get_mut(..most).unwrap_or_default())?;
        let bytes = block.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(None);
        }
        if !parts.cutter.is_known() {
            parts.cutter.look(bytes);
        }
        parts.hash.update(bytes);
        left -= read as u64;
    }
    let same = <[u8; 32]>::from(parts.hash.clone().finalize()) == digest;
    if !same || !parts.cutter.is_known() {
        return Ok(None);
    }
    parts.source.seek(SeekFrom::Start(place.next))?;
    parts.cutter.go_on_at(place);
    parts.from = place;
    Ok(Some(parts))
}

/// Reads parts ahead on a thread, until they end or nobody takes them.
///
/// # Errors
/// The thread cannot be started.
pub(super) fn ahead(
    mut parts: Parts<File>,
    path: &Path,
) -> Result<mpsc::Receiver<Result<Part, Failure>>, Failure> {
    let (give, take) = mpsc::channel(PARTS_AHEAD);
    let shown = path.display().to_string();
    let read = move || {
        loop {
            let part = match parts.next() {
                Ok(None) => return,
                Ok(Some(part)) => Ok(part),
                Err(error) => Err(unreadable(&shown, &error)),
            };
            let ends = part.is_err();
            if give.blocking_send(part).is_err() || ends {
                return;
            }
        }
    };
    let started = std::thread::Builder::new().name("parts".into()).spawn(read);
    started.map_err(|error| Failure::new(Exit::Fault, error))?;
    Ok(take)
}

/// A file that cannot be read.
pub(super) fn unreadable(shown: &str, error: &io::Error) -> Failure {
    let exit = match error.kind() {
        io::ErrorKind::InvalidData => Exit::BadInput,
        _ => Exit::InputOutput,
    };
    Failure::new(exit, format_args!("{shown}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(parts: &mut Parts<impl Read>) -> Vec<Part> {
        std::iter::from_fn(|| parts.next().unwrap()).collect()
    }

    fn body(part: &Part) -> String {
        let body = std::str::from_utf8(&part.body).unwrap();
        let before = std::str::from_utf8(&part.dress.before).unwrap();
        let behind = std::str::from_utf8(part.dress.behind).unwrap();
        format!("{before}{body}{behind}")
    }

    #[test]
    fn a_file_is_cut_behind_whole_rows() {
        let file = "account_id\nA\nB\nC\nD\n";
        let mut parts = Parts::new(file.as_bytes(), Format::Csv, 4);
        let all = all(&mut parts);
        let bodies: Vec<String> = all.iter().map(body).collect();
        assert_eq!(
            bodies,
            ["account_id\n", "account_id\nA\nB\n", "account_id\nC\nD\n"]
        );
        let lines: Vec<u64> = all.iter().map(|part| part.line_of_file(2)).collect();
        assert_eq!(lines, [2, 2, 4]);
        let lasts: Vec<bool> = all.iter().map(|part| part.last).collect();
        assert_eq!(lasts.iter().filter(|last| **last).count(), 0, "{lasts:?}");
    }

    #[test]
    fn an_empty_file_is_one_part_and_a_small_one_too() {
        for (file, format) in [
            ("", Format::Csv),
            ("", Format::Json),
            ("[{}]", Format::Json),
        ] {
            let all = all(&mut Parts::new(file.as_bytes(), format, 1 << 20));
            assert_eq!(all.len(), 1);
            assert_eq!((body(&all[0]), all[0].last), (file.to_owned(), true));
        }
    }

    #[test]
    fn what_was_read_must_still_stand_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.ndjson");
        let text = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n";
        std::fs::write(&path, text).unwrap();
        let whole = all(&mut Parts::new(text.as_bytes(), Format::Json, 8));
        assert_eq!(whole.len(), 3);
        for (n, part) in whole.iter().enumerate().take(2) {
            let mark = (part.to, part.digest);
            let mut rest = go_on(&path, Format::Json, 8, mark).unwrap().unwrap();
            assert_eq!(all(&mut rest), whole[n + 1..]);
        }
        let mark = (whole[1].to, whole[1].digest);
        std::fs::write(&path, text.replace('2', "7")).unwrap();
        assert!(go_on(&path, Format::Json, 8, mark).unwrap().is_none());
        std::fs::write(&path, "{\"a\":1}\n").unwrap();
        assert!(go_on(&path, Format::Json, 8, mark).unwrap().is_none());
        std::fs::write(&path, format!("{text}{{\"a\":4}}\n")).unwrap();
        assert!(go_on(&path, Format::Json, 8, mark).unwrap().is_some());
    }

    #[test]
    fn what_never_ends_is_given_up() {
        let endless = io::repeat(b'x');
        let mut parts = Parts::new(b"{\"a\":1}\n".chain(endless), Format::Json, 1 << 20);
        assert!(!parts.next().unwrap().unwrap().last);
        assert_eq!(parts.next().unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
