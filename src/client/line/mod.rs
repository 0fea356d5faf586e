//! How a question gets to the gateway and its answer back: HTTP, or frames.
//!
//! A line knows connections. It repeats nothing, judges nothing, and has no deadline of its own but
//! those of connecting: whoever asks drops the future when the time is over.

mod http;
mod recover;

use std::sync::Arc;
use std::time::Duration;

pub(super) use recover::Recovery;

use super::answer::{Said, Unread};
use super::disposition::{Disposition, ReportError, Reported};
use super::gauges::Gauges;
use super::intent::Question;
use super::limits::TOGETHER_BYTES_MAX;
use super::settings::{Checked, Protocol};
use super::token::Token;
use super::verdict::Reason;
use crate::clock::Clock;
use bytes::Bytes;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing was sent: there is no connection.
    Unreachable,
    /// The connection broke; the question may have arrived.
    Disconnected,
    /// More came than any answer has.
    TooLong,
}

impl From<Trouble> for Reason {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unreachable => Self::Unreachable,
            Trouble::Disconnected => Self::Disconnected,
            Trouble::TooLong => Self::Garbled(super::verdict::Garbled::TooLong),
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
}

impl Line {
    /// Makes one; it connects when it is first used.
    pub(super) fn to(checked: &Checked, clock: &Clock, gauges: &Arc<Gauges>) -> Self {
        match checked.address.protocol {
            Protocol::Http1 | Protocol::Http2 | Protocol::Frames => {
                Self::Http(http::HttpLine::to(checked, clock, gauges))
            }
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
    pub(super) fn places_of(&self, _questions: usize) -> usize {
        match self {
            // One request.
            Self::Http(_) => 1,
        }
    }

    /// Bytes of questions that go together.
    pub(super) fn together_bytes_max(&self) -> usize {
        match self {
            Self::Http(_) => TOGETHER_BYTES_MAX,
        }
    }

    /// Puts one question. Dropped: the gateway may have decided, and what it reserved lapses.
    pub(super) async fn ask(&self, token: &Token, question: &Question) -> Result<Read, Trouble> {
        match self {
            Self::Http(line) => line.ask(token, question).await,
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
        }
    }
}

/// Waits, unless there is nothing to wait for.
async fn rest(pause: Duration) {
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}
