//! A naive model of the federal counts: every call in a list, local dates by `jiff`, every
//! question answered by looking at all of it. Slow, and meant to be read.
//!
//! 12 CFR 1006.14(b)(2): seven calls in seven days; none within seven days after a conversation,
//! whose day is the first. Days are calendar days where the person is. 1006.6(b)(1): from eight in
//! the morning to before nine in the evening there.

use std::cell::RefCell;
use std::collections::BTreeMap;

use dialgate::domain::words::Outcome;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A call about debts, by their position.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Unix seconds.
    pub at: i64,
    /// What became of it; pending: nothing reported.
    pub outcome: Outcome,
    /// Debts it was about.
    pub debts: Vec<usize>,
    /// The decision it came from, 0 = reported from elsewhere.
    pub audit: u64,
}

/// A consent to more calls about debts.
#[derive(Debug, Clone)]
pub(crate) struct Consent {
    /// Unix seconds.
    pub at: i64,
    /// A last day stated.
    pub last_day: Option<Date>,
    /// Debts; empty: all of the account.
    pub debts: Vec<usize>,
    /// Unix seconds of its revocation.
    pub revoked: Option<i64>,
}

/// Everything known of one person.
#[derive(Debug)]
pub(crate) struct Model {
    zone: TimeZone,
    /// Dates worked out before.
    dates: RefCell<BTreeMap<i64, Date>>,
    /// Calls in any order.
    pub calls: Vec<Call>,
    /// Consents in any order.
    pub consents: Vec<Consent>,
}

/// What the model says of one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Blocks {
    /// Seven calls in seven days.
    pub seven: bool,
    /// Within seven days after a conversation.
    pub talked: bool,
    /// Outside the hours.
    pub hours: bool,
}

const OPEN_H: i8 = 8;
const CLOSE_H: i8 = 21;

impl Model {
    /// A person in a zone.
    pub(crate) fn new(zone: &str) -> Self {
        Self {
            zone: TimeZone::get(zone).expect("a bundled zone"),
            dates: RefCell::default(),
            calls: Vec::new(),
            consents: Vec::new(),
        }
    }

    fn local(&self, at: i64) -> jiff::Zoned {
        let instant = Timestamp::from_second(at).expect("an instant of this century");
        instant.to_zoned(self.zone.clone())
    }

    fn date(&self, at: i64) -> Date {
        let known = self.dates.borrow().get(&at).copied();
        known.unwrap_or_else(|| {
            let date = self.local(at).date();
            self.dates.borrow_mut().insert(at, date);
            date
        })
    }

    fn talk(call: &Call) -> bool {
        call.outcome == Outcome::Conversation
    }

    fn counts(call: &Call) -> bool {
        !matches!(
            call.outcome,
            Outcome::NotDialed | Outcome::NotConnected | Outcome::WrongNumber
        )
    }

    /// Whether a consent covers a call about `debt` at `at`.
    fn consented(&self, debt: usize, at: i64) -> bool {
        self.consents.iter().any(|consent| {
            let seventh = days_later(self.date(consent.at), 6);
            let last = consent.last_day.map_or(seventh, |day| day.min(seventh));
            let talked_since = self.calls.iter().any(|call| {
                Self::talk(call)
                    && call.debts.contains(&debt)
                    && consent.at < call.at
                    && call.at < at
            });
            consent.at <= at
                && consent.revoked.is_none_or(|revoked| at < revoked)
                && (consent.debts.is_empty() || consent.debts.contains(&debt))
                && self.date(at) <= last
                && !talked_since
        })
    }

    fn blocks_debt(&self, debt: usize, now: i64) -> Blocks {
        let today = self.date(now);
        let about = |call: &&Call| call.debts.contains(&debt) && call.at <= now;
        let week = self.calls.iter().filter(about).filter(|call| {
            Self::counts(call)
                && self.date(call.at) > days_later(today, -7)
                && !self.consented(debt, call.at)
        });
        let mut talks = self
            .calls
            .iter()
            .filter(about)
            .filter(|call| Self::talk(call));
        let talking_now = self
            .calls
            .iter()
            .filter(about)
            .any(|call| Self::talk(call) && call.at == now);
        if self.consented(debt, now) && !talking_now {
            return Blocks::default();
        }
        Blocks {
            seven: week.count() >= 7,
            talked: talks.any(|call| today < days_later(self.date(call.at), 7)),
            hours: false,
        }
    }

    fn open(&self, now: i64) -> bool {
        (OPEN_H..CLOSE_H).contains(&self.local(now).hour())
    }

    /// Whether a call about these debts may be made.
    pub(crate) fn blocks(&self, debts: &[usize], now: i64) -> Blocks {
        let mut all = Blocks {
            hours: !self.open(now),
            ..Blocks::default()
        };
        for debt in debts {
            let one = self.blocks_debt(*debt, now);
            all.seven |= one.seven;
            all.talked |= one.talked;
        }
        all
    }

    /// The first instant after `now` at which nothing blocks, if nothing else happens. All of it
    /// changes on quarters of an hour, wherever the person is, but what a conversation of this very
    /// second blocks.
    pub(crate) fn next(&self, debts: &[usize], now: i64) -> Option<i64> {
        let first = now.div_euclid(900) * 900 + 900;
        let quarters = (0..10 * 96).map(|quarter| first + quarter * 900);
        std::iter::once(now + 1)
            .chain(quarters)
            .find(|at| self.open(*at) && self.blocks(debts, *at) == Blocks::default())
    }
}

fn days_later(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}
