//! Counting the events of a stream, however it is cut: the lines that begin with `id: `.
//!
//! Lengths of the chunked coding are lines of their own between events, so lines are all there is to
//! see; everything else of an event is passed over unread, which keeps a thousand listeners cheap.

const FIELD: &[u8] = b"id: ";

/// What one listener has heard so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    /// Events with an id.
    pub(super) events: u64,
    /// Of these, ones whose id is not above the one before.
    pub(super) disordered: u64,
    last: u64,
    at: Place,
}

/// Where in a line the next byte stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// So many bytes of [`FIELD`] have been seen and nothing else.
    Field(usize),
    /// Behind it, with the number so far.
    Number(u64),
    /// In a line of no interest.
    Rest,
}

impl Default for Place {
    fn default() -> Self {
        Self::Field(0)
    }
}

impl Heard {
    /// Takes what came next.
    pub(super) fn take(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            self.at = match self.at {
                Place::Rest => {
                    let end = bytes.iter().position(|&byte| byte == b'\n');
                    let Some(end) = end else { return };
                    bytes = bytes.get(end + 1..).unwrap_or_default();
                    self.at = Place::Field(0);
                    continue;
                }
                _ if byte == b'\n' => self.end_line(),
                Place::Field(seen) => match FIELD.get(seen) {
                    Some(&wanted) if wanted == byte && seen + 1 == FIELD.len() => Place::Number(0),
                    Some(&wanted) if wanted == byte => Place::Field(seen + 1),
                    _ => Place::Rest,
                },
                Place::Number(number) if byte.is_ascii_digit() => {
                    Place::Number(number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0')))
                }
                Place::Number(_) => Place::Rest,
            };
            bytes = rest;
        }
    }

    fn end_line(&mut self) -> Place {
        if let Place::Number(id) = self.at {
            self.events += 1;
            self.disordered += u64::from(id <= self.last);
            self.last = id;
        }
        Place::Field(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Heard;

    const STREAM: &[u8] = b"3f\r\nevent: health\ndata: {\"status\":\"ok\"}\n\n\r\n\
        80\r\nid: 7\nevent: decision\ndata: {\"x\":\"id: 4\"}\n\nid: 12\nevent: block\ndata: {}\n\n\r\n\
        d\r\n: heartbeat\n\n\r\n20\r\nid: 12\nevent: outcome\ndata: {}\n\n\r\n";

    #[test]
    fn events_are_counted_however_the_stream_is_cut() {
        for piece in 1..STREAM.len() {
            let mut heard = Heard::default();
            STREAM.chunks(piece).for_each(|bytes| heard.take(bytes));
            // The third event's id repeats the second's.
            assert_eq!((heard.events, heard.disordered), (3, 1), "cut by {piece}");
        }
    }
}
