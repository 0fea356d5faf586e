//! The facts that an outcome states, as its row keeps them.
//!
//! Only what was said stands in them. Number, medium, form and instant are those of the contact,
//! which the engine knows and a report may leave out.

use super::disposition::{ChannelBasis, Disposition};
use crate::domain::outcome::{Reported, States};
use crate::domain::record::{FactKind, FactRecord, PeriodRecord, Personal};
use crate::domain::words::{EscalationKind, Form, Medium};

/// The facts of a report, in the order in which they are applied; none for most words.
pub fn facts(said: &Disposition) -> Vec<FactRecord> {
    let states = said.outcome.does().states.iter();
    let mut facts: Vec<FactRecord> = states.filter_map(|one| fact(said, *one)).collect();
    if said.channel_basis == ChannelBasis::Unknown {
        // Nobody knows through what it was said: texts stop as well.
        let refusals = [FactKind::MediumOptOut, FactKind::ContactOptOut].map(Some);
        let texts = facts.iter().filter(|fact| refusals.contains(&fact.fact));
        let texts = texts.map(|fact| FactRecord {
            medium: Some(Medium::Texts),
            ..fact.clone()
        });
        let texts: Vec<FactRecord> = texts.collect();
        facts.extend(texts);
    }
    for fact in &mut facts {
        fact.person_id = said.person_id.as_deref().map(Personal::from);
        fact.reason = said.reason.as_deref().map(Personal::from);
    }
    facts
}

fn fact(said: &Disposition, states: States) -> Option<FactRecord> {
    let kind = match states {
        States::Fact(kind) => kind,
        States::Care(which) => {
            return Some(FactRecord {
                vulnerability: Some(which),
                ..of(FactKind::Vulnerability)
            });
        }
        States::Escalated(which) => return Some(escalation(which)),
        States::Unusable => return None,
    };
    let debts = || {
        said.debt_ids
            .iter()
            .map(|id| Personal::from(&**id))
            .collect()
    };
    let fact = of(kind);
    Some(match kind {
        // Somebody else cannot refuse for the consumer; the number they can.
        FactKind::MediumOptOut if said.with_another() => return None,
        FactKind::MediumOptOut if said.outcome == Reported::CeaseRequested && written(said) => {
            return None;
        }
        // In writing the cease itself binds. A spoken one binds in few states, but whoever asks that
        // all contact cease has refused this medium, and that may be said aloud (1006.14(h)(1)).
        FactKind::MediumOptOut if said.outcome == Reported::CeaseRequested => FactRecord {
            form: Some(Form::Oral),
            ..fact
        },
        FactKind::Promise => FactRecord {
            until_date: said.promise_date,
            ..fact
        },
        FactKind::Cease | FactKind::Attorney | FactKind::Dispute => FactRecord {
            debts: debts(),
            form: said.form,
            ..fact
        },
        FactKind::IdentityTheft | FactKind::Bankruptcy => FactRecord {
            debts: debts(),
            ..fact
        },
        FactKind::InconvenientTime => match period(said) {
            Some(period) => FactRecord {
                periods: vec![period],
                ..fact
            },
            // A time was named and nobody wrote down which: somebody has to ask.
            None => escalation(EscalationKind::SupervisorReview),
        },
        _ => fact,
    })
}

fn written(said: &Disposition) -> bool {
    said.form == Some(Form::Written)
}

fn of(kind: FactKind) -> FactRecord {
    FactRecord {
        fact: Some(kind),
        ..FactRecord::default()
    }
}

fn escalation(kind: EscalationKind) -> FactRecord {
    FactRecord {
        escalation: Some(kind),
        ..of(FactKind::Escalation)
    }
}

fn period(said: &Disposition) -> Option<PeriodRecord> {
    let named = said.inconvenient_from.is_some()
        || said.inconvenient_to.is_some()
        || !said.inconvenient_days.is_empty();
    named.then(|| PeriodRecord {
        days: said.inconvenient_days.clone(),
        from: said.inconvenient_from,
        to: said.inconvenient_to,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::Reported;
    use crate::domain::record::ClockTime;
    use crate::wire::disposition::SpokeWith;

    fn kinds(said: &Disposition) -> Vec<FactKind> {
        facts(said).iter().filter_map(|fact| fact.fact).collect()
    }

    #[test]
    fn every_word_states_what_the_table_says() {
        for word in Reported::ALL {
            let expected = word.does().states.iter();
            let expected = expected.filter(|one| **one != States::Unusable).count();
            let said = Disposition::of(*word);
            assert_eq!(facts(&said).len(), expected, "{}", word.as_str());
        }
    }

    #[test]
    fn only_the_consumer_refuses_a_medium() {
        let mut said = Disposition::of(Reported::DoNotCall);
        let all = [
            FactKind::MediumOptOut,
            FactKind::DoNotCall,
            FactKind::ContactOptOut,
        ];
        assert_eq!(kinds(&said), all);
        said.spoke_with = Some(SpokeWith::ThirdParty);
        assert_eq!(kinds(&said), all[1..]);
    }

    #[test]
    fn a_spoken_cease_refuses_the_medium_and_a_written_one_speaks_for_itself() {
        let mut said = Disposition::of(Reported::CeaseRequested);
        assert_eq!(kinds(&said), [FactKind::Cease, FactKind::MediumOptOut]);
        said.form = Some(Form::Written);
        assert_eq!(kinds(&said), [FactKind::Cease]);
    }

    #[test]
    fn who_asks_for_silence_through_what_nobody_knows_gets_no_texts() {
        for (word, refusals) in [
            (Reported::DoNotCall, 2),
            (Reported::OptOut, 2),
            (Reported::CeaseRequested, 1),
            (Reported::Conversation, 0),
        ] {
            let mut said = Disposition::of(word);
            let known = facts(&said);
            assert!(known.iter().all(|fact| fact.medium.is_none()), "{word:?}");
            for basis in [ChannelBasis::Assumed, ChannelBasis::Said] {
                said.channel_basis = basis;
                assert_eq!(facts(&said), known, "{word:?}");
            }
            said.channel_basis = ChannelBasis::Unknown;
            let unknown = facts(&said);
            assert_eq!(unknown.len(), known.len() + refusals, "{word:?}");
            let texts = unknown.iter().filter(|f| f.medium == Some(Medium::Texts));
            assert_eq!(texts.count(), refusals, "{word:?}");
        }
    }

    #[test]
    fn a_time_that_nobody_wrote_down_goes_to_a_supervisor() {
        let mut said = Disposition::of(Reported::InconvenientTime);
        assert_eq!(kinds(&said), [FactKind::Escalation]);
        said.inconvenient_to = ClockTime::parse("12:00");
        assert_eq!(kinds(&said), [FactKind::InconvenientTime]);
    }
}
