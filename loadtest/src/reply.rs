//! Reading an HTTP/1.1 response out of a buffer that may hold only part of it.
//!
//! Only what the servers under test send is understood: a status line, headers, a body of
//! `content-length` bytes. Chunked bodies are an error, as no route of interest sends one.

/// Largest head accepted, in bytes.
pub(crate) const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Largest body accepted, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Where a whole response lies in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Status code.
    pub(crate) status: u16,
    /// First byte of the body.
    pub(crate) body: usize,
    /// One past the last byte of the response.
    pub(crate) end: usize,
    /// The server will close the connection after this response.
    pub(crate) close: bool,
}

/// Why a buffer is not a response this client reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplyError {
    /// The first line is not `HTTP/1.x NNN ..`.
    StatusLine,
    /// The head is longer than [`HEAD_BYTES_MAX`].
    HeadTooLong,
    /// `content-length` is not a number, or is above [`BODY_BYTES_MAX`].
    Length,
    /// No `content-length`, or a chunked body.
    NoLength,
}

impl std::fmt::Display for ReplyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::StatusLine => "response starts with no HTTP/1.x status line",
            Self::HeadTooLong => "response head over its limit",
            Self::Length => "response content-length unreadable or over its limit",
            Self::NoLength => "response without content-length",
        })
    }
}

impl std::error::Error for ReplyError {}

/// Looks for one whole response at the start of `buffer`; `None` means more bytes are needed.
pub(crate) fn parse(buffer: &[u8]) -> Result<Option<Reply>, ReplyError> {
    let Some(head_end) = find(buffer, b"\r\n\r\n") else {
        return if buffer.len() > HEAD_BYTES_MAX {
            Err(ReplyError::HeadTooLong)
        } else {
            Ok(None)
        };
    };
    let head = buffer.get(..head_end).unwrap_or_default();
    let mut lines = head.split(|&byte| byte == b'\n');
    let status = status(lines.next().unwrap_or_default())?;
    let (mut length, mut close) = (None, false);
    for line in lines {
        // The first byte decides for nearly every header, which keeps the client cheap.
        match line.first() {
            Some(b'c' | b'C') => {}
            _ => continue,
        }
        if let Some(value) = header(line, b"content-length:") {
            length = Some(number(value).ok_or(ReplyError::Length)?);
        } else if let Some(value) = header(line, b"connection:") {
            close = value.eq_ignore_ascii_case(b"close");
        }
    }
    let length = length.ok_or(ReplyError::NoLength)?;
    if length > BODY_BYTES_MAX {
        return Err(ReplyError::Length);
    }
    let body = head_end + 4;
    let end = body + length;
    Ok((buffer.len() >= end).then_some(Reply {
        status,
        body,
        end,
        close,
    }))
}

/// Position of `needle` in `hay`.
pub(crate) fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len())
        .position(|window| window == needle)
}

fn status(line: &[u8]) -> Result<u16, ReplyError> {
    let rest = line
        .strip_prefix(b"HTTP/1.")
        .ok_or(ReplyError::StatusLine)?;
    let code = rest.get(2..5).ok_or(ReplyError::StatusLine)?;
    number(code)
        .and_then(|code| u16::try_from(code).ok())
        .ok_or(ReplyError::StatusLine)
}

fn header<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
}

fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 12 {
        return None;
    }
    digits.iter().try_fold(0_usize, |sum, &digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + usize::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::{BODY_BYTES_MAX, HEAD_BYTES_MAX, Reply, ReplyError, parse};

    const WHOLE: &[u8] =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 5\r\n\r\nhello";

    #[test]
    fn every_split_of_a_response_waits_for_its_last_byte() {
        for cut in 0..WHOLE.len() {
            assert_eq!(parse(&WHOLE[..cut]), Ok(None), "cut at {cut}");
        }
        let body = WHOLE.len() - 5;
        let reply = Reply {
            status: 200,
            body,
            end: WHOLE.len(),
            close: false,
        };
        assert_eq!(parse(WHOLE), Ok(Some(reply)));
        let mut more = WHOLE.to_vec();
        more.extend_from_slice(b"HTTP/1.1 5");
        assert_eq!(
            parse(&more),
            Ok(Some(reply)),
            "the next response is left alone"
        );
    }

    #[test]
    fn status_and_close_are_read() {
        let bytes = b"HTTP/1.1 503 Busy\r\nConnection: close\r\ncontent-length: 0\r\n\r\n";
        let reply = parse(bytes).unwrap().unwrap();
        assert_eq!(
            (reply.status, reply.close, reply.end),
            (503, true, bytes.len())
        );
    }

    #[test]
    fn what_is_not_a_response_is_named() {
        assert_eq!(parse(b"SSH-2.0\r\n\r\n"), Err(ReplyError::StatusLine));
        assert_eq!(
            parse(b"HTTP/1.1 2x0 OK\r\n\r\n"),
            Err(ReplyError::StatusLine)
        );
        assert_eq!(parse(b"HTTP/1.1 200 OK\r\n\r\n"), Err(ReplyError::NoLength));
        let bad = b"HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\n";
        assert_eq!(parse(bad), Err(ReplyError::Length));
    }

    #[test]
    fn both_sides_of_the_limits() {
        assert_eq!(parse(&vec![b'x'; HEAD_BYTES_MAX]), Ok(None));
        assert_eq!(
            parse(&vec![b'x'; HEAD_BYTES_MAX + 1]),
            Err(ReplyError::HeadTooLong)
        );
        let at = format!("HTTP/1.1 200 OK\r\ncontent-length: {BODY_BYTES_MAX}\r\n\r\n");
        assert_eq!(parse(at.as_bytes()), Ok(None));
        let over = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
            BODY_BYTES_MAX + 1
        );
        assert_eq!(parse(over.as_bytes()), Err(ReplyError::Length));
    }
}
