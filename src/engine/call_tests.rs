//! CALL-1: what is known of a contact does not depend on the order of its reports.

use proptest::prelude::*;

use super::call::{Call, News, When, joined, sort};
use crate::domain::facts::{At, Attempt, ContactKey};
use crate::domain::ids::{DebtNo, DebtSet};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{Action, Channel, Outcome};

const NOW: UnixSeconds = UnixSeconds(1_777_906_800);

/// A contact before anything was said of it: a decision's, or one nobody asked for.
fn pending(audit: u32, inbound: bool) -> Call {
    let reserved = if audit == 0 { 0 } else { Attempt::RESERVED };
    let inbound = if inbound { Attempt::INBOUND } else { 0 };
    let main = Attempt {
        at: At::of(NOW.minus(600)),
        call: 0,
        debts: DebtSet::one(DebtNo(0)),
        audit,
        contact: ContactKey::NONE,
        kind: Attempt::pack_kind(Channel::Phone, Action::Call),
        outcome: Outcome::Pending.number(),
        flags: reserved | inbound,
    };
    Call {
        main,
        debts: vec![DebtNo(1), DebtNo(2)],
        talk: Vec::new(),
    }
}

fn debts() -> impl Strategy<Value = Vec<DebtNo>> {
    prop::collection::btree_set(1_u32..4, 0..3)
        .prop_map(|set| set.into_iter().map(DebtNo).collect())
}

/// A report that names nobody; none lies ahead of the clock.
fn news() -> impl Strategy<Value = News> {
    let when = prop_oneof![
        Just(When::Unsaid),
        (0_i64..1_200).prop_map(|ago| When::At(At::of(NOW.minus(ago)))),
    ];
    let outcomes: Vec<Outcome> = Outcome::ALL
        .iter()
        .copied()
        .filter(|outcome| *outcome != Outcome::Pending)
        .collect();
    (
        prop::sample::select(outcomes),
        when,
        debts(),
        debts(),
        any::<[bool; 3]>(),
    )
        .prop_map(
            |(outcome, when, debts, about, [inbound, prerecorded, at_work])| News {
                outcome,
                when,
                call: 7,
                debts,
                about,
                inbound,
                prerecorded,
                at_work,
                actor: false,
            },
        )
}

fn after<'n>(known: &Call, all: impl IntoIterator<Item = &'n News>) -> Call {
    let known = known.clone();
    all.into_iter()
        .fold(known, |known, one| joined(&known, one, NOW).0)
}

/// What a conversation was about, as the gates count it.
fn talked(call: &Call) -> Vec<DebtNo> {
    let mut all = call.talk.clone();
    if call.main.outcome() == Outcome::Conversation {
        all.extend(&call.debts);
    }
    sort(&mut all);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn call_1_reports_may_come_in_any_order_and_more_than_once(
        mut said in [news(), news(), news()],
        audit in 0_u32..2,
        inbound in any::<bool>(),
    ) {
        for one in &mut said {
            one.about.clear();
        }
        let [one, two, three] = &said;
        let known = pending(audit, inbound);
        let told = after(&known, [one, two, three]);
        for order in [[one, three, two], [two, one, three], [three, two, one]] {
            prop_assert_eq!(&after(&known, order), &told);
        }
        prop_assert_eq!(&after(&told, [two]), &told);
        prop_assert_eq!(&after(&known, [one, one, two, one, three]), &told);
    }

    #[test]
    fn call_1_what_was_talked_about_is_kept_in_any_order(
        said in [news(), news(), news()],
        audit in 0_u32..2,
        inbound in any::<bool>(),
    ) {
        let [one, two, three] = &said;
        let known = pending(audit, inbound);
        let first = after(&known, [one, two, three]);
        let talks = said.iter().filter(|one| one.outcome == Outcome::Conversation);
        let about: Vec<DebtNo> = talks.flat_map(|one| one.about.clone()).collect();
        for order in [[one, two, three], [one, three, two], [two, one, three], [three, two, one]] {
            let told = after(&known, order);
            let marks = |call: &Call| (call.main.at, call.main.guessed(), call.main.flags);
            prop_assert_eq!(marks(&told), marks(&first));
            prop_assert_eq!(&told.debts, &first.debts);
            let kept = talked(&told);
            let withdrawn = told.main.has(Attempt::WITHDRAWN);
            prop_assert!(withdrawn || about.iter().all(|debt| kept.contains(debt)), "{kept:?}");
        }
    }
}
