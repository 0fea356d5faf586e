//! What a call changes is learnt on its way: what restricts before it is sent, what permits once the
//! system has confirmed.
//!
//! Invariants
//! - TAP-1: a call is sent only after its restrictions are durable; one of an account nobody has read
//!   yet is taken in with the account, by whichever read brings it.
//! - TAP-2: a restriction is taken back only after a definite refusal, only where this call brought it,
//!   where nothing of its kind stood before and no other call on its way rests on it.
//! - TAP-3: nothing permits but what the system confirmed to somebody with a credential. That a number
//!   is wrong restricts and is not waited for, though past calls to it leave its person's counts by it.
//! - TAP-4: every fact names the route it came by.

use std::sync::Arc;
use std::time::Duration;

use super::again::{Coming, EVERYTHING};
use super::steps::Steps;
use super::under_way::Hand;
use crate::domain::facts::{AccountFile, PersonFile};
use crate::domain::hash::stable_hash_128;
use crate::domain::record::{AccountRecord, FactKind, FactRecord, Line, Personal, phone_of};
use crate::domain::words::AccountStatus;
use crate::engine::commands::{FactAnswer, Refusal, Stated};
use crate::engine::query::{Told, What};
use crate::gateway::door::{Caller, SystemError};
use crate::gateway::intake::sealed_item;
use crate::gateway::native::fault;
use crate::gateway::work::{Delivered, Work};
use crate::sor::call::{Call, Heard};
use crate::sor::dialect::{Again, Change, Dialect, Verdict};
use crate::wire::limits::{SOR_RECORD_PAUSE_MS, SOR_RECORD_TRIES};
use crate::wire::problem::Problem;

const NOT_RECORDED: Problem = Problem::new(
    503,
    "RESTRICTION_NOT_RECORDED",
    "What the call restricts could not be put on record; it was not forwarded.",
);
const UNREADABLE: Problem = Problem::new(
    422,
    "CHANGE_UNREADABLE",
    "What the call changes cannot be read; it was not forwarded.",
);
const TOO_MANY_UNDER_WAY: Problem = Problem::new(
    503,
    "OVERLOADED",
    "More changes are under way than can be kept apart.",
);

/// What a tapped call left in the gate before it was sent.
#[derive(Debug, Default)]
pub(super) struct Tap {
    restricted: Vec<Restricted>,
    /// What it says by itself that permits, or only tells: not before the system has confirmed.
    permit: Vec<Line>,
    again: Again,
    /// Hold the places of the marks it may leave.
    pub(super) coming: Vec<Coming>,
}

#[derive(Debug)]
struct Restricted {
    caller: Caller,
    change: Change,
    /// This call brought it, and nothing of its kind stood there.
    own: bool,
    hand: Hand,
}

impl Steps {
    /// Applies what a call restricts, durably. Whatever was applied before a failure stays.
    ///
    /// # Errors
    /// A [`Problem`]: the call must not be sent.
    pub(super) async fn tap_before(
        &self,
        dialect: &dyn Dialect,
        call: &Call<'_>,
        callers: &[Caller],
    ) -> Result<Tap, Problem> {
        let tapped = dialect.tapped(call);
        if tapped.is_unreadable {
            return Err(UNREADABLE);
        }
        let mut tap = Tap {
            permit: tapped.permit,
            again: tapped.again,
            ..Tap::default()
        };
        for caller in callers {
            for change in &tapped.restrict {
                tap.restricted.push(self.restrict(caller, change).await?);
            }
        }
        for caller in callers {
            tap.coming.extend(self.expect(caller, &tap.again).await?);
        }
        Ok(tap)
    }

    /// What the call may leave to be read again is written down before it is sent: nobody could tell
    /// after a kill.
    async fn expect(&self, caller: &Caller, again: &Again) -> Result<Option<Coming>, Problem> {
        let name = match again {
            Again::Account(account) => &**account,
            Again::AskFirst(_) | Again::AsAnswered => EVERYTHING,
            Again::All if self.caller.is_some() => EVERYTHING,
            Again::All | Again::Nothing => return Ok(None),
        };
        let sor = &self.gateway.sor;
        let coming = sor.expect_mark(&caller.tenant_name, name).await;
        coming.map_err(|_not| NOT_RECORDED)
    }

    /// Applies one restriction. One of an account the tenant does not hold is owed: it comes with the
    /// account. Of anything else that is not held nothing changes, and it is said again once the call is
    /// over.
    async fn restrict(&self, caller: &Caller, change: &Change) -> Result<Restricted, Problem> {
        let key = key_of(caller, &change.apply);
        let all = &self.gateway.sor.under_way;
        let hand = all.hold(key).ok_or(TOO_MANY_UNDER_WAY)?;
        let stood = match &change.undo {
            Some(_) => self.stands(caller, &change.apply).await.map_err(fault)?,
            None => true,
        };
        let answer = self.record(caller, change.apply.clone()).await;
        let own = match answer.map_err(fault)? {
            FactAnswer::Applied(_) => !stood,
            FactAnswer::Refused(_, Refusal::UnknownDebt) => {
                let whole = of_every_debt(change.apply.clone());
                match self.record(caller, whole).await.map_err(fault)? {
                    FactAnswer::Refused(..) => return Err(NOT_RECORDED),
                    // What undoes it names the debts nobody knows: it stays.
                    _ => false,
                }
            }
            FactAnswer::UnknownAccount => {
                self.owe(caller, &change.apply).await?;
                false
            }
            // Or the gate holds no such number, address or person that a contact could use.
            FactAnswer::Unchanged
            | FactAnswer::Refused(
                _,
                Refusal::UnknownPhone | Refusal::UnknownEmail | Refusal::UnknownPerson,
            ) => false,
            FactAnswer::Refused(field, why) => {
                tracing::warn!(field, %why, route = self.route.no, "a restriction was refused");
                return Err(NOT_RECORDED);
            }
        };
        Ok(Restricted {
            caller: caller.clone(),
            change: change.clone(),
            own,
            hand,
        })
    }

    /// Has a restriction come with its account, whenever that is read.
    async fn owe(&self, caller: &Caller, line: &Line) -> Result<(), Problem> {
        self.keep_owed(caller, line).await?;
        // The account may have come between the first time and this.
        self.record(caller, line.clone()).await.map_err(fault)?;
        Ok(())
    }

    /// Keeps it, durably.
    async fn keep_owed(&self, caller: &Caller, line: &Line) -> Result<(), Problem> {
        let (sor, tenant) = (&self.gateway.sor, &caller.tenant_name);
        let line = self.as_owed(line);
        let Some(account) = account_of(&line) else {
            return Ok(());
        };
        if !sor.owed.keep(tenant, account, &line) {
            return Err(TOO_MANY_UNDER_WAY);
        }
        let saved = sor.save_owed(tenant, account).await;
        saved.then_some(()).ok_or(NOT_RECORDED)
    }

    async fn drop_owed(&self, caller: &Caller, line: &Line) {
        let (sor, tenant) = (&self.gateway.sor, &caller.tenant_name);
        let line = self.as_owed(line);
        if let Some(account) = account_of(&line)
            && sor.owed.done(tenant, account, std::slice::from_ref(&line))
        {
            // What is still written down is said again after a restart: stricter than need be.
            sor.save_owed(tenant, account).await;
        }
    }

    /// Which debts the account will have nobody knows.
    fn as_owed(&self, line: &Line) -> Line {
        let mut line = of_every_debt(line.clone());
        named(&mut line, &self.source());
        line
    }

    /// What follows from a call that was answered.
    pub(super) async fn tap_heard(
        &self,
        tap: Tap,
        (dialect, call): (&dyn Dialect, &Call<'_>),
        callers: &[Caller],
        heard: &Heard,
    ) {
        match dialect.verdict(heard) {
            Verdict::Refused => self.tap_refused(tap).await,
            Verdict::Unsure => self.tap_unsure(dialect, tap, callers).await,
            Verdict::Done => {
                if tap.again != Again::AsAnswered {
                    self.again(dialect, &tap.again, callers).await;
                }
                let after = dialect.tapped_after(call, heard);
                for caller in callers {
                    for change in &after.restrict {
                        self.insist(caller, &change.apply).await;
                    }
                    let permits = tap.permit.iter().chain(&after.permit);
                    for line in permits.filter(|_| !call.public) {
                        self.surely(caller, line).await;
                    }
                }
                if after.again != tap.again || after.again == Again::AsAnswered {
                    self.again(dialect, &after.again, callers).await;
                }
                self.stand(&tap).await;
            }
        }
    }

    /// Nobody can tell whether it was done: what restricts stands.
    pub(super) async fn tap_unsure(&self, dialect: &dyn Dialect, tap: Tap, callers: &[Caller]) {
        self.stand(&tap).await;
        self.again(dialect, &tap.again, callers).await;
    }

    /// It was definitely not done: what this call alone brought is taken back.
    pub(super) async fn tap_refused(&self, tap: Tap) {
        for one in &tap.restricted {
            if one.hand.is_shared() {
                continue;
            }
            // Where the account was read meanwhile it stays: what the system said of it is not known.
            self.drop_owed(&one.caller, &one.change.apply).await;
            let Some(undo) = one.change.undo.as_ref().filter(|_| one.own) else {
                continue;
            };
            let undone = self.record(&one.caller, undo.clone()).await;
            if !matches!(undone, Ok(FactAnswer::Applied(_))) {
                tracing::warn!(route = self.route.no, "a refused call's restriction stays");
            }
            // Another call may have come to rest on it meanwhile.
            if one.hand.is_shared() {
                self.insist(&one.caller, &one.change.apply).await;
            }
        }
    }

    /// Says again what must stand: another call's refusal may have taken it back. Where it does stand,
    /// this leaves no row.
    async fn stand(&self, tap: &Tap) {
        for one in &tap.restricted {
            self.insist(&one.caller, &one.change.apply).await;
        }
    }

    /// Records a restriction that must stand; where it cannot be, it comes with the account.
    async fn insist(&self, caller: &Caller, line: &Line) {
        if self.surely(caller, line).await {
            self.drop_owed(caller, line).await;
            return;
        }
        if self.keep_owed(caller, line).await.is_err() {
            tracing::error!(route = self.route.no, "a restriction is not on record");
        }
        // Whatever could be kept comes with the next read; one that was under way may have missed it.
        self.read_again(caller, line).await;
    }

    /// Records what cannot be refused any more; tried again while the house is busy. Whether it is on
    /// record; if not, the account is marked.
    async fn surely(&self, caller: &Caller, line: &Line) -> bool {
        for _ in 0..SOR_RECORD_TRIES {
            match self.record(caller, line.clone()).await {
                Ok(FactAnswer::Refused(field, why)) => {
                    tracing::warn!(field, %why, route = self.route.no, "a fact was refused");
                    self.read_again(caller, line).await;
                    return false;
                }
                Ok(FactAnswer::UnknownAccount) => {
                    self.read_again(caller, line).await;
                    return false;
                }
                Ok(FactAnswer::Applied(_) | FactAnswer::Unchanged) => return true,
                Err(_busy) => {
                    tokio::time::sleep(Duration::from_millis(SOR_RECORD_PAUSE_MS)).await;
                }
            }
        }
        tracing::error!(route = self.route.no, "a confirmed fact is not on record");
        self.read_again(caller, line).await;
        false
    }

    async fn read_again(&self, caller: &Caller, line: &Line) {
        if let Some(account) = account_of(line) {
            let sor = &self.gateway.sor;
            sor.mark(&caller.tenant_name, Some(account)).await;
        }
    }

    /// Marks what is to be read again, of everybody whom the call concerns. From a public route only what
    /// is named is marked: whoever asks must not make the gateway read everything.
    async fn again(&self, dialect: &dyn Dialect, again: &Again, callers: &[Caller]) {
        let found = match again {
            Again::AskFirst(request) => self.looked_up(dialect, request).await,
            Again::Account(account) => Some(account.clone()),
            Again::All | Again::AsAnswered => None,
            Again::Nothing => return,
        };
        if found.is_none() && self.caller.is_none() {
            tracing::info!(route = self.route.no, "whose a call was cannot be told");
            return;
        }
        for caller in callers {
            let sor = &self.gateway.sor;
            sor.mark(&caller.tenant_name, found.as_deref()).await;
        }
    }

    /// Puts one statement on record, with the route it came by.
    pub(super) async fn record(
        &self,
        caller: &Caller,
        mut line: Line,
    ) -> Result<FactAnswer, SystemError> {
        named(&mut line, &self.source());
        let what = match line {
            Line::Account(record) => Stated::Account(record),
            Line::Contact(fact) => Stated::Contact(fact),
            Line::Kill(_) | Line::ClockAccept => return Err(SystemError::Internal),
        };
        let Some(item) = sealed_item(1, what)? else {
            return Ok(FactAnswer::Refused("record", Refusal::TooMany));
        };
        let work = Work::Fact(caller.tenant, Box::new(item));
        let now = self.gateway.clock.instant();
        match self.gateway.submit(&self.desk.mail, work, now).await {
            Delivered::Fact(answer) => Ok(answer),
            Delivered::Refused(why) => Err(why),
            _ => Err(SystemError::Internal),
        }
    }

    /// Whether something of a restriction's kind stands already, so that undoing it would undo more.
    async fn stands(&self, caller: &Caller, line: &Line) -> Result<bool, SystemError> {
        match line {
            Line::Account(record) => {
                let Some(account) = account_of(line) else {
                    return Ok(true);
                };
                let file = self.file(caller, account).await?;
                let held = |file: &AccountFile| record.facts.iter().any(|f| holds(file, f));
                Ok(file.as_deref().is_some_and(held))
            }
            Line::Contact(fact) => {
                let Some(number) = fact.phone.as_ref().and_then(phone_of) else {
                    return Ok(true);
                };
                match self.told(caller, What::Number(number)).await? {
                    Told::Number(None) => Ok(false),
                    Told::Number(Some(facts)) => {
                        Ok(fact.fact != Some(FactKind::DoNotCall) || facts.listing().0)
                    }
                    _ => Err(SystemError::Internal),
                }
            }
            Line::Kill(_) | Line::ClockAccept => Ok(true),
        }
    }
}

fn account_of(line: &Line) -> Option<&str> {
    match line {
        Line::Account(record) => record.account_id.as_ref().map(Personal::as_str),
        _ => None,
    }
}

/// What tells one restriction from another: whose, of what, of which kind.
fn key_of(caller: &Caller, line: &Line) -> u128 {
    let (of, fact) = match line {
        Line::Account(record) => (account_of(line), record.facts.first()),
        Line::Contact(fact) => {
            let of = fact.phone.as_ref().or(fact.address.as_ref());
            (of.map(Personal::as_str), Some(&**fact))
        }
        Line::Kill(_) | Line::ClockAccept => (None, None),
    };
    let kind = fact.and_then(|fact| fact.fact).map_or("", FactKind::as_str);
    let parts = [&*caller.tenant_name, of.unwrap_or_default(), kind];
    stable_hash_128(&parts.map(str::as_bytes))
}

/// The same restriction for every debt of the account: stricter than for one the gate does not know.
fn of_every_debt(mut line: Line) -> Line {
    if let Line::Account(record) = &mut line {
        for fact in &mut record.facts {
            fact.debts.clear();
        }
    }
    line
}

/// Writes into a statement where it was learnt. A record without facts has its reason for that, unless
/// it lifts something, which needs one of its own.
fn named(line: &mut Line, source: &str) {
    match line {
        Line::Account(record) => named_record(record, source),
        Line::Contact(fact) => fact.source = Some(Personal::from(source)),
        Line::Kill(_) | Line::ClockAccept => {}
    }
}

/// The same into a record.
pub(super) fn named_record(record: &mut AccountRecord, source: &str) {
    let source = || Some(Personal::from(source));
    record.facts.iter_mut().for_each(|f| f.source = source());
    if record.facts.is_empty() && record.reason.is_none() && !lifts(record) {
        record.reason = source();
    }
}

fn lifts(record: &AccountRecord) -> bool {
    record.status == Some(AccountStatus::Open)
        || record.address.is_some()
        || record.phones.iter().any(|phone| phone.wrong == Some(false))
        || record.emails.iter().any(|email| email.wrong == Some(false))
}

/// Whether an account holds something of a fact's kind. Of kinds nobody takes back it is said to.
fn holds(file: &AccountFile, fact: &FactRecord) -> bool {
    let extras = file.account.extras.as_deref();
    let person = |has: fn(&crate::domain::facts::PersonExtras) -> bool| {
        let extras = |p: &PersonFile| p.person.extras.as_deref().is_some_and(has);
        file.persons.iter().any(extras)
    };
    match fact.fact {
        Some(FactKind::Dispute) => extras.is_some_and(|e| !e.disputes.is_empty()),
        Some(FactKind::IdentityTheft) => extras.is_some_and(|e| !e.identity_theft.is_empty()),
        Some(FactKind::Hold) => {
            extras.is_some_and(|e| e.holds.iter().any(|hold| Some(hold.kind) == fact.hold))
        }
        Some(FactKind::Escalation) => {
            let same = |kind| Some(kind) == fact.escalation;
            extras.is_some_and(|e| e.escalations.iter().any(|known| same(known.kind)))
        }
        Some(FactKind::Cease) => person(|e| !e.ceases.is_empty()),
        Some(FactKind::Attorney) => person(|e| !e.attorneys.is_empty()),
        Some(FactKind::Bankruptcy) => person(|e| !e.bankruptcies.is_empty()),
        Some(FactKind::Deceased) => person(|e| e.deceased),
        Some(FactKind::Minor) => person(|e| e.minor),
        Some(FactKind::Military) => person(|e| e.military.is_some()),
        Some(FactKind::EmployerProhibits) => person(|e| e.employer_prohibits),
        Some(FactKind::MediumOptOut) => person(|e| e.refused_media != 0),
        Some(FactKind::Vulnerability) => person(|e| e.vulnerable != 0),
        _ => true,
    }
}

/// The callers a public route's facts bind: every tenant served under the name.
pub(super) fn everybody(
    gateway: &crate::gateway::running::Gateway,
    bindings: &super::Bindings,
    host: &str,
    system: crate::sor::route::System,
) -> Option<Vec<Caller>> {
    let running = gateway.running()?;
    let caller = |binding: &Arc<super::Binding>| {
        let tenant = running.directory.find(binding.tenant())?;
        Some(Caller {
            tenant,
            tenant_name: Arc::clone(binding.tenant()),
            scopes: crate::wire::scopes::Scopes::default(),
        })
    };
    bindings.of_host(host, system).map(caller).collect()
}
