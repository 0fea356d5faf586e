//! State and city counts: who is counted together, which attempts, in which window.
//!
//! A number of unknown kind is of whichever kind blocks. Co-debtors have counts of their own, but a
//! limit per claim takes in all of them and the spouse, one per number everybody the number is shared
//! with on whatever account, and a rule may take in the spouse. Consents of 12 CFR 1006.14(b)(3)(i) lift nothing here: no state's text was read so.

use super::by_number::fewer_to;
use super::local::{fewer_than, zones};
use super::ready::Ready;
use super::{exchange, tally, target};
use crate::domain::case::Case;
use crate::domain::facts::{Attempt, Person};
use crate::domain::gates::purpose;
use crate::domain::ids::DebtNo;
use crate::domain::rules::{
    Counts, Frequency, Limit, RuleKind, StateRule, Target, Unit, Window, WorkplaceLimit,
};
use crate::domain::verdict::Code;
use crate::domain::words::{LineType, Outcome, PartyRole};

/// When the rule permits the contact, and the code it blocks with.
pub(super) fn ready(case: &Case<'_>, rule: &Frequency) -> (Code, Ready) {
    let code = match rule.limit.window {
        Window::AfterConversationDays(_) | Window::AfterExchangeDays(_) => {
            Code::StateAfterConversation
        }
        Window::RollingDays(_) | Window::CalendarDay | Window::ExactHours(_) => {
            Code::StateFrequency
        }
    };
    if rule.replies_exempt && purpose::reply_covers(case) {
        return (code, Ready::Now);
    }
    let first = limit_ready(case, rule, rule.limit);
    let second = rule
        .second
        .map_or(Ready::Now, |limit| limit_ready(case, rule, limit));
    (code, first.and(second))
}

/// When a rule that counts contacts at the place of employment permits another.
pub(in crate::domain::gates) fn work_ready(case: &Case<'_>, rule: &StateRule) -> Ready {
    let RuleKind::WorkplaceLimit(WorkplaceLimit::Count {
        limit,
        window,
        replies_exempt,
        ..
    }) = rule.kind
    else {
        return Ready::Now;
    };
    let target = Target::Workplace;
    let counted = Frequency {
        limit: Limit {
            limit,
            window,
            target,
        },
        second: None,
        unit: Unit::PerConsumer,
        counts: Counts::Attempts,
        conversations_limit: None,
        counted: rule.media,
        unable_to_leave_message_exempt: false,
        replies_exempt,
        includes_spouse: false,
    };
    ready(case, &counted).1
}

fn limit_ready(case: &Case<'_>, rule: &Frequency, limit: Limit) -> Ready {
    if !target::asked(case, limit.target) {
        return Ready::Now;
    }
    let count = |kind| Count {
        case,
        rule,
        limit,
        kind,
    };
    match limit.window {
        Window::AfterConversationDays(_) => count(Kind::Conversations).below(1),
        Window::AfterExchangeDays(_) => exchange::ready(case, rule, limit),
        Window::RollingDays(_) | Window::CalendarDay | Window::ExactHours(_) => {
            let kind = match rule.counts {
                Counts::Attempts | Counts::Messages => Kind::Attempts,
                Counts::Conversations => Kind::Conversations,
            };
            let talks = rule
                .conversations_limit
                .map_or(Ready::Now, |most| count(Kind::Conversations).below(most));
            count(kind).below(limit.limit).and(talks)
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Attempts,
    Conversations,
}

/// One count of one rule.
#[derive(Clone, Copy)]
struct Count<'c, 'a> {
    case: &'c Case<'a>,
    rule: &'c Frequency,
    limit: Limit,
    kind: Kind,
}

impl Count<'_, '_> {
    /// Ready while every unit the rule counts has fewer than `limit`.
    fn below(self, limit: u16) -> Ready {
        match self.rule.unit {
            Unit::PerDebt => self.each_debt(limit),
            Unit::PerAccount => {
                let debts = self.case.account_debts;
                self.counted(limit, Circle::Person, |attempt| {
                    self.case.world.debt_sets.meets(attempt.debts, debts)
                })
            }
            Unit::PerConsumer | Unit::PerConsumerAndSubject => {
                self.counted(limit, self.persons(), |_| true)
            }
            // Whoever takes the call: the person, and whoever holds the telephone.
            Unit::PerRecipient => {
                let person = self.counted(limit, self.persons(), |_| true);
                person.and(self.number(limit))
            }
            Unit::PerConsumerOrClaim => {
                let consumer = self.counted(limit, self.persons(), |_| true);
                self.case.debts.iter().fold(consumer, |ready, debt| {
                    ready.and(self.about(limit, Circle::Debtors, *debt))
                })
            }
            Unit::PerWirelessNumber => self.number(limit),
        }
    }

    fn each_debt(self, limit: u16) -> Ready {
        let circle = if target::is_household(self.limit.target) {
            Circle::Household
        } else {
            Circle::Person
        };
        self.case.debts.iter().fold(Ready::Now, |ready, debt| {
            ready.and(self.about(limit, circle, *debt))
        })
    }

    fn about(self, limit: u16, circle: Circle, debt: DebtNo) -> Ready {
        self.counted(limit, circle, |attempt| {
            tally::about(self.case, attempt, debt)
        })
    }

    fn number(self, limit: u16) -> Ready {
        let wireless = self
            .case
            .phone
            .filter(|phone| matches!(phone.line_type, LineType::Wireless | LineType::Unknown));
        wireless.map_or(Ready::Now, |phone| {
            let most = (limit, self.limit.window);
            fewer_to(zones(self.case), self.case, phone.number, most, |attempt| {
                self.reaches(attempt) && self.counts_at_number(attempt)
            })
        })
    }

    fn persons(self) -> Circle {
        if self.rule.includes_spouse {
            Circle::WithSpouse
        } else {
            Circle::Person
        }
    }

    fn counted(self, limit: u16, circle: Circle, of: impl Fn(&Attempt) -> bool) -> Ready {
        let instants = tally::everybody(self.case)
            .filter(|(role, person)| circle.holds(self.case, *role, person))
            .flat_map(|(_, person)| &person.attempts)
            .filter(|attempt| self.counts(attempt) && of(attempt))
            .map(tally::at);
        fewer_than(self.case, limit, self.limit.window, instants)
    }

    fn counts(self, attempt: &Attempt) -> bool {
        self.reaches(attempt)
            && match self.kind {
                Kind::Attempts => tally::connected(attempt) && !self.exempt(attempt),
                // A conversation is one, whoever wished for it.
                Kind::Conversations => tally::conversation(attempt),
            }
    }

    /// The same for the number: there a wrong number rang like any other.
    fn counts_at_number(self, attempt: &Attempt) -> bool {
        match self.kind {
            Kind::Attempts => tally::rang_through(attempt) && !self.exempt(attempt),
            Kind::Conversations => tally::conversation(attempt),
        }
    }

    /// Whether it went through a medium the rule counts, to where it counts.
    fn reaches(self, attempt: &Attempt) -> bool {
        let medium = attempt
            .channel()
            .map(|channel| tally::medium(channel, attempt.action()));
        medium.is_some_and(|medium| self.rule.counted.contains(medium))
            && target::attempt(self.case, attempt, self.limit.target)
    }

    fn exempt(self, attempt: &Attempt) -> bool {
        (self.rule.replies_exempt && attempt.has(Attempt::REPLY))
            || (self.rule.unable_to_leave_message_exempt
                && attempt.outcome() == Outcome::VoicemailUnableToLeave)
    }
}

/// Whose attempts are counted together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Circle {
    /// The person asked for.
    Person,
    /// The person and their spouse; for a spouse, the consumer.
    WithSpouse,
    /// Whoever is not the consumer.
    Household,
    /// The consumer, the co-debtors and the spouse.
    Debtors,
}

impl Circle {
    fn holds(self, case: &Case<'_>, role: PartyRole, person: &Person) -> bool {
        std::ptr::eq(person, case.person)
            || match self {
                Self::Person => false,
                Self::WithSpouse => {
                    role == PartyRole::Spouse
                        || (role == PartyRole::Consumer && case.role() == Some(PartyRole::Spouse))
                }
                Self::Household => target::of_household(role),
                Self::Debtors => matches!(
                    role,
                    PartyRole::Consumer | PartyRole::CoDebtor | PartyRole::Spouse
                ),
            }
    }
}
