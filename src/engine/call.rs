//! What is known of one contact, and what another report of it adds.
//!
//! Reports are joined so that their order does not matter: of two outcomes the one that says more
//! stands, of two instants the later, debts that were named are put together. Only somebody who
//! answers for it (`actor`) makes a contact count less.
//!
//! Invariants
//! - CALL-1: joining reports that name nobody is commutative, associative and idempotent, but for
//!   two things a report may say: an instant ahead of the clock, which stands for when it came, and
//!   what was talked about, which is kept in any order, though not always as the same entry.

use super::state::State;
use crate::domain::facts::{At, Attempt};
use crate::domain::ids::DebtNo;
use crate::domain::outcome::{Reached, Reported};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{Channel, Outcome};

/// Seconds by which a report may lie ahead of engine time without being remarked.
pub(super) const AHEAD_S: i64 = 300;

/// One contact as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The attempt; its debts are those below.
    pub(super) main: Attempt,
    /// What it counts toward, sorted.
    pub(super) debts: Vec<DebtNo>,
    /// What a conversation was about that was about other debts, sorted: an entry of its own.
    pub(super) talk: Vec<DebtNo>,
}

/// One report of it, with names looked up.
#[derive(Debug, Clone)]
pub(super) struct News {
    pub(super) outcome: Outcome,
    pub(super) when: When,
    pub(super) call: u32,
    /// Sorted; empty: not said.
    pub(super) debts: Vec<DebtNo>,
    /// Sorted; empty: not said.
    pub(super) about: Vec<DebtNo>,
    pub(super) inbound: bool,
    pub(super) prerecorded: bool,
    pub(super) at_work: bool,
    /// Somebody answers for it.
    pub(super) actor: bool,
}

/// When a report says it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Not said.
    Unsaid,
    /// Then, which is not later than now.
    At(At),
    /// Later than now, by more than [`AHEAD_S`] if so flagged.
    Ahead(bool),
}

impl When {
    pub(super) fn of(said: Option<UnixSeconds>, now: UnixSeconds) -> Self {
        match said {
            None => Self::Unsaid,
            Some(at) if at <= now => Self::At(At::of(at)),
            Some(at) => Self::Ahead(at.0 > now.0 + AHEAD_S),
        }
    }
}

/// How much an outcome says of a contact: of two reports the one that says more stands. What
/// reached somebody else says most: it is learnt later than what the dialer heard.
pub(super) fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pending => 0,
        Outcome::NotDialed => 1,
        Outcome::NotConnected => 2,
        // Counts in fewer places than a call that nobody answered.
        Outcome::VoicemailUnableToLeave => 3,
        Outcome::NoAnswer => 4,
        Outcome::Sent => 5,
        Outcome::Dropped => 6,
        Outcome::Voicemail => 7,
        Outcome::Conversation => 8,
        Outcome::WrongParty => 9,
        Outcome::WrongNumber => 10,
    }
}

/// Whether an outcome means that the attempt was none, or none toward this person.
pub(super) fn astray(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::NotDialed | Outcome::WrongNumber | Outcome::WrongParty
    )
}

/// What a word says of an attempt through a channel.
pub(super) fn reached(word: Reported, channel: Channel, with_another: bool) -> Outcome {
    let aloud = matches!(channel, Channel::Phone | Channel::InPerson);
    match word.does().reached {
        Reached::As(outcome) => outcome,
        Reached::Spoken if !aloud => Outcome::Sent,
        Reached::Spoken if with_another => Outcome::Dropped,
        Reached::Spoken => Outcome::Conversation,
    }
}

/// What a report makes of a contact, and whether something stricter was kept.
pub(super) fn joined(known: &Call, news: &News, now: UnixSeconds) -> (Call, bool) {
    let old = known.main;
    let pending = old.outcome() == Outcome::Pending;
    let counted = if news.debts.is_empty() {
        &known.debts
    } else {
        &news.debts
    };
    // About other debts than it counts toward: the attempt was answered, and the talk is an entry
    // of its own.
    //
    // What it counts toward may only be guessed: what is said later of that must not unsay what the
    // talk was about.
    let said_debts =
        !news.debts.is_empty() || (!pending && old.guessed() & Attempt::DEBTS_GUESSED == 0);
    let elsewhere = news.outcome == Outcome::Conversation
        && !news.about.is_empty()
        && (!said_debts || news.about != *counted);
    let (outcome, mut talk) = if elsewhere {
        (Outcome::Dropped, news.about.clone())
    } else {
        (news.outcome, Vec::new())
    };
    if !news.actor {
        talk.extend(&known.talk);
        sort(&mut talk);
    }
    let kept = !pending && !news.actor && rank(outcome) < rank(old.outcome());
    let stands = if kept { old.outcome() } else { outcome };
    let mut guessed = if pending {
        Attempt::WHEN_GUESSED | Attempt::DEBTS_GUESSED
    } else {
        old.guessed()
    };
    let at = when(&old, news.when, guessed & Attempt::WHEN_GUESSED != 0, now);
    if matches!(news.when, When::At(_)) {
        guessed &= !Attempt::WHEN_GUESSED;
    }
    let mut debts = known.debts.clone();
    if !news.debts.is_empty() {
        if guessed & Attempt::DEBTS_GUESSED != 0 || news.actor {
            debts.clear();
        }
        debts.extend(&news.debts);
        sort(&mut debts);
        guessed &= !Attempt::DEBTS_GUESSED;
    }
    let call = match (news.call, old.has(Attempt::RESERVED)) {
        (0, true) => 0,
        (0, false) => old.call,
        (said, _) => said,
    };
    let main = Attempt {
        at,
        call,
        outcome: stands.number() | guessed,
        flags: flags(old.flags, stands, news),
        ..old
    };
    (Call { main, debts, talk }, kept)
}

fn flags(known: u8, stands: Outcome, news: &News) -> u8 {
    let mut flags = known & !(Attempt::RESERVED | Attempt::WITHDRAWN);
    if !news.inbound {
        flags &= !Attempt::INBOUND;
    }
    for (on, flag) in [
        (news.prerecorded, Attempt::PRERECORDED),
        (news.at_work, Attempt::WORKPLACE),
        (astray(stands), Attempt::WITHDRAWN),
    ] {
        flags |= if on { flag } else { 0 };
    }
    flags
}

/// A decision's instant is the earliest a contact can be; what is stated goes before what is
/// guessed, and of two that are stated the later frees its place later.
fn when(old: &Attempt, said: When, guessed: bool, now: UnixSeconds) -> At {
    let pending = old.outcome() == Outcome::Pending;
    match said {
        When::At(at) if guessed && old.audit == 0 => at,
        When::At(at) => at.max(old.at),
        When::Ahead(_) if pending => At::of(now).max(old.at),
        When::Ahead(_) | When::Unsaid => old.at,
    }
}

/// In order, each once.
pub(super) fn sort(debts: &mut Vec<DebtNo>) {
    debts.sort_unstable();
    debts.dedup();
}

/// The debts of an attempt.
pub(super) fn members(state: &State, attempt: &Attempt) -> Vec<DebtNo> {
    match (attempt.debts.single(), attempt.debts.table_index()) {
        (Some(only), _) => vec![only],
        (None, Some(index)) => state.debt_sets.get(index).to_vec(),
        (None, None) => Vec::new(),
    }
}
