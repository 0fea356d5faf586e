//! What a report does to state: the same from a command and from its row.

use super::Engine;
use super::call::Call;
use super::commands::Refusal;
use super::draft::{Draft, Refused};
use super::erased::Numbers;
use super::facts_contact::note_inbound;
use super::page::Landed;
use super::ring;
use super::sharers;
use super::state::State;
use super::stated::{self, Around};
use super::tenant::low32;
use crate::domain::case::DebtSets;
use crate::domain::facts::{At, Attempt, ContactKey, NumberFacts};
use crate::domain::ids::{AccountNo, DebtNo, PersonNo, TenantNo};
use crate::domain::record::{FactKind, FactRecord};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{Channel, Inbound, Outcome};

/// What a report does.
#[derive(Debug)]
pub(super) struct Effect<'r> {
    pub(super) account: AccountNo,
    pub(super) person: PersonNo,
    pub(super) around: Around,
    /// The consumer started it: a reply may answer.
    pub(super) inbound: Option<Inbound>,
    /// The address takes nothing any more.
    pub(super) unusable: bool,
    /// A third party who was asked where the consumer is was spoken with (1006.10(c)).
    pub(super) located: bool,
    pub(super) facts: &'r [FactRecord],
    /// `None`: the contact is as it was, or is too old to be kept.
    pub(super) place: Option<Place>,
}

/// A contact as it stands, and the entry that it takes the place of where no decision names it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) call: Call,
    /// That entry.
    pub(super) gone: Option<Gone>,
    /// It is not as it was.
    pub(super) changed: bool,
}

/// What tells an entry that no decision names from the others of a person. Two accounts of one
/// person may each report a call under one id: each has its own entry.
#[derive(Debug)]
pub(super) struct Gone {
    pub(super) at: At,
    /// 0: it has none, and only its contact point tells it.
    pub(super) call: u32,
    pub(super) contact: ContactKey,
    pub(super) channel: Option<Channel>,
    /// The debts of the account it was reported of.
    pub(super) ours: Vec<DebtNo>,
}

impl Gone {
    /// The entry, among those of the account that has these debts.
    pub(super) fn of(known: &Attempt, ours: Vec<DebtNo>) -> Self {
        Self {
            at: known.at,
            call: known.call,
            contact: known.contact,
            channel: known.channel(),
            ours,
        }
    }

    /// Whether this is it.
    pub(super) fn is(&self, known: &Attempt, sets: &DebtSets) -> bool {
        let here = known.contact == self.contact
            && known.channel() == self.channel
            && !known.has(Attempt::INBOUND);
        known.audit == 0
            && !known.has(Attempt::RESERVED)
            && known.at == self.at
            && known.call == self.call
            && (self.call != 0 || here)
            && sets.meets(known.debts, &self.ours)
    }
}

impl Engine {
    /// Applies an effect, whole or not at all; whether it changed anything.
    pub(super) fn land_effect(
        &mut self,
        effect: &Effect<'_>,
        now: UnixSeconds,
        seq: u64,
    ) -> Result<bool, Refused> {
        if !effect.states() && !self.reaches_others(effect) {
            return Ok(self.put_place(effect, now, seq));
        }
        let mark = self.state.mark();
        let mut landed = self.land_drafted(effect, effect.facts, now, seq);
        if matches!(landed, Err((_, Refusal::TooMany))) {
            // The contact took place, whatever the account has no room for any more.
            self.state.back_to(mark);
            landed = self.land_drafted(effect, &[stated::for_a_supervisor()], now, seq);
        }
        if !matches!(landed, Ok(true)) {
            self.state.back_to(mark);
        }
        landed
    }

    /// Whether the contact went to a number that others share, or that is not this person's on the
    /// account's file: then the number's row has to say so (ENGINE-6).
    fn reaches_others(&self, effect: &Effect<'_>) -> bool {
        let place = effect.place.as_ref().filter(|place| place.changed);
        let Some(contact) = place.map(|place| place.call.main.contact) else {
            return false;
        };
        let (Some(number), Some(account)) = (
            contact.as_phone(),
            self.state.accounts.get(effect.account.0),
        ) else {
            return false;
        };
        let mut own = account.phones.iter();
        let own = own.any(|p| p.number == number && p.person == effect.person);
        let row = self.state.contact(account.tenant, contact);
        let row = row.and_then(|row| self.state.contacts.get(row));
        !own || row.is_some_and(|row| !row.shared_by().is_empty())
    }

    /// The usual report: one person's attempts, and nothing to draft.
    fn put_place(&mut self, effect: &Effect<'_>, now: UnixSeconds, seq: u64) -> bool {
        let Some(place) = effect.place.as_ref().filter(|place| place.changed) else {
            return false;
        };
        let max = self.options.attempts_per_person_max;
        let (main, talk) = interned(&mut self.state, &place.call);
        let (state, stamp) = (&mut self.state, low32(seq));
        // Whatever is learnt of a contact may take another's ALLOW away: no stored answer outlives it.
        if let Some(row) = state.persons.get_mut(effect.person.0, &mut state.pages) {
            (row.touched, row.restricted) = (stamp, stamp);
            put(
                &mut row.attempts,
                &state.debt_sets,
                place,
                (main, talk),
                (now, max),
            );
        }
        if let Some(row) = state.accounts.get_mut(effect.account.0, &mut state.pages) {
            (row.touched, row.restricted) = (stamp, stamp);
        }
        true
    }

    fn land_drafted(
        &mut self,
        effect: &Effect<'_>,
        facts: &[FactRecord],
        now: UnixSeconds,
        seq: u64,
    ) -> Result<bool, Refused> {
        let max = self.options.attempts_per_person_max;
        let state = &mut self.state;
        let account = state.accounts.get(effect.account.0);
        let account = account.ok_or(("account_id", Refusal::Missing))?;
        let mut draft = Draft::of(state, effect.account, account, now);
        draft.confirms = false;
        draft.attempts_max = max;
        if let Some(place) = &effect.place {
            draft.restricts |= place.changed;
            let entries = interned(state, &place.call);
            let row = draft.person(state, effect.person)?;
            put(
                &mut row.attempts,
                &state.debt_sets,
                place,
                entries,
                (now, max),
            );
            let number = entries.0.contact.as_phone();
            draft
                .reached
                .extend(number.map(|number| (number, effect.person)));
        }
        if let Some(kind) = effect.inbound {
            let at = effect.around.at;
            let extras = draft.person_extras(state, effect.person)?;
            note_inbound(&mut extras.last_inbound, kind, at);
        }
        if effect.unusable {
            stated::unusable(state, &mut draft, &effect.around);
        }
        if effect.located {
            draft.person_extras(state, effect.person)?.location_answered = true;
            draft.restricts = true;
        }
        let about = (&effect.around, effect.person);
        stated::apply(state, &mut draft, about, facts)?;
        sharers::list(state, &mut draft);
        match self.commit(draft, seq) {
            Landed::Changed { .. } => Ok(true),
            Landed::Unchanged(_) => Ok(false),
        }
    }

    /// Applies what binds a number or address, whoever it belongs to.
    pub(super) fn bind_contact(
        &mut self,
        tenant: TenantNo,
        (facts, around): (&[FactRecord], &Around),
        now: UnixSeconds,
        seq: u64,
    ) {
        for fact in facts.iter().filter(|fact| stated::of_contact(fact)) {
            let Some(fact) = stated::completed(fact, around) else {
                continue;
            };
            if fact.fact == Some(FactKind::WrongNumber) {
                self.bind_wrong(tenant, stated::key(around.phone, None), seq);
            } else {
                // What lacks a number or address has been passed over; nothing else is refused.
                let _bound = self.land_contact(tenant, &fact, now, seq);
            }
        }
    }

    /// A number that reached somebody else, nobody knows instead of whom: wrong for everybody.
    fn bind_wrong(&mut self, tenant: TenantNo, key: ContactKey, seq: u64) {
        if key == ContactKey::NONE {
            return;
        }
        let row = self.state.contact(tenant, key);
        let known = row.and_then(|row| self.state.contacts.get(row));
        let mut facts = known
            .cloned()
            .unwrap_or_else(|| NumberFacts::of(tenant, key));
        if facts.flags & NumberFacts::WRONG == 0 {
            facts.flags |= NumberFacts::WRONG;
            self.put_contact(facts, seq, true);
        }
    }

    /// Stands in for a report whose facts are erased: the contact counts, the account is closed.
    pub(super) fn stand_in_report(
        &mut self,
        tenant: TenantNo,
        effect: &Effect<'_>,
        now: UnixSeconds,
        seq: u64,
    ) {
        self.erasures = true;
        self.put_place(effect, now, seq);
        self.close_for_erased(tenant, effect.account, seq);
    }

    /// Closes an account some of whose facts are erased.
    pub(super) fn close_for_erased(&mut self, tenant: TenantNo, account: AccountNo, seq: u64) {
        let none = Numbers {
            account: Some(account),
            persons: 0,
            debts: 0,
        };
        self.stand_in(tenant, none, seq);
    }
}

/// The entries of a contact with their debts interned, the first before the second.
pub(super) fn interned(state: &mut State, call: &Call) -> (Attempt, Option<Attempt>) {
    let main = Attempt {
        debts: state.debt_set(&call.debts),
        ..call.main
    };
    let talk = (!call.talk.is_empty()).then(|| Attempt {
        debts: state.debt_set(&call.talk),
        outcome: Outcome::Conversation.number() | main.guessed(),
        flags: main.flags | Attempt::TALK_ONLY,
        ..main
    });
    (main, talk)
}

/// Puts a contact where it stood, or where it belongs.
pub(super) fn put(
    ring: &mut Vec<Attempt>,
    sets: &DebtSets,
    place: &Place,
    (main, talk): (Attempt, Option<Attempt>),
    (now, max): (UnixSeconds, usize),
) {
    let stood = |known: &Attempt| match known.audit {
        0 => place.gone.as_ref().is_some_and(|gone| gone.is(known, sets)),
        audit => audit == main.audit,
    };
    let there = ring.iter().filter(|a| stood(a)).count();
    let second = talk.is_none_or(|talk| ring.contains(&talk));
    if second && there == 1 + usize::from(talk.is_some()) && ring.contains(&main) {
        return;
    }
    ring.retain(|a| !stood(a));
    ring::insert(ring, main, now, max);
    if let Some(talk) = talk {
        ring::insert(ring, talk, now, max);
    }
}

/// The channel of a recorded report.
pub(super) fn channel(number: u8) -> Channel {
    Channel::from_number(number).unwrap_or(Channel::Phone)
}
