//! Files of a `multipart/form-data` body, as it comes (RFC 7578): the bytes of its parts that have a
//! file name, or are called `file`.
//!
//! Invariants
//! - MULTIPART-1: how the input is cut into pieces changes nothing.
//! - MULTIPART-2: no more is held than a part's head and one boundary.

/// Bytes a part's head may have.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Bytes a boundary may have (RFC 2046, 5.1.1).
const BOUNDARY_BYTES_MAX: usize = 70;

/// What is read next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Something before a part: a preamble, or a part nobody wants.
    Skip,
    /// Right behind a boundary.
    Head,
    /// Bytes of a file.
    File,
    /// Behind the last boundary, or of no use.
    Over,
}

/// What comes out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Out<'a> {
    /// A file begins.
    Begin,
    /// Bytes of it.
    Bytes(&'a [u8]),
}

/// Reads a body piece by piece.
#[derive(Debug)]
pub(super) struct Multipart {
    /// `\r\n--boundary`.
    mark: Vec<u8>,
    held: Vec<u8>,
    state: State,
    whole: bool,
}

impl Multipart {
    /// For the `content-type` of a body; `None` when it is none of these.
    pub(super) fn of(content_type: &str) -> Option<Self> {
        let (kind, rest) = content_type.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let named = rest.split(';').find_map(|part| {
            let (name, value) = part.trim().split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("boundary")
                .then_some(value)
        })?;
        let boundary = named.trim().trim_matches('"');
        if boundary.is_empty() || boundary.len() > BOUNDARY_BYTES_MAX {
            return None;
        }
        let mark = [b"\r\n--", boundary.as_bytes()].concat();
        Some(Self {
            mark,
            // The first boundary may stand at the very beginning.
            held: b"\r\n".to_vec(),
            state: State::Skip,
            whole: false,
        })
    }

    /// Reads a piece.
    pub(super) fn push(&mut self, piece: &[u8], out: &mut dyn FnMut(Out<'_>)) {
        self.held.extend_from_slice(piece);
        loop {
            match self.state {
                State::Over => return self.held.clear(),
                State::Head => {
                    if !self.head(out) {
                        return;
                    }
                }
                State::Skip | State::File => {
                    if !self.content(out) {
                        return;
                    }
                }
            }
        }
    }

    /// Whether the body came to its last boundary.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Reads up to the next boundary; `false`: more is needed.
    fn content(&mut self, out: &mut dyn FnMut(Out<'_>)) -> bool {
        let found = find(&self.held, &self.mark);
        // What may be the beginning of a boundary is held.
        let kept = self.mark.len().saturating_sub(1);
        let end = found.unwrap_or_else(|| self.held.len().saturating_sub(kept));
        if let Some(bytes) = self.held.get(..end).filter(|bytes| !bytes.is_empty())
            && self.state == State::File
        {
            out(Out::Bytes(bytes));
        }
        let gone = found.map_or(end, |at| at + self.mark.len());
        self.held.drain(..gone.min(self.held.len()));
        if found.is_some() {
            self.state = State::Head;
        }
        found.is_some()
    }

    /// Reads a part's head; `false`: more is needed.
    fn head(&mut self, out: &mut dyn FnMut(Out<'_>)) -> bool {
        if self.held.starts_with(b"--") {
            (self.state, self.whole) = (State::Over, true);
            return true;
        }
        let Some(end) = find(&self.held, b"\r\n\r\n") else {
            if self.held.len() > HEAD_BYTES_MAX {
                self.state = State::Over;
            }
            return self.state == State::Over;
        };
        let head = String::from_utf8_lossy(self.held.get(..end).unwrap_or_default());
        let is_file = is_file(&head);
        self.held.drain(..end + 4);
        self.state = if is_file { State::File } else { State::Skip };
        if is_file {
            out(Out::Begin);
        }
        true
    }
}

fn is_file(head: &str) -> bool {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let disposition =
        lines.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"));
    disposition.is_some_and(|(_, value)| {
        value.split(';').any(|part| {
            let Some((name, value)) = part.trim().split_once('=') else {
                return false;
            };
            let name = name.trim();
            let called = name.eq_ignore_ascii_case("name") && value.trim_matches('"') == "file";
            called
                || name.eq_ignore_ascii_case("filename")
                || name.eq_ignore_ascii_case("filename*")
        })
    })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"--X\r\nContent-Disposition: form-data; name=\"batch\"\r\n\r\nB-1\r\n\
        --X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\
        Content-Type: text/csv\r\n\r\naccount_id\r\nA\r\n--Xy\r\nB\r\n--X--\r\n";

    fn files(cuts: usize) -> (Vec<Vec<u8>>, bool) {
        let mut reader = Multipart::of("multipart/form-data; boundary=X").unwrap();
        let mut files: Vec<Vec<u8>> = Vec::new();
        for piece in BODY.chunks(cuts) {
            reader.push(piece, &mut |out| match out {
                Out::Begin => files.push(Vec::new()),
                Out::Bytes(bytes) => files.last_mut().unwrap().extend_from_slice(bytes),
            });
        }
        (files, reader.is_whole())
    }

    /// MULTIPART-1: by any cut.
    #[test]
    fn the_file_comes_out_however_the_body_is_cut() {
        let whole = files(BODY.len());
        assert_eq!(whole.0.first().unwrap(), b"account_id\r\nA");
        for cuts in 1..BODY.len() {
            assert_eq!(files(cuts), whole, "{cuts}");
        }
    }

    /// MULTIPART-2: of a long file only what may be a boundary is held, of a head no more than it may
    /// have; of what follows nothing.
    #[test]
    fn no_more_is_held_than_a_head_and_a_boundary() {
        let mut reader = Multipart::of("multipart/form-data; boundary=X").unwrap();
        let mut bytes = 0;
        let mut out = |out: Out<'_>| {
            if let Out::Bytes(some) = out {
                bytes += some.len();
            }
        };
        let head = b"--X\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
        reader.push(head, &mut out);
        for _ in 0..100 {
            reader.push(&[b'-'; 1000], &mut out);
            assert!(
                reader.held.len() < reader.mark.len(),
                "{}",
                reader.held.len()
            );
        }
        reader.push(b"\r\n--X", &mut out);
        for _ in 0..100 {
            reader.push(&[b'h'; 1000], &mut out);
            assert!(reader.held.len() <= HEAD_BYTES_MAX, "{}", reader.held.len());
        }
        assert_eq!((bytes, reader.is_whole()), (100_000, false));
        assert_eq!(reader.held, b"");
    }

    #[test]
    fn only_a_form_with_a_boundary_is_read() {
        for kind in [
            "text/csv",
            "multipart/form-data",
            "multipart/mixed; boundary=X",
        ] {
            assert!(Multipart::of(kind).is_none(), "{kind}");
        }
        assert!(Multipart::of("Multipart/Form-Data; charset=x; Boundary=\"a b\"").is_some());
    }
}
