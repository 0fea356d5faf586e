//! `Report`: an outcome settles a reservation, is joined to a contact that is known, or is a contact
//! of its own; what it states applies with it. It changes the next answer.
//!
//! Invariants
//! - REPORT-1: a report is applied whole or not at all, as one row; one that says nothing new leaves
//!   none.
//! - REPORT-2: a report never frees a place that another report of a stricter outcome holds, unless
//!   somebody answers for it.
//! - REPORT-3: a report takes the place of no entry but its own account's.

use super::Engine;
use super::call::{Call, News, When, astray, joined, reached, sort};
use super::case::debt_is;
use super::commands::{NotTaken, Refusal, Report, RowSink, SealedSubject, Taken};
use super::effect::{Effect, Gone, Place};
use super::history::default_action;
use super::one_call;
use super::ring;
use super::state::{account_key, call_hash, contact_key};
use super::stated::{self, Around};
use super::strangers::Named;
use super::whose::{self, Found};
use crate::domain::facts::{Account, At, Attempt, ContactKey, Phone};
use crate::domain::ids::{AccountNo, DebtNo, DebtSet, PersonNo};
use crate::domain::outcome::States;
use crate::domain::record::FactRecord;
use crate::domain::time::UnixSeconds;
use crate::domain::words::{AccountStatus, Channel, Outcome};
use crate::engine::commands::Decision;
use crate::wire::disposition::{ChannelBasis, Direction, Disposition};

impl Engine {
    /// Takes a report (GATES.md, semantics 5 and 6).
    ///
    /// # Errors
    /// [`NotTaken`]; nothing of it was applied.
    pub fn report(
        &mut self,
        report: &Report,
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> Result<Taken, NotTaken> {
        let now = self.begin(now, rows);
        let said = &report.said;
        let named = said.account_id.as_deref();
        let no = named.and_then(|id| self.state.account(report.tenant, id));
        let Some((no, account)) = no.and_then(|no| Some((no, self.state.accounts.get(no.0)?)))
        else {
            return Ok(self.unmatched(report, now, rows));
        };
        let found = self.find_call(account, said, now)?;
        let mut news = self.news(account, said, now)?;
        let known = found.known;
        let channel = known
            .and_then(|a| a.channel())
            .unwrap_or_else(|| channel(said));
        news.outcome = reached(said.outcome, channel, said.with_another());
        let spoke = matches!(channel, Channel::Phone | Channel::InPerson) && !said.with_another();
        if spoke && !news.about.is_empty() && !astray(news.outcome) {
            // Whoever says what was spoken about says that somebody spoke.
            news.outcome = Outcome::Conversation;
        }
        let by_decision = |a: &Attempt| said.audit_id.is_some() || (a.audit != 0 && news.actor);
        if let Some(old) = known.filter(by_decision) {
            in_time(&old, &news, now)?;
        }
        let late = known.is_some_and(|a| a.has(Attempt::RESERVED) && !a.is_live(now));
        let unreleased = late && news.outcome == Outcome::NotDialed && !news.actor;
        let (mut place, kept) = self.place(account, said, &found, &news, now);
        if unreleased {
            place = None;
        }
        let kept = kept || unreleased;
        let mut effect = self.effect(account, (no, &found), report, place, now);
        self.pass_over_copies(report, &mut effect);
        let row = self.land_and_write(report, &effect, (kept, news.when), now, rows)?;
        let audit = known.map_or(0, |a| a.audit);
        Ok(Taken {
            row,
            audit_id: said.audit_id.unwrap_or_else(|| self.whole(report, audit)),
            matched: true,
            kept,
            clock_ahead: news.when == When::Ahead(true),
        })
    }

    /// The row's number that an attempt keeps the low half of.
    fn whole(&self, report: &Report, low: u32) -> u64 {
        let newest = self.tenant(report.tenant).map_or(0, |tenant| tenant.seq);
        whole(newest, low)
    }

    /// The effect on state: what is drafted now and what the row makes of it in recovery.
    fn effect<'r>(
        &self,
        account: &Account,
        (no, found): (AccountNo, &Found),
        report: &'r Report,
        place: Option<Place>,
        now: UnixSeconds,
    ) -> Effect<'r> {
        let said = &report.said;
        let main = place.as_ref().map(|p| p.call.main).or(found.known);
        // A refusal binds the channel it was said through, be the contact another.
        let named = said
            .channel
            .filter(|_| said.channel_basis == ChannelBasis::Said);
        let channel = named
            .or_else(|| main.and_then(|a| a.channel()))
            .unwrap_or_else(|| channel(said));
        let contact = main.map_or(ContactKey::NONE, |a| a.contact);
        let stated = said.occurred_at.filter(|at| *at <= now).map(At::of);
        let guess = main.map_or_else(|| At::of(now), |a| a.at);
        let heard = main.is_some_and(|a| a.has(Attempt::INBOUND));
        let heard = heard && !said.with_another() && said.outcome.invites_reply();
        let email = said.email.clone();
        Effect {
            account: no,
            person: found.person,
            around: Around {
                channel,
                phone: said.phone.or_else(|| contact.as_phone()),
                address: email.or_else(|| stated::address_of(&self.state, account, contact)),
                at: stated.unwrap_or(guess),
            },
            inbound: stated::inbound(channel).filter(|_| heard),
            unusable: said.outcome.does().states.contains(&States::Unusable),
            located: main.is_some_and(|a| a.has(Attempt::LOCATION)) && said.outcome.answered(),
            facts: report
                .facts
                .as_ref()
                .map_or(&[][..], |stated| &stated.facts),
            place,
        }
    }

    /// The contact as it stands after the report; none when it is too old to be kept.
    fn place(
        &self,
        account: &Account,
        said: &Disposition,
        found: &Found,
        news: &News,
        now: UnixSeconds,
    ) -> (Option<Place>, bool) {
        let oldest = now.0 - ring::REMEMBERED_S;
        if found.known.is_none() && said.occurred_at.is_some_and(|at| at.0 < oldest) {
            return (None, false);
        }
        let key = stated::key(said.phone, said.email.as_deref());
        let before = found.known;
        let before = before.map(|main| self.call_of(account, found.person, main));
        let known = before
            .clone()
            .unwrap_or_else(|| fresh(account, said, key, now));
        let known = self.gathered(account, found, (known, news.call), now);
        let (mut call, kept) = joined(&known.call, news, now);
        one_call::keep_others(account, &known.call, &mut call);
        let main = &mut call.main;
        if main.contact == ContactKey::NONE {
            main.contact = key;
        }
        if !main.has(Attempt::INBOUND) && self.known_wrong(account, found.person, main.contact) {
            main.flags |= Attempt::WITHDRAWN;
        }
        let gone = known.gone;
        let gone = gone.map(|a| Gone::of(&a, whose::debts_of(account)));
        let changed = known.merged || before.as_ref() != Some(&call);
        let place = Place {
            call,
            gone,
            changed,
        };
        (Some(place), kept)
    }

    fn known_wrong(&self, account: &Account, person: PersonNo, contact: ContactKey) -> bool {
        let row = self.state.contact(account.tenant, contact);
        let row = row.and_then(|row| self.state.contacts.get(row));
        row.is_some_and(|row| row.wrong_for().contains(&person))
    }

    fn news(
        &self,
        account: &Account,
        said: &Disposition,
        now: UnixSeconds,
    ) -> Result<News, NotTaken> {
        let work = |p: &&Phone| Some(p.number) == said.phone && p.has(Phone::WORK);
        Ok(News {
            outcome: Outcome::Pending,
            when: When::of(said.occurred_at, now),
            call: said.call_id.as_deref().map_or(0, call_hash),
            debts: self.debts_of(account, &said.debt_ids, "debt_ids")?,
            about: self.debts_of(account, &said.conversation_about, "conversation_about")?,
            inbound: said.direction == Direction::Inbound,
            prerecorded: said.prerecorded,
            at_work: account.phones.iter().any(|p| work(&p)),
            actor: said.actor.is_some(),
        })
    }

    fn debts_of(
        &self,
        account: &Account,
        names: &[Box<str>],
        field: &'static str,
    ) -> Result<Vec<DebtNo>, NotTaken> {
        let find = |id: &str| {
            let mut all = account.debts.iter();
            all.find(|d| debt_is(&self.state, account, d.id, id))
                .map(|d| d.no)
        };
        let found: Option<Vec<DebtNo>> = names.iter().map(|name| find(name)).collect();
        let mut found = found.ok_or(NotTaken::Field(field, Refusal::UnknownDebt))?;
        sort(&mut found);
        Ok(found)
    }

    /// Applies an effect and writes its row; no row when it changes nothing.
    fn land_and_write(
        &mut self,
        report: &Report,
        effect: &Effect<'_>,
        (kept, when): (bool, When),
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> Result<Option<u64>, NotTaken> {
        let next = self.tenant(report.tenant).map_or(0, |tenant| tenant.seq) + 1;
        let landed = self.land_effect(effect, now, next);
        let changed = landed.map_err(|(field, why)| NotTaken::Field(named_as(field), why))?;
        let Some(tenant) = self
            .tenants
            .get_mut(usize::from(report.tenant.0))
            .filter(|_| changed)
        else {
            return Ok(None);
        };
        let seq = tenant.next_seq();
        tenant.tallies.outcome(report.said.outcome.as_str(), now);
        self.hear(report, effect);
        let flags = u64::from(when == When::Ahead(true)) | u64::from(kept) << 1;
        self.outcome_row(report, effect, flags, (seq, now), rows);
        Ok(Some(seq))
    }

    fn outcome_row(
        &mut self,
        report: &Report,
        effect: &Effect<'_>,
        flags: u64,
        (seq, now): (u64, UnixSeconds),
        rows: &mut impl RowSink,
    ) {
        let said = &report.said;
        let body = &mut self.body;
        body.begin();
        body.int("a", effect.account.0);
        let place = effect.place.as_ref();
        let call = place.map(|place| &place.call);
        if let Some(call) = call {
            body.int("af", call.main.flags);
            body.int("at", call.main.at.0);
            body.int("ca", call.main.call);
        }
        body.int_unless_zero("ch", u64::from(effect.around.channel.number()));
        body.ints(
            "d",
            call.into_iter()
                .flat_map(|c| &c.debts)
                .map(|d| u64::from(d.0)),
        );
        body.int_unless_zero("du", u64::from(said.duration_s.unwrap_or(0)));
        if let Some(stated) = &report.facts {
            body.raw("f", |out| out.extend_from_slice(&stated.body));
        }
        if !effect.facts.is_empty() || effect.inbound.is_some() {
            body.int("fa", effect.around.at.0);
        }
        body.int_unless_zero("fl", flags);
        if let Some(gone) = place.and_then(|place| place.gone.as_ref()) {
            body.ints("go", [u64::from(gone.at.0), u64::from(gone.call)]);
        }
        body.int_unless_zero(
            "in",
            effect
                .inbound
                .map_or(0, |kind| u64::from(kind.number()) + 1),
        );
        body.word("k", "o");
        if let Some(call) = call {
            body.int("ki", call.main.kind);
        }
        body.int_unless_zero("la", u64::from(effect.located));
        if let Some(call) = call {
            body.word("o", call.main.outcome().as_str());
        }
        body.int("p", effect.person.0);
        body.int("q", seq);
        let decision = call.map_or(0, |c| whole(seq, c.main.audit));
        body.int_unless_zero("r", decision);
        body.int_unless_zero("s", call.map_or(0, |c| u64::from(c.main.guessed())));
        let subjects = subjects(report);
        body.digests(subjects.iter().map(|s| &s.digest));
        body.int("t", now.0);
        body.ints(
            "tk",
            call.into_iter()
                .flat_map(|c| &c.talk)
                .map(|d| u64::from(d.0)),
        );
        body.int_unless_zero("un", u64::from(effect.unusable));
        body.word("w", said.outcome.as_str());
        let around = &effect.around;
        let told = stated::key(around.phone, around.address.as_deref());
        let contact = call.map_or(told, |c| c.main.contact);
        let keys = [
            account_key(
                report.tenant,
                said.account_id.as_deref().unwrap_or_default(),
            ),
            contact_key(report.tenant, contact),
        ];
        rows.row(report.tenant, seq, body.end(), &subjects, keys);
    }

    /// A report of an account nobody knows: what binds a number or address, and a row, unless it is
    /// one of the newest sent again.
    fn unmatched(&mut self, report: &Report, now: UnixSeconds, rows: &mut impl RowSink) -> Taken {
        let said = &report.said;
        let when = When::of(said.occurred_at, now);
        let mut taken = Taken {
            row: None,
            audit_id: said.audit_id.unwrap_or(0),
            matched: false,
            kept: false,
            clock_ahead: when == When::Ahead(true),
        };
        let around = Around {
            channel: channel(said),
            phone: said.phone,
            address: said.email.clone(),
            at: said
                .occurred_at
                .map_or_else(|| At::of(now), |at| At::of(at.min(now))),
        };
        let facts: &[FactRecord] = report.facts.as_ref().map_or(&[], |stated| &stated.facts);
        let Some(tenant) = self.tenants.get_mut(usize::from(report.tenant.0)) else {
            return taken;
        };
        let named = Named {
            account: said.account_id.as_deref().unwrap_or_default(),
            call: said.call_id.as_deref().unwrap_or_default(),
            phone: said.phone,
            address: said.email.as_deref().unwrap_or_default(),
            word: said.outcome.as_str(),
            channel: around.channel.number(),
            at: around.at.0,
        };
        let tells_itself = !named.call.is_empty() || said.occurred_at.is_some();
        if tells_itself && tenant.strangers.knows(&named) {
            return taken;
        }
        tenant.strangers.note(&named);
        let seq = tenant.next_seq();
        tenant.tallies.outcome(said.outcome.as_str(), now);
        self.bind_contact(report.tenant, (facts, &around), now, seq);
        let body = &mut self.body;
        body.begin();
        body.int_unless_zero("ch", u64::from(around.channel.number()));
        body.int_unless_zero("du", u64::from(said.duration_s.unwrap_or(0)));
        if let Some(stated) = &report.facts {
            body.raw("f", |out| out.extend_from_slice(&stated.body));
        }
        body.int("fa", around.at.0);
        body.int_unless_zero("fl", u64::from(taken.clock_ahead));
        body.word("k", "o");
        body.int("q", seq);
        let subjects = subjects(report);
        body.digests(subjects.iter().map(|s| &s.digest));
        body.int("t", now.0);
        body.word("w", said.outcome.as_str());
        let key = stated::key(said.phone, said.email.as_deref());
        let id = said.account_id.as_deref();
        let keys = [
            id.map_or(0, |id| account_key(report.tenant, id)),
            contact_key(report.tenant, key),
        ];
        rows.row(report.tenant, seq, body.end(), &subjects, keys);
        taken.row = Some(seq);
        taken
    }
}

/// The row's number whose low half is `low`, at or before `newest`; 0 for none.
fn whole(newest: u64, low: u32) -> u64 {
    let guess = (newest & !u64::from(u32::MAX)) | u64::from(low);
    match low {
        0 => 0,
        _ if guess > newest => guess.saturating_sub(1 << 32),
        _ => guess,
    }
}

fn subjects(report: &Report) -> Vec<&SealedSubject> {
    let stated = report.facts.as_ref().map(|stated| &stated.subject);
    std::iter::once(&report.subject).chain(stated).collect()
}

/// The channel a report is about when no decision says it.
pub(super) fn channel(said: &Disposition) -> Channel {
    said.channel.unwrap_or(match (said.phone, &said.email) {
        (None, Some(_)) => Channel::Email,
        _ => Channel::Phone,
    })
}

/// A contact that nobody asked for, before anything is said of it.
fn fresh(account: &Account, said: &Disposition, contact: ContactKey, now: UnixSeconds) -> Call {
    let open = |d: &&crate::domain::facts::Debt| d.status == AccountStatus::Open;
    let mut debts: Vec<DebtNo> = account.debts.iter().filter(open).map(|d| d.no).collect();
    if debts.is_empty() {
        debts = account.debts.iter().map(|d| d.no).collect();
    }
    sort(&mut debts);
    let channel = channel(said);
    let action = said.action.unwrap_or_else(|| default_action(channel));
    let inbound = said.direction == Direction::Inbound;
    let main = Attempt {
        at: At::of(now),
        call: 0,
        // Interned when it is put in its place.
        debts: DebtSet::one(DebtNo(0)),
        audit: 0,
        contact,
        kind: Attempt::pack_kind(channel, action),
        outcome: Outcome::Pending.number(),
        flags: if inbound { Attempt::INBOUND } else { 0 },
    };
    let talk = Vec::new();
    Call { main, debts, talk }
}

/// What is known of a contact, as a report of it; what was talked about elsewhere stays apart.
pub(super) fn as_news(known: &Call) -> News {
    let guessed = |bit| known.main.guessed() & bit != 0;
    News {
        outcome: known.main.outcome(),
        when: if guessed(Attempt::WHEN_GUESSED) {
            When::Unsaid
        } else {
            When::At(known.main.at)
        },
        call: known.main.call,
        debts: if guessed(Attempt::DEBTS_GUESSED) {
            Vec::new()
        } else {
            known.debts.clone()
        },
        about: Vec::new(),
        inbound: known.main.has(Attempt::INBOUND),
        prerecorded: known.main.has(Attempt::PRERECORDED),
        at_work: known.main.has(Attempt::WORKPLACE),
        actor: false,
    }
}

/// Releasing needs somebody once `use_by` is past, and nobody can a day later.
fn in_time(old: &Attempt, news: &News, now: UnixSeconds) -> Result<(), NotTaken> {
    let releases = news.outcome == Outcome::NotDialed && old.outcome() != Outcome::NotDialed;
    if !releases || old.is_live(now) {
        return Ok(());
    }
    if now.0 >= i64::from(old.at.0) + Decision::FRESH_S {
        return Err(NotTaken::TooLate);
    }
    if !news.actor && old.outcome() == Outcome::Pending {
        return Err(NotTaken::ActorMissing);
    }
    Ok(())
}

/// A fault of a fact, by the name its field has in a report.
fn named_as(field: &'static str) -> &'static str {
    match field {
        "debts" => "debt_ids",
        "periods" => "inconvenient_from",
        "until_date" => "promise_date",
        other => other,
    }
}
