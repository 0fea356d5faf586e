//! A form in parts: the names their heads give them. Lines of the parts' contents are looked at as well:
//! where a part ends is told by a boundary that two readers may see differently.

use super::{decoded, is_the_name};

const DISPOSITION: &[u8] = b"content-disposition";
/// Bytes of a head's line that are looked at; a longer one is taken for the worst.
const LINE_BYTES_MAX: usize = 8 * 1024;

/// Where a form in parts is being read.
#[derive(Debug, Default)]
pub(super) struct Parts {
    line: Vec<u8>,
    /// The line cannot be a disposition's.
    other: bool,
    pub(super) found: bool,
}

impl Parts {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    pub(super) fn end(&mut self) {
        self.look();
    }

    fn byte(&mut self, byte: u8) {
        let is_folded = |line: &[u8]| line.last() == Some(&b'\n');
        if is_folded(&self.line) && !matches!(byte, b' ' | b'\t') {
            self.look();
        }
        match byte {
            b'\n' if self.other => self.other = false,
            _ if self.other => {}
            b'\r' => {}
            // A disposition may go on on the next line.
            b'\n' if self.is_disposition() => self.line.push(b'\n'),
            b'\n' => self.line.clear(),
            byte if self.line.len() >= LINE_BYTES_MAX => {
                self.found = true;
                self.line.clear();
                self.other = byte != b'\n';
            }
            byte => {
                self.line.push(byte);
                let known = self.line.len().min(DISPOSITION.len());
                if !self.line[..known].eq_ignore_ascii_case(&DISPOSITION[..known]) {
                    self.line.clear();
                    self.other = true;
                }
            }
        }
    }

    fn is_disposition(&self) -> bool {
        self.line.len() > DISPOSITION.len()
    }

    fn look(&mut self) {
        if self.is_disposition() {
            self.found |= names(&self.line).iter().any(|name| is_the_name(name));
        }
        self.line.clear();
    }
}

/// What the parameters `name` of a line say, decoded where their own star says so.
fn names(line: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for parameter in parameters(line) {
        let Some(at) = parameter.iter().position(|byte| *byte == b'=') else {
            continue;
        };
        let (key, value) = (
            parameter[..at].trim_ascii(),
            parameter[at + 1..].trim_ascii(),
        );
        let value = plain(value);
        if key.eq_ignore_ascii_case(b"name") {
            all.push(value);
        } else if key.eq_ignore_ascii_case(b"name*") {
            let text = value.rsplit(|byte| *byte == b'\'').next();
            all.push(decoded(text.unwrap_or_default()));
        }
    }
    all
}

/// The pieces between semicolons that stand in no quotes.
fn parameters(line: &[u8]) -> Vec<&[u8]> {
    let (mut all, mut begin) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in line.iter().enumerate() {
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                all.push(&line[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    all.push(&line[begin..]);
    all
}

/// Without quotes and backslashes.
fn plain(value: &[u8]) -> Vec<u8> {
    let quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let inner = match value {
        [first, inner @ .., last] if quote(first) && first == last => inner,
        other => other,
    };
    inner
        .iter()
        .copied()
        .filter(|byte| *byte != b'\\')
        .collect()
}
