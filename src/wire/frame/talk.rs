//! What may be said next on a stream. Pure: no socket, no clock, no credential.
//!
//! ```text
//! new --hello--> greeting --welcomed--> open --hello--> greeting
//!                    |                   | ^               |
//!                 refused              lapsed hello     refused
//!                    v                   v |               v
//!                 closed               lapsed            closed
//! ```
//! From everywhere: a fault closes, a drain ends taking. Intents are counted while they are under way.

use super::header::{Header, Kind};
use super::reason::Reason;
use crate::wire::limits::FRAME_WINDOW_INTENTS;

/// Where a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was said.
    New,
    /// A hello is being looked at.
    Greeting,
    /// Everything may be asked.
    Open,
    /// The credential has ended.
    Lapsed,
    /// Nothing is taken, what was is answered.
    Draining,
    /// Nothing is said any more but what is owed.
    Closed,
}

/// What is to be done about a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Look at the credential, then say [`Talk::welcomed`] or [`Talk::refused`].
    Greet,
    /// Ask the gate.
    Decide,
    /// Answer BLOCK `SYSTEM_ERROR` with `token_expired`: intents until the next hello.
    Lapsed,
    /// Report the outcome.
    Report,
    /// Answer the ping.
    Pong,
    /// Nothing: the frame came after the drain.
    Drop,
}

/// What may be said next on a stream, and how much is under way.
#[derive(Debug)]
pub struct Talk {
    state: State,
    /// Intents that were taken and not answered.
    under_way: usize,
}

impl Default for Talk {
    fn default() -> Self {
        Self {
            state: State::New,
            under_way: 0,
        }
    }
}

impl Talk {
    /// Hears of a frame.
    ///
    /// # Errors
    /// [`Reason`]: the frame may not come now; the stream is closed.
    pub fn hear(&mut self, header: &Header) -> Result<Act, Reason> {
        let kind = header.kind;
        let act = match (self.state, kind) {
            (State::Draining, _) => return Ok(Act::Drop),
            (State::Closed, _) => return Err(Reason::Done),
            _ if !kind.is_of_clients() => Err(Reason::NotFromClient),
            // Nobody reads on while a hello is looked at.
            (State::Greeting, _) => Err(Reason::Internal),
            (State::New | State::Open | State::Lapsed, Kind::Hello) => {
                self.state = State::Greeting;
                return Ok(Act::Greet);
            }
            (State::New, _) => Err(Reason::HelloExpected),
            (State::Open | State::Lapsed, Kind::Ping) => Ok(Act::Pong),
            (State::Open | State::Lapsed, Kind::Disposition) => Ok(Act::Report),
            (State::Open, _) => Ok(Act::Decide),
            (State::Lapsed, _) => Ok(Act::Lapsed),
        };
        if act.is_err() {
            self.state = State::Closed;
        }
        act
    }

    /// The hello was taken.
    pub fn welcomed(&mut self) {
        if self.state == State::Greeting {
            self.state = State::Open;
        }
    }

    /// The hello was refused: nothing more is taken.
    pub fn refused(&mut self) {
        if self.state == State::Greeting {
            self.state = State::Closed;
        }
    }

    /// The credential has ended; a new hello may come.
    pub fn lapse(&mut self) {
        if self.state == State::Open {
            self.state = State::Lapsed;
        }
    }

    /// The house is closing. Whether that is to be said to the client.
    pub fn drain(&mut self) -> bool {
        let tells = matches!(self.state, State::Greeting | State::Open | State::Lapsed);
        if self.state != State::Closed {
            self.state = State::Draining;
        }
        tells
    }

    /// A fault: nothing more is taken.
    pub fn close(&mut self) {
        self.state = State::Closed;
    }

    /// Notes that so many intents are under way.
    pub fn begun(&mut self, intents: usize) {
        self.under_way += intents;
    }

    /// Notes that so many of them are answered.
    pub fn answered(&mut self, intents: usize) {
        debug_assert!(intents <= self.under_way, "an answer nobody asked for");
        self.under_way = self.under_way.saturating_sub(intents);
    }

    /// Whether another frame is taken: the stream is open, and its window has room.
    pub fn takes(&self) -> bool {
        self.listens() && self.under_way < FRAME_WINDOW_INTENTS
    }

    /// Whether anything the client says is still heard.
    pub fn listens(&self) -> bool {
        matches!(self.state, State::New | State::Open | State::Lapsed)
    }

    /// Whether no hello was welcomed yet.
    pub fn is_new(&self) -> bool {
        matches!(self.state, State::New | State::Greeting)
    }

    /// Intents that were taken and not answered.
    pub fn under_way(&self) -> usize {
        self.under_way
    }

    /// Whether nothing more will be said: nothing is heard and nothing owed.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Draining | State::Closed) && self.under_way == 0
    }
}
