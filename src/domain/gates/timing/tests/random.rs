//! Random cases: the gate, `next_allowed_at` and `use_by` must tell one story.

use super::*;
use crate::domain::case::Case;
use crate::domain::facts::{InconvenientPeriod, InconvenientTime, PriorConsent};
use crate::domain::gates::fixture::{Fixture, debt, places, state_rule, zone};
use crate::domain::rules::{
    CallHours, Counts, DayWindow, Frequency, Gate, HolidayHours, HoursZone, Limit, MediumSet,
    RuleKind, Target, Unit, WeeklyHours, Window,
};
use crate::domain::time::CivilDate;
use crate::domain::words::GivenTo;

const SEED: u64 = 0x2026_1121;
const CASES: u64 = 400;
const ZONES: [&str; 8] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "Pacific/Honolulu",
    "Pacific/Guam",
    "America/St_Johns",
];

/// xorshift64*, so that a seed names a case for ever.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn small(&mut self, bound: u16) -> u16 {
        u16::try_from(self.below(u64::from(bound))).unwrap()
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    fn seconds(&mut self, bound: u64) -> i64 {
        i64::try_from(self.below(bound)).unwrap()
    }
}

fn fixture(dice: &mut Dice) -> Fixture {
    let zones: Vec<&str> = (0..=dice.below(3)).map(|_| dice.of(&ZONES)).collect();
    // Around the clock changes of a year now and then.
    let start = dice.of(&[
        "2026-03-05T00:00:00Z",
        "2026-10-29T00:00:00Z",
        "2026-05-05T00:00:00Z",
    ]);
    let now = at(start).plus(dice.seconds(6 * 86_400));
    let mut fixture = Fixture::over(dice.of(&[
        Channel::Phone,
        Channel::Phone,
        Channel::Sms,
        Channel::Email,
        Channel::Mail,
        Channel::InPerson,
    ]));
    fixture.now = now;
    fixture.places = places("CA", &zones);
    fixture.account.debts.push(debt(2));
    let caps = &mut fixture.policy.fairness;
    caps.gap_s = u32::from(dice.small(3)) * 1_800;
    caps.person_per_day = u32::from(dice.small(5));
    for _ in 0..dice.below(12) {
        let past = now.minus(dice.seconds(9 * 86_400));
        let mut attempt = call("2026-01-01T00:00:00Z", dice.of(Outcome::ALL));
        attempt.at = At::of(past);
        attempt.debts = DebtSet::one(DebtNo(1 + u32::from(dice.small(2))));
        fixture.attempts().push(attempt);
    }
    if dice.one_in(4) {
        let mut live = flagged("2026-01-01T00:00:00Z", Outcome::Pending, Attempt::RESERVED);
        live.at = At::of(now.minus(10));
        live.call = At::of(now.plus(dice.seconds(300))).0;
        fixture.attempts().push(live);
    }
    fixture.attempts().sort_by_key(|attempt| attempt.at);
    for _ in 0..dice.below(3) {
        let time = stated(dice, now);
        fixture.consumer().inconvenient_times.push(time);
    }
    if dice.one_in(5) {
        let until = At::of(now.plus(dice.seconds(600)));
        fixture.consumer().prior_consents.push(PriorConsent {
            given_to: GivenTo::Collector,
            at: At::of(now.minus(60)),
            until,
            times: true,
            places: false,
            undated: false,
        });
    }
    for _ in 0..dice.below(3) {
        let kind = if dice.one_in(3) {
            week(dice)
        } else {
            count(dice)
        };
        fixture
            .state_rules
            .push(state_rule("CA", Gate::Timing, kind));
    }
    fixture
}

fn stated(dice: &mut Dice, now: UnixSeconds) -> InconvenientTime {
    let today = now.utc_date();
    let near = |dice: &mut Dice| -> Option<CivilDate> {
        dice.one_in(3)
            .then(|| today.plus_days(i32::from(dice.small(9)) - 3))
    };
    InconvenientTime {
        since: At::NEVER,
        from_date: near(dice),
        until_date: near(dice),
        periods: (0..=dice.below(2))
            .map(|_| InconvenientPeriod {
                days: u8::try_from(dice.below(128)).unwrap(),
                from: dice.of(&[0, 28_800, 36_061, 64_800, 79_200]),
                to: dice.of(&[14_400, 32_400, 36_061, 61_200, 86_400]),
            })
            .collect(),
    }
}

fn week(dice: &mut Dice) -> RuleKind {
    let mut day = || {
        (!dice.one_in(5)).then(|| DayWindow {
            open: dice.of(&[0, 28_800, 34_200]),
            close: dice.of(&[61_200, 72_000, 86_400]),
        })
    };
    let days = [day(), day(), day(), day(), day(), day(), day()];
    let zone = if dice.one_in(2) {
        HoursZone::ConsumerLocal
    } else {
        HoursZone::Named(zone("America/New_York"))
    };
    RuleKind::CallHours(CallHours::Weekly(WeeklyHours {
        days,
        holidays: HolidayHours::AsWeekday,
        zone,
    }))
}

fn count(dice: &mut Dice) -> RuleKind {
    let days = 1 + dice.small(9);
    let window = dice.of(&[
        Window::RollingDays(days),
        Window::CalendarDay,
        Window::ExactHours(days),
        Window::AfterConversationDays(days),
    ]);
    RuleKind::Frequency(Frequency {
        limit: Limit {
            limit: 1 + dice.small(5),
            window,
            target: Target::Anyone,
        },
        second: None,
        unit: dice.of(&[Unit::PerDebt, Unit::PerAccount, Unit::PerConsumer]),
        counts: Counts::Attempts,
        conversations_limit: None,
        counted: MediumSet::ANY_FORM,
        unable_to_leave_message_exempt: false,
        replies_exempt: false,
        includes_spouse: false,
    })
}

fn found(case: &Case<'_>, when: UnixSeconds) -> Findings {
    let case = Case { now: when, ..*case };
    let mut found = Findings::default();
    fairness::ask(&case, &mut found);
    ask(&case, &mut found);
    concurrency::ask(&case, &mut found);
    found
}

fn timing_passes(case: &Case<'_>, when: UnixSeconds) -> bool {
    let case = Case { now: when, ..*case };
    let mut found = Findings::default();
    ask(&case, &mut found);
    found.allow()
}

/// TIMING-1: at no instant before the one named do the conditions pass.
#[test]
fn next_allowed_at_is_the_first_instant_that_passes() {
    let (mut given, mut none) = (0, 0);
    for seed in SEED..SEED + CASES {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        fixture(&mut dice).with(|case| {
            let now = found(case, case.now);
            let next = next_allowed_at(case, &now);
            let Some(next) = next else {
                none += u32::from(!now.allow());
                return;
            };
            given += 1;
            assert!(next > case.now, "seed {seed}");
            assert!(found(case, next).allow(), "seed {seed}");
            assert!(!found(case, next.minus(1)).allow(), "seed {seed}");
            for _ in 0..200 {
                let span = u64::try_from(next.since(case.now)).unwrap();
                let between = case.now.plus(dice.seconds(span));
                assert!(!found(case, between).allow(), "seed {seed} at {between}");
            }
        });
    }
    assert!(
        given > CASES / 3,
        "only {given} of {CASES} cases had a next instant, {none} none"
    );
}

/// TIMING-4: between two edges nothing changes, tried by every second.
#[test]
fn use_by_is_the_first_instant_that_no_longer_passes() {
    let (mut allowed, mut cut) = (0, 0);
    for seed in SEED..SEED + CASES {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut fixture = fixture(&mut dice);
        fixture.persons[0].1.attempts.truncate(1);
        fixture.with(|case| {
            // Up to where the state of things next changes, as often as not.
            for _ in 0..24 {
                let when = case.now.plus(dice.seconds(86_400) / 60 * 60 + 30);
                let case = Case { now: when, ..*case };
                if !timing_passes(&case, when) {
                    continue;
                }
                let until = use_by(&case);
                allowed += 1;
                let latest = when.plus(300);
                assert!(when < until && until <= latest, "seed {seed} at {when}");
                for second in when.0..until.0 {
                    assert!(timing_passes(&case, UnixSeconds(second)), "seed {seed}");
                }
                if until < latest {
                    cut += 1;
                    assert!(!timing_passes(&case, until), "seed {seed} at {when}");
                }
            }
        });
    }
    assert!(
        allowed > CASES && cut > 10,
        "{allowed} allowed, {cut} cut short"
    );
}
