//! Why a contact must not be made: one kind for each cause, none with a name or number in it.

use std::fmt;

use crate::domain::verdict::Gate;

/// Bytes of a code that is kept; a longer one is none of the gateway's.
const CODE_BYTES_MAX: usize = 64;
/// Digits of a code that is kept, as in `INVALID_UTF8`; more may be a number or an account.
const CODE_DIGITS_MAX: usize = 2;

/// Why a contact must not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The gates said no.
    #[error("blocked by {0}")]
    Gates(Gates),
    /// The gateway answered that it could not decide.
    #[error("not decided: {0}")]
    NotDecided(ErrorCode),
    /// The gateway refused to be asked.
    #[error("refused with status {status}: {code}")]
    Refused {
        /// Of HTTP.
        status: u16,
        /// The gateway's word for it.
        code: ErrorCode,
    },
    /// No answer within the deadline.
    #[error("no answer within the deadline")]
    Timeout,
    /// All places for questions under way stayed taken until the deadline.
    #[error("too much was under way")]
    Busy,
    /// An ALLOW came when it could no longer be used. Its attempt is reserved:
    /// [`Block::give_back`](super::Block::give_back).
    #[error("the answer came too late to be used")]
    Late,
    /// No connection to the gateway.
    #[error("the gateway cannot be reached")]
    Unreachable,
    /// The connection broke before an answer had come whole.
    #[error("the connection broke")]
    Disconnected,
    /// What came is no answer.
    #[error("the answer cannot be read: {0}")]
    Garbled(Garbled),
    /// The answer is about something else than was asked.
    #[error("the answer is about another question")]
    Mismatch,
    /// The source of tokens gave none.
    #[error("there is no token to ask with")]
    NoToken,
    /// The machine gave no random bytes to name the question by.
    #[error("the question cannot be named")]
    NoName,
    /// No gateway would take a field of the intent.
    #[error("the intent's {0} is not acceptable")]
    Unusable(&'static str),
    /// More intents at once than [`ASK_ALL_MAX`](crate::client::limits::ASK_ALL_MAX).
    #[error("too many intents at once")]
    TooMany,
}

/// What is wrong with the bytes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Garbled {
    /// It has not the form of an answer.
    #[error("no answer's form")]
    Form,
    /// It is longer than any answer.
    #[error("longer than any answer")]
    TooLong,
    /// It says yes in one place and no in another.
    #[error("it contradicts itself")]
    Contradiction,
    /// It says yes and names no row, or no instant until when.
    #[error("an ALLOW without row or end")]
    Incomplete,
}

impl Reason {
    /// A word for metrics; the same for every occurrence.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Gates(_) => "gates",
            Self::NotDecided(_) => "not_decided",
            Self::Refused { .. } => "refused",
            Self::Timeout => "timeout",
            Self::Busy => "busy",
            Self::Late => "late",
            Self::Unreachable => "unreachable",
            Self::Disconnected => "disconnected",
            Self::Garbled(_) => "garbled",
            Self::Mismatch => "mismatch",
            Self::NoToken => "no_token",
            Self::NoName => "no_name",
            Self::Unusable(_) => "unusable",
            Self::TooMany => "too_many",
        }
    }

    /// Whether the same question may fare better in a moment.
    pub(in crate::client) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable | Self::Disconnected => true,
            Self::NotDecided(code) => matches!(
                code.as_str(),
                "OVERLOADED" | "DEADLINE_PASSED" | "COMMIT_TIMEOUT" | "RECOVERING"
            ),
            Self::Refused { status, .. } => matches!(status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// Whether a newer token may fare better.
    pub(in crate::client) fn is_of_token(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status == 401,
            Self::NotDecided(code) => code.as_str().eq_ignore_ascii_case("token_expired"),
            _ => false,
        }
    }
}

/// The gates that block, each once, in gate order.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Gates(u16);

impl Gates {
    /// Adds one.
    pub(in crate::client) fn add(&mut self, gate: Gate) {
        self.0 |= gate.bit();
    }

    /// Whether none blocks.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this one blocks.
    pub fn has(self, gate: Gate) -> bool {
        self.0 & gate.bit() != 0
    }

    /// The gates.
    pub fn iter(self) -> impl Iterator<Item = Gate> {
        Gate::ALL.into_iter().filter(move |gate| self.has(*gate))
    }
}

impl fmt::Display for Gates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, gate) in self.iter().enumerate() {
            f.write_str(if n == 0 { "" } else { ", " })?;
            f.write_str(gate.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Gates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The gateway's word for a fault, such as `OVERLOADED` (`docs/integrating.md` lists them).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCode(Box<str>);

impl ErrorCode {
    /// Keeps a word of ASCII letters, `_` and a digit or two, 64 at most, that begins with a letter;
    /// anything else could be somebody's data and is kept as `UNKNOWN` (CLIENT-6).
    pub(in crate::client) fn read(text: &str) -> Self {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let begins = text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let code = begins
            && digits <= CODE_DIGITS_MAX
            && text.len() <= CODE_BYTES_MAX
            && text.bytes().all(letter);
        Self(if code { text } else { "UNKNOWN" }.into())
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
