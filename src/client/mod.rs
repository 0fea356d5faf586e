//! Asking a dialgate from another program: one client over HTTP or frames, that cannot be misread.
//!
//! A contact may be made with a [`Permit`] in hand, and a permit comes from an ALLOW that was read
//! whole and in time. No answer, a late one, a broken one, one about something else: all are a
//! [`Block`]. Nothing here knows a gate or a rule.
//!
//! ```no_run
//! use dialgate::client::{Client, Disposition, Intent, Outcome, Settings, TokenSource, Verdict};
//!
//! # async fn dial(_: &str) -> Outcome { Outcome::NoAnswer }
//! # async fn floor() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(Settings::new(
//!     "http://127.0.0.1:9033",
//!     TokenSource::file("token"),
//! ))?;
//! match client.ask(&Intent::call("A-1047", "(415) 555-0142", "dialer")).await {
//!     Verdict::Permit(permit) => {
//!         let spent = permit.spend(client.now())?;
//!         let outcome = dial("(415) 555-0142").await;
//!         client.report(&spent.became(outcome)).await?;
//!     }
//!     Verdict::Block(block) => println!("not dialled: {block}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Invariants
//! - CLIENT-1 to 3: [`verdict`].
//! - CLIENT-4: repeats cost a share of the calls and no more: `retry`.
//! - CLIENT-5: one intent has one name and one sequence of bytes over all repeats of a call, so that
//!   a repeat is never a second reservation.
//! - CLIENT-6: no name, number or address of anybody asked about, and no token, stands in an error, a
//!   metric or a debug text.

mod answer;
mod ask;
mod disposition;
mod gauges;
mod intent;
mod key;
pub mod limits;
mod line;
mod now;
mod report;
mod retry;
mod settings;
#[cfg(test)]
mod tests;
mod token;
mod trust;
pub mod verdict;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

pub use crate::trust::TrustFault;
pub use disposition::{Disposition, ReportError, Reported};
pub use intent::Intent;
pub use now::Now;
pub use settings::{NotAnAddress, Protocol, Settings, SettingsError, SettingsErrors};
pub use token::{NoToken, TokenSource};
pub use verdict::{Block, ErrorCode, Expired, Garbled, Gates, Permit, Reason, Spent, Verdict};

pub use crate::domain::outcome::Reported as Outcome;

use crate::clock::Clock;
use gauges::Gauges;
use line::Line;
use retry::RetryBudget;
use token::Tokens;

/// A client of one gateway. Cheap to clone; all clones share connections, places and budgets.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    line: Line,
    tokens: Tokens,
    /// Questions and reports under way.
    places: Semaphore,
    places_max: usize,
    budget: RetryBudget,
    deadline: Duration,
    tries: u32,
    clock: Clock,
    gauges: Arc<Gauges>,
}

impl Client {
    /// A client. Reads the file of certificates; connects with the first question.
    ///
    /// # Errors
    /// Everything that is wrong with the settings.
    pub fn new(settings: Settings) -> Result<Self, SettingsErrors> {
        let checked = settings.check()?;
        let gauges = Arc::new(Gauges::new());
        let places = Line::places(&checked);
        Ok(Self(Arc::new(Inner {
            line: Line::to(&checked, &checked.clock, &gauges),
            tokens: Tokens::new(checked.token),
            places: Semaphore::new(places),
            places_max: places,
            budget: RetryBudget::new(checked.retry_percent),
            deadline: checked.deadline,
            tries: checked.tries,
            clock: checked.clock,
            gauges,
        })))
    }

    /// What time it is, for [`Permit::spend`].
    pub fn now(&self) -> Now {
        self.0.now()
    }

    /// May this contact be made? Answers within the deadline, whatever happens.
    ///
    /// Cancellation: dropped, the gateway may have reserved the attempt. Ask again under the same
    /// `request_id` to hear of it, or let it lapse: it stays counted.
    pub async fn ask(&self, intent: &Intent) -> Verdict {
        self.0.ask(intent).await
    }

    /// May these be made? The verdicts stand in the order of the intents, and all come within one
    /// deadline; what has none by then is a Block. At most [`limits::ASK_ALL_MAX`] intents.
    ///
    /// An attempt is reserved for each permit: ask for no more than will be made within a minute.
    ///
    /// Cancellation: as with [`ask`](Self::ask).
    pub async fn ask_all(&self, intents: &[Intent]) -> Vec<Verdict> {
        self.0.ask_all(intents).await
    }

    /// Says what came of a contact, at least once: repeated with the same bytes until the gateway
    /// has it on disk, or the deadline is over. It is counted once.
    ///
    /// Cancellation: dropped, it may be on record; report again.
    ///
    /// # Errors
    /// [`ReportError::Refused`]: no repeat will help. [`ReportError::Unheard`]: keep the report and
    /// give it again later.
    pub async fn report(&self, said: &Disposition) -> Result<Reported, ReportError> {
        self.0.report(said).await
    }
}
