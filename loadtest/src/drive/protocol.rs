//! What a server under test speaks, and where its answer ends.
//!
//! Whatever the protocol, one request is one array of bytes and one answer is read to its end before
//! the next is sent, so the client costs the same and does the same for every server.

use anyhow::{Context, bail};

use crate::reply::{self, Reply};

/// Largest answer accepted of a server that speaks no HTTP, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// The protocols spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1, keep-alive.
    Http,
    /// RESP2, a function call for each request.
    Redis,
    /// The PostgreSQL frontend protocol 3.0: a prepared statement, one transaction for each request.
    Postgres,
}

impl Protocol {
    /// What is said once on a new connection, each message answered before the next; `statement` is
    /// what PostgreSQL prepares.
    pub(super) fn greetings(self, statement: &str) -> Vec<Vec<u8>> {
        match self {
            Self::Http | Self::Redis => Vec::new(),
            Self::Postgres => vec![pg_startup(), pg_prepare(statement)],
        }
    }

    /// Looks for one whole answer at the start of `buffer`; `None` means more bytes are needed.
    pub(super) fn parse(self, buffer: &[u8]) -> anyhow::Result<Option<Reply>> {
        match self {
            Self::Http => Ok(reply::parse(buffer)?),
            Self::Redis => resp(buffer),
            Self::Postgres => pg_answer(buffer),
        }
    }
}

/// The request that calls the function `gate` with two arguments.
pub(crate) fn resp_call(account: &str, phone: &str) -> Vec<u8> {
    let mut bytes = b"*5\r\n$5\r\nFCALL\r\n$4\r\ngate\r\n$1\r\n0\r\n".to_vec();
    for argument in [account, phone] {
        bytes.extend(format!("${}\r\n{argument}\r\n", argument.len()).bytes());
    }
    bytes
}

/// Bind, Execute and Sync of the prepared statement with two text arguments.
pub(crate) fn pg_call(account: &str, phone: &str) -> Vec<u8> {
    // Unnamed portal, the statement `gate`, no parameter formats (all text), two parameters.
    let mut bind = b"\0gate\0\0\0\0\x02".to_vec();
    for argument in [account, phone] {
        bind.extend(length(argument.len()));
        bind.extend(argument.bytes());
    }
    bind.extend([0, 0]);
    let mut bytes = pg_message(b'B', &bind);
    bytes.extend(pg_message(b'E', b"\0\0\0\0\0"));
    bytes.extend(pg_message(b'S', b""));
    bytes
}

fn pg_startup() -> Vec<u8> {
    let body = b"\0\x03\0\0user\0gate\0database\0postgres\0\0";
    [&length(body.len() + 4)[..], body].concat()
}

fn pg_prepare(statement: &str) -> Vec<u8> {
    let body = [b"gate\0", statement.as_bytes(), b"\0\0\0"].concat();
    [pg_message(b'P', &body), pg_message(b'S', b"")].concat()
}

fn pg_message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &length(body.len() + 4), body].concat()
}

/// A length as the protocol writes it. Every message here is a few hundred bytes.
fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

/// A bulk or simple string, or an error.
fn resp(buffer: &[u8]) -> anyhow::Result<Option<Reply>> {
    let Some(line_end) = reply::find(buffer, b"\r\n") else {
        return bounded(buffer);
    };
    let (kind, line) = buffer.get(..line_end).unwrap_or_default().split_at(1);
    let body = line_end + 2;
    let (status, body, end) = match kind {
        b"$" => {
            let digits = std::str::from_utf8(line)?;
            let length: usize = digits.parse().context("length of a bulk string")?;
            (200, body, body + length + 2)
        }
        b"+" => (200, 1, body),
        b"-" => (500, 1, body),
        _ => bail!("an answer of a kind no function here gives"),
    };
    let whole = Reply {
        status,
        body,
        end,
        close: false,
    };
    Ok((buffer.len() >= end).then_some(whole))
}

/// All messages up to `ReadyForQuery`; the body is the first column of the row among them.
fn pg_answer(buffer: &[u8]) -> anyhow::Result<Option<Reply>> {
    let (mut at, mut status, mut body) = (0, 200, 0);
    while let Some([kind, a, b, c, d]) = buffer.get(at..at + 5) {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let (content, end) = (at + 5, at + 1 + length);
        if length < 4 || end > ANSWER_BYTES_MAX {
            bail!("a message of {length} bytes");
        }
        if buffer.len() < end {
            return Ok(None);
        }
        match kind {
            b'E' => (status, body) = (500, content),
            b'R' if buffer.get(content..content + 4) != Some(&[0; 4]) => status = 401,
            // A row: the number of columns, then the length of the first.
            b'D' => body = content + 6,
            b'Z' => {
                return Ok(Some(Reply {
                    status,
                    body: body.min(end),
                    end,
                    close: false,
                }));
            }
            _ => {}
        }
        at = end;
    }
    bounded(buffer)
}

fn bounded(buffer: &[u8]) -> anyhow::Result<Option<Reply>> {
    if buffer.len() > ANSWER_BYTES_MAX {
        bail!("an answer over {ANSWER_BYTES_MAX} bytes");
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::{Protocol, pg_call, pg_message, resp_call};

    /// Every cut waits for more; the whole gives `status` and a body that starts with `body`.
    fn whole(protocol: Protocol, bytes: &[u8], status: u16, body: &[u8]) {
        for cut in 0..bytes.len() {
            let seen = protocol.parse(&bytes[..cut]).unwrap();
            assert_eq!(seen, None, "cut at {cut}");
        }
        let reply = protocol.parse(bytes).unwrap().unwrap();
        assert_eq!((reply.status, reply.end), (status, bytes.len()));
        assert!(bytes[reply.body..reply.end].starts_with(body));
    }

    #[test]
    fn answers_of_a_function_are_read_to_their_end() {
        whole(Protocol::Redis, b"$5\r\nhello\r\n", 200, b"hello");
        whole(Protocol::Redis, b"+OK\r\n", 200, b"OK");
        whole(Protocol::Redis, b"-ERR no\r\n", 500, b"ERR no");
        assert!(Protocol::Redis.parse(b":1\r\n").is_err());
    }

    #[test]
    fn rows_and_errors_of_a_statement_are_read_to_their_end() {
        let row = pg_message(b'D', b"\0\x01\0\0\0\x05hello");
        let ready = pg_message(b'Z', b"I");
        let bound = pg_message(b'2', b"");
        let answer = [&bound[..], &row, &ready].concat();
        whole(Protocol::Postgres, &answer, 200, b"hello");
        let error = pg_message(b'E', b"SERROR\0\0");
        whole(
            Protocol::Postgres,
            &[&error[..], &ready].concat(),
            500,
            b"SERROR",
        );
        let password = pg_message(b'R', &[0, 0, 0, 3]);
        whole(
            Protocol::Postgres,
            &[&password[..], &ready].concat(),
            401,
            b"",
        );
        assert!(Protocol::Postgres.parse(b"Z\0\0\0\x01").is_err());
    }

    #[test]
    fn requests_have_the_lengths_they_state() {
        assert_eq!(
            resp_call("A1", "55"),
            b"*5\r\n$5\r\nFCALL\r\n$4\r\ngate\r\n$1\r\n0\r\n$2\r\nA1\r\n$2\r\n55\r\n"
        );
        let call = pg_call("A1", "555");
        let bind = u32::from_be_bytes([call[1], call[2], call[3], call[4]]) as usize;
        assert_eq!((call[0], call[1 + bind]), (b'B', b'E'));
        assert_eq!(call.len(), 1 + bind + 10 + 5);
    }
}
