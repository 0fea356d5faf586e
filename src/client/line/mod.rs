//! How a question gets to the gateway and its answer back: HTTP, or frames.
//!
//! A line knows connections. It repeats nothing, judges nothing, and has no deadline of its own but
//! those of connecting: whoever asks drops the future when the time is over.

mod frames;
mod http;
mod recover;

use std::sync::Arc;
use std::time::Duration;

pub(super) use recover::Recovery;

use super::answer::{Said, Unread};
use super::disposition::{Disposition, ReportError, Reported};
use super::gauges::Gauges;
use super::intent::{Form, Question};
use super::limits::TOGETHER_BYTES_MAX;
use super::settings::{Checked, Protocol};
use super::token::Token;
use super::verdict::{ErrorCode, Garbled, Reason};
use crate::clock::Clock;
use bytes::Bytes;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing was sent: there is no connection.
    Unreachable,
    /// The connection broke; the question may have arrived.
    Disconnected,
    /// More came than any answer has.
    TooLong,
    /// What came is no frame of a gateway's.
    Garbled,
    /// An answer came to a question nobody asked.
    Mismatch,
    /// The credential was refused.
    Refused(ErrorCode),
    /// The gateway has an error in place of an answer.
    Told(ErrorCode),
}

impl From<Trouble> for Reason {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unreachable => Self::Unreachable,
            Trouble::Disconnected => Self::Disconnected,
            Trouble::TooLong => Self::Garbled(Garbled::TooLong),
            Trouble::Garbled => Self::Garbled(Garbled::Form),
            Trouble::Mismatch => Self::Mismatch,
            Trouble::Refused(code) => Self::Refused { status: 401, code },
            Trouble::Told(code) => Self::NotDecided(code),
        }
    }
}

/// An answer, read.
pub(super) type Read = Result<Said, Unread>;

/// A line to a gateway.
#[derive(Debug)]
pub(super) enum Line {
    /// Requests.
    Http(http::HttpLine),
    /// Frames.
    Frames(frames::FrameLine),
}

impl Line {
    /// Makes one; it connects when it is first used.
    pub(super) fn to(checked: &Checked, clock: &Clock, gauges: &Arc<Gauges>) -> Self {
        match checked.address.protocol {
            Protocol::Http1 | Protocol::Http2 => {
                Self::Http(http::HttpLine::to(checked, clock, gauges))
            }
            Protocol::Frames => Self::Frames(frames::FrameLine::to(checked, clock, gauges)),
        }
    }

    /// How many questions may be under way at once.
    pub(super) fn places(checked: &Checked) -> usize {
        match checked.address.protocol {
            Protocol::Http1 => checked.connections,
            Protocol::Http2 | Protocol::Frames => checked.connections * checked.window,
        }
    }

    /// How many of those places questions take that are put together.
    pub(super) fn places_of(&self, questions: usize) -> usize {
        match self {
            // One request.
            Self::Http(_) => 1,
            Self::Frames(_) => questions,
        }
    }

    /// How it spells questions.
    pub(super) fn form(&self) -> Form {
        match self {
            Self::Http(_) => Form::Json,
            Self::Frames(_) => Form::Frame,
        }
    }

    /// Bytes of questions that go together.
    pub(super) fn together_bytes_max(&self) -> usize {
        match self {
            Self::Http(_) | Self::Frames(_) => TOGETHER_BYTES_MAX,
        }
    }

    /// Puts one question. Dropped: the gateway may have decided, and what it reserved lapses.
    pub(super) async fn ask(&self, token: &Token, question: &Question) -> Result<Read, Trouble> {
        match self {
            Self::Http(line) => line.ask(token, question).await,
            Self::Frames(line) => line.ask(token, question).await,
        }
    }

    /// Puts questions together; as many answers come back. Dropped: as with [`Self::ask`].
    pub(super) async fn ask_together(
        &self,
        token: &Token,
        questions: &[&Question],
    ) -> Result<Vec<Read>, Trouble> {
        match self {
            Self::Http(line) => line.ask_together(token, questions).await,
            Self::Frames(line) => line.ask_together(token, questions).await,
        }
    }

    /// Reports. Dropped: it may be on record.
    pub(super) async fn report(
        &self,
        token: &Token,
        said: &Disposition,
        body: &Bytes,
    ) -> Result<Result<Reported, ReportError>, Trouble> {
        match self {
            Self::Http(line) => line.report(token, said, body).await,
            Self::Frames(line) => line.report(token, said, body).await,
        }
    }
}

/// Waits, unless there is nothing to wait for.
async fn rest(pause: Duration) {
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}
