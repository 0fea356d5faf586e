//! Purposes other than collection: what each rests on, and that it is used up.

use std::collections::BTreeSet;

use dialgate::domain::words::{
    ApprovalState, Channel, Inbound, Medium, Outcome, PartyRole, Purpose,
};

use super::case::Case;
use super::story::Question;
use super::world::{Account, Approval, Attempt, World};

/// The medium a channel is.
pub(crate) fn medium(channel: Channel) -> Medium {
    Medium::from_number(channel.number()).expect("channels and media have the same words")
}

/// What was asked: naming what is answered says reply.
pub(crate) fn asked(q: &Question) -> Purpose {
    if q.in_response_to.is_some() {
        return Purpose::Reply;
    }
    q.purpose.unwrap_or(Purpose::Collection)
}

impl Case<'_> {
    /// The purpose that has its fact and its scope at an instant; without them, collection.
    pub(crate) fn purpose(&self, at: i64) -> Purpose {
        let asked = asked(self.q);
        let rests = self.q.scope
            && match asked {
                Purpose::Collection | Purpose::ConsentRequest => false,
                Purpose::Reminder => self.reminder(at),
                Purpose::NoticeOfRemedy => self.notice(|c| c.remedy_used),
                Purpose::TerminateEfforts => self.notice(|c| c.terminate_used),
                Purpose::OptOutConfirmation => self.unconfirmed(at),
                Purpose::LegallyRequired => self.approval(at).is_some(),
                Purpose::LocationInformation => self.locates(),
                Purpose::Reply => self.unanswered(at),
            };
        if rests { asked } else { Purpose::Collection }
    }

    /// Whether this answers something the consumer began.
    pub(crate) fn answers(&self, at: i64) -> bool {
        self.purpose(at) == Purpose::Reply
    }

    /// Whether this answers something begun after it was `told` that the consumer is not to be
    /// contacted, and after they were `last` answered all the same: what came in the second of that
    /// answer may be what it answered.
    pub(crate) fn answers_anew(&self, at: i64, told: i64, last: Option<i64>) -> bool {
        let newest = self
            .q
            .in_response_to
            .map(|kind| self.who.inbound.get(&kind));
        let came = newest.flatten().map(|(came, _)| *came);
        let anew = |came: i64| came >= told && last.is_none_or(|last| came > last);
        self.answers(at) && came.is_some_and(anew)
    }

    /// Whether this is collection.
    pub(crate) fn collects(&self, at: i64) -> bool {
        self.purpose(at) == Purpose::Collection
    }

    fn reminder(&self, at: i64) -> bool {
        self.account.promise.as_ref().is_some_and(|promise| {
            let current = self
                .days(at)
                .into_iter()
                .any(|day| day <= promise.until_day);
            promise.reminder && !promise.used && current
        })
    }

    fn notice(&self, used: impl Fn(&super::world::Cease) -> bool) -> bool {
        let own = self.ceases().into_iter();
        let meant: Vec<bool> = own.map(|cease| used(&cease)).collect();
        self.channel_is(Channel::Mail) && !meant.is_empty() && meant.iter().all(|used| !used)
    }

    /// Whether a request concerns the debts asked about.
    pub(crate) fn is_concerned(&self, scope: &super::world::Scope) -> bool {
        let world = self.world;
        world.concerns(scope, &self.q.account, &self.debts)
    }

    /// Cease requests that concern the debts asked about: the person's and the consumer's.
    pub(crate) fn ceases(&self) -> Vec<super::world::Cease> {
        let own = self.role() == Some(PartyRole::CoDebtor);
        let consumer = if own {
            &self.person
        } else {
            &self.account.consumer
        };
        let people: BTreeSet<&String> = [&self.person, consumer].into();
        let known = people
            .into_iter()
            .filter_map(|id| self.world.people.get(id));
        let all = known.flat_map(|who| who.ceases.iter());
        all.filter(|cease| self.is_concerned(&cease.scope))
            .cloned()
            .collect()
    }

    /// Refusals in the way of a channel, each with whether a message confirmed it: of the medium, of
    /// the number or address by any account, of the address on this account's file unless a consent came
    /// after.
    pub(crate) fn refusals(&self, at: i64) -> Vec<(i64, bool)> {
        let Some(channel) = self.q.channel else {
            return Vec::new();
        };
        let electronic = matches!(channel, Channel::Email | Channel::Social);
        let medium_of_point = if electronic {
            Medium::Email
        } else {
            medium(channel)
        };
        let of_person = self.who.refused.get(&medium(channel)).copied();
        let point = self.q.phone.as_ref().or(self.q.email.as_ref());
        let known = point.and_then(|point| self.world.contacts.get(point));
        let known = known.filter(|known| known.refused.contains(&medium_of_point));
        let of_point = known.map(|known| known.refused_texts.unwrap_or((0, false)));
        let of_email = self.email.filter(|_| electronic).filter(|e| {
            let own = if channel == Channel::Social {
                &e.social
            } else {
                &e.mail
            };
            !e.after_refusal(own, at)
        });
        let of_email = of_email.and_then(|e| e.opted_out.map(|at| (at, e.confirmed)));
        [of_person, of_point, of_email]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Every refusal in the way is open to confirmation: no message confirmed it, and a text comes
    /// soon enough.
    fn unconfirmed(&self, at: i64) -> bool {
        let by_text = self.channel_is(Channel::Sms);
        let electronic = by_text || self.channel_is(Channel::Email);
        let soon = |since: i64| since <= at && at - since <= CONFIRM_WITHIN;
        let open = |(since, confirmed): &(i64, bool)| !confirmed && (!by_text || soon(*since));
        let refusals = self.refusals(at);
        electronic && !refusals.is_empty() && refusals.iter().all(open)
    }

    /// The approval, with a document, that a legally required message rests on.
    pub(crate) fn approval(&self, at: i64) -> Option<&Approval> {
        self.account.approvals.iter().find(|approval| {
            approval.purpose == Some(Purpose::LegallyRequired)
                && approval.state == ApprovalState::Approved
                && approval.document.is_some()
                && approval.until.is_none_or(|until| at < until)
                && approval
                    .action
                    .is_none_or(|action| Some(action) == self.q.action)
                && !approval.used
        })
    }

    fn locates(&self) -> bool {
        let mut parties = self.account.parties.iter();
        parties.any(|party| party.person == self.person && party.role == PartyRole::ThirdParty)
    }

    fn unanswered(&self, at: i64) -> bool {
        let Some(kind) = self.q.in_response_to else {
            return false;
        };
        let same = match kind {
            Inbound::Call => self.channel_is(Channel::Phone),
            Inbound::Text => self.channel_is(Channel::Sms),
            Inbound::Email => self.channel_is(Channel::Email),
            Inbound::Letter => self.channel_is(Channel::Mail),
        };
        let newest = self.who.inbound.get(&kind);
        let age = self.world.policy.reply_age;
        same && newest.is_some_and(|(came, answered)| !answered && *came <= at && at - came <= age)
    }
}

/// Seconds after a refusal in which its confirmation may be sent.
const CONFIRM_WITHIN: i64 = 300;

/// What an ALLOW uses up.
pub(crate) fn used_up(world: &mut World, q: &Question, at: i64) {
    let Some(case) = Case::of(world, q) else {
        return;
    };
    let (purpose, debts) = (case.purpose(at), case.debts.clone());
    let people: BTreeSet<String> = [case.person.clone(), case.account.consumer.clone()].into();
    match purpose {
        Purpose::Collection | Purpose::ConsentRequest | Purpose::LocationInformation => {}
        Purpose::Reminder => {
            if let Some(account) = world.accounts.get_mut(&q.account)
                && let Some(promise) = &mut account.promise
            {
                promise.used = true;
            }
        }
        Purpose::LegallyRequired => {
            let which = case.approval(at).map(|a| (a.action, a.purpose));
            if let Some(account) = world.accounts.get_mut(&q.account) {
                let all = account.approvals.iter_mut();
                all.filter(|a| Some((a.action, a.purpose)) == which)
                    .for_each(|a| a.used = true);
            }
        }
        Purpose::NoticeOfRemedy | Purpose::TerminateEfforts => {
            notice_given(world, &people, (&q.account, &debts, i64::MAX), purpose);
        }
        Purpose::OptOutConfirmation => {
            let point = q.phone.clone().or(q.email.clone());
            let medium = q.channel.map(medium);
            confirm(world, &people, (medium, point.as_ref(), i64::MAX));
            if let Some(account) = world.accounts.get_mut(&q.account) {
                confirm_emails(account, point.as_ref(), i64::MAX);
            }
        }
        Purpose::Reply => {
            for id in people {
                let known = &mut world.person(&id).inbound;
                if let Some(newest) = q.in_response_to.and_then(|kind| known.get_mut(&kind)) {
                    newest.1 = true;
                }
                let who = world.person(&id);
                for attorney in &mut who.attorneys {
                    attorney.answered = Some(at);
                }
                for cease in &mut who.ceases {
                    cease.answered = Some(at);
                }
            }
        }
    }
}

/// What a contact reported with a purpose used up: only what was there before it.
pub(crate) fn used_up_by_report(
    world: &mut World,
    account: &mut Account,
    told: &Attempt,
    purpose: Purpose,
) {
    let people: BTreeSet<String> = [told.person.clone(), account.consumer.clone()].into();
    match purpose {
        Purpose::NoticeOfRemedy | Purpose::TerminateEfforts => {
            let about = (&told.account, &told.debts, told.at);
            notice_given(world, &people, about, purpose);
        }
        Purpose::OptOutConfirmation => {
            let about = (Some(medium(told.channel)), told.contact.as_ref(), told.at);
            confirm(world, &people, about);
            confirm_emails(account, told.contact.as_ref(), told.at);
        }
        Purpose::LocationInformation if told.outcome == Outcome::Conversation => {
            world.person(&told.person).location_answered = true;
        }
        _ => {}
    }
}

fn notice_given(
    world: &mut World,
    people: &BTreeSet<String>,
    (account, debts, at): (&String, &BTreeSet<String>, i64),
    purpose: Purpose,
) {
    for id in people {
        let asked = world.person(id).ceases.clone();
        let mut concerned = asked
            .iter()
            .map(|c| c.received <= at && world.concerns(&c.scope, account, debts))
            .collect::<Vec<bool>>()
            .into_iter();
        let ceases = world.person(id).ceases.iter_mut();
        for cease in ceases.filter(|_| concerned.next() == Some(true)) {
            cease.remedy_used |= purpose == Purpose::NoticeOfRemedy;
            cease.terminate_used |= purpose == Purpose::TerminateEfforts;
        }
    }
}

fn confirm(
    world: &mut World,
    people: &BTreeSet<String>,
    (medium, point, at): (Option<Medium>, Option<&String>, i64),
) {
    for id in people {
        let refused = &mut world.person(id).refused;
        if let Some(known) = medium.and_then(|medium| refused.get_mut(&medium)) {
            known.1 |= known.0 <= at;
        }
    }
    if let Some(point) = point
        && let Some(known) = &mut world.contact(point).refused_texts
    {
        known.1 |= known.0 <= at;
    }
}

fn confirm_emails(account: &mut Account, point: Option<&String>, at: i64) {
    for email in account
        .emails
        .iter_mut()
        .filter(|e| Some(&e.address) == point)
    {
        email.confirmed |= email.opted_out.is_some_and(|since| since <= at);
    }
}
