//! Random commands: pages of records, questions, outcomes, switches, steps of the clock.

use dialgate::domain::intent::{Asked, ContactPoint, Intent};
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::place::StateCode;
use dialgate::domain::record::{
    AccountRecord, AttemptRecord, DebtRecord, EmailRecord, FactKind, KillRecord, Line, PartyRecord,
    PhoneRecord,
};
use dialgate::domain::time::UnixSeconds;
use dialgate::domain::words::{
    AccountStatus, Action, Channel, CollectorRole, DialMode, Inbound, KillScope, LineType, Outcome,
    PartyRole, PlaceKind, Purpose,
};
use dialgate::wire::ingest::check;

use super::dice::Dice;
use super::laws::Look;
use super::reports::{self, ReportOp};
use super::{facts, names};

/// One command. Tenants are positions in [`names::TENANTS`].
#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// Lines of facts.
    Page(usize, Vec<Line>),
    /// A question, under a key of this number.
    Ask(usize, Option<u64>, Box<Intent>),
    /// What became of an ALLOW, or of something nobody asked about.
    Report(Box<ReportOp>),
    /// A kill switch.
    Kill(usize, KillRecord),
    /// `clock accept`.
    ClockAccept(usize),
    /// Another edition of policy.
    Activate(usize, u8),
    /// The files of law and policy were looked at.
    Look(Look),
    /// The clock comes to be in doubt, or to be trusted.
    Trust(bool),
    /// The clock goes on, or back, by so many seconds.
    Step(i64),
}

/// A sequence of commands.
pub(crate) fn sequence(dice: &mut Dice, start: UnixSeconds, many: usize) -> Vec<Op> {
    let mut now = start;
    // Some runs are rough, in others most is allowed.
    let calm = dice.of(&[3, 10, 60]);
    let mut ops = Vec::new();
    while ops.len() < many && !dice.spent() {
        let op = one(dice, now, calm);
        if let Op::Step(by) = op {
            now = now.plus(by);
        }
        ops.push(op);
    }
    ops
}

fn one(dice: &mut Dice, now: UnixSeconds, calm: u64) -> Op {
    let tenant = dice.index(names::TENANTS.len());
    match dice.below(32) {
        0..=9 => {
            let many = dice.below(4) + 1;
            Op::Page(
                tenant,
                (0..many).filter_map(|_| line(dice, now, calm)).collect(),
            )
        }
        10..=21 => {
            let key = dice.maybe(2, |d| d.below(60));
            Op::Ask(tenant, key, Box::new(intent(dice)))
        }
        22..=25 => Op::Report(Box::new(reports::any(dice, tenant))),
        26 if dice.one_in(calm) => kill(dice, tenant),
        27 if dice.one_in(8) => Op::ClockAccept(tenant),
        28 if dice.one_in(4) => Op::Activate(tenant, u8::from(dice.one_in(2))),
        29 if dice.one_in(3) => Op::Look(Look::any(dice)),
        30 if dice.one_in(6) => Op::Trust(!dice.one_in(3)),
        _ => Op::Step(step(dice)),
    }
}

/// Seconds the clock moves; now and then beyond what attempts are remembered for.
fn step(dice: &mut Dice) -> i64 {
    match dice.below(12) {
        0 => 0,
        1..=4 => dice.seconds(300),
        5 => 301,
        6 => dice.seconds(7_200),
        7..=9 => 86_400,
        10 => dice.of(&[41 * 86_400, 1, 1]),
        _ => -dice.seconds(600),
    }
}

/// A line that intake lets through.
pub(crate) fn line(dice: &mut Dice, now: UnixSeconds, calm: u64) -> Option<Line> {
    let mut line = if dice.one_in(3 * calm) {
        let mut fact = facts::any(dice, now);
        fact.fact = Some(dice.of(&[
            FactKind::DoNotCall,
            FactKind::ContactOptOut,
            FactKind::Revocation,
        ]));
        fact.phone = Some(names::phone(dice));
        Line::Contact(Box::new(fact))
    } else {
        Line::Account(Box::new(account(dice, now, calm)))
    };
    check(&mut line).ok().map(|()| line)
}

/// A list of up to `most`, without those that intake would not let through on their own.
fn some<T>(dice: &mut Dice, most: u64, mut make: impl FnMut(&mut Dice) -> T) -> Vec<T> {
    let many = dice.below(most + 1);
    (0..many).map(|_| make(dice)).collect()
}

fn account(dice: &mut Dice, now: UnixSeconds, calm: u64) -> AccountRecord {
    let mut record = AccountRecord {
        account_id: Some(names::account(dice).as_str().into()),
        collector_role: dice.maybe(6, |d| d.of(CollectorRole::ALL)),
        creditor: dice.maybe(6, |d| d.of(&["acme", "zenith"]).into()),
        portfolio: dice.maybe(6, |d| d.of(&["prime", "old"]).into()),
        person_id: dice.maybe(4, names::person),
        reason: dice.maybe(3, |_| "said so".into()),
        state: dice
            .maybe(9, |d| {
                StateCode::parse(d.of(&["GA", "CA", "MA", "TX", "WA"]))
            })
            .flatten(),
        status: dice.maybe(6, |d| {
            let closed = d.one_in(4);
            if closed {
                AccountStatus::Closed
            } else {
                AccountStatus::Open
            }
        }),
        zip: dice.maybe(9, |d| d.of(&["30301", "94103", "02108"]).into()),
        ..AccountRecord::default()
    };
    record.phones = some(dice, 2, phone);
    record
        .phones
        .dedup_by(|a, b| a.number == b.number && a.person_id == b.person_id);
    if dice.one_in(3) {
        record.debts = some(dice, 2, debt);
        record.debts.dedup_by(|a, b| a.debt_id == b.debt_id);
    }
    if dice.one_in(4) {
        record.emails = vec![email(dice)];
    }
    if dice.one_in(4) {
        record.parties = vec![party(dice)];
    }
    if dice.one_in(calm) {
        record.facts = vec![facts::any(dice, now)];
    }
    if dice.one_in(3) {
        record.attempts = some(dice, 3, |d| attempt(d, now));
    }
    sift(&mut record);
    record
}

/// Takes out what alone would keep intake from letting the record through.
fn sift(record: &mut AccountRecord) {
    let alone = |record: AccountRecord| {
        let account_id = Some("A0".into());
        let record = AccountRecord {
            account_id,
            ..record
        };
        check(&mut Line::Account(Box::new(record))).is_ok()
    };
    record.facts.retain(|fact| {
        let facts = vec![fact.clone()];
        alone(AccountRecord {
            facts,
            ..AccountRecord::default()
        })
    });
    record.attempts.retain(|attempt| {
        let attempts = vec![attempt.clone()];
        alone(AccountRecord {
            attempts,
            ..AccountRecord::default()
        })
    });
}

fn phone(dice: &mut Dice) -> PhoneRecord {
    PhoneRecord {
        line_type: dice.maybe(2, |d| d.of(LineType::ALL)),
        number: Some(names::phone(dice)),
        person_id: dice.maybe(8, names::person),
        personal: None,
        place: dice.maybe(6, |d| d.of(&[PlaceKind::Home, PlaceKind::Employment])),
        wrong: dice.maybe(10, |d| d.one_in(2)),
    }
}

fn debt(dice: &mut Dice) -> DebtRecord {
    DebtRecord {
        debt_id: Some(names::debt(dice)),
        group: dice.maybe(4, names::group),
        kind: None,
        status: dice.maybe(5, |d| d.of(&[AccountStatus::Open, AccountStatus::Paid])),
    }
}

fn email(dice: &mut Dice) -> EmailRecord {
    EmailRecord {
        address: Some(names::address(dice)),
        employer_provided: dice.maybe(8, |_| true),
        from_consumer: dice.maybe(4, |d| d.one_in(2)),
        person_id: dice.maybe(8, names::person),
        wrong: dice.maybe(10, |d| d.one_in(2)),
    }
}

fn party(dice: &mut Dice) -> PartyRecord {
    PartyRecord {
        authorised: dice.maybe(2, |d| d.one_in(2)),
        employer: dice.maybe(3, |d| d.one_in(2)),
        person_id: Some(names::person(dice)),
        role: Some(dice.of(&[
            PartyRole::CoDebtor,
            PartyRole::Spouse,
            PartyRole::ThirdParty,
        ])),
    }
}

fn attempt(dice: &mut Dice, now: UnixSeconds) -> AttemptRecord {
    // A call has one instant; several reports may speak of it.
    let call = (now.0 - dice.seconds(45 * 86_400)) / 20_000;
    AttemptRecord {
        at: Some(UnixSeconds(call * 20_000).min(now)),
        call_id: dice.maybe(2, |_| format!("c{call}").as_str().into()),
        channel: dice.maybe(4, |d| d.of(&[Channel::Phone, Channel::Sms, Channel::Mail])),
        conversation_about: dice.maybe(6, |d| vec![names::debt(d)]).unwrap_or_default(),
        debts: dice.maybe(4, |d| vec![names::debt(d)]).unwrap_or_default(),
        in_response_to: dice.maybe(8, |d| d.of(Inbound::ALL)),
        inbound: dice.maybe(6, |_| true),
        outcome: Some(dice.of(Outcome::ALL)),
        person_id: dice.maybe(8, names::person),
        phone: dice.maybe(2, names::phone),
        ..AttemptRecord::default()
    }
}

/// A question.
pub(crate) fn intent(dice: &mut Dice) -> Intent {
    let number = names::phone(dice);
    let mut intent = Intent {
        account_id: names::account(dice).into(),
        person_id: dice.maybe(10, |d| names::person(d).0),
        contact: PhoneNumber::parse(number.as_str())
            .map_or(ContactPoint::BadPhone, ContactPoint::Phone),
        channel: Some(Channel::Phone),
        action: Some(Action::Call),
        source_system: "five9".into(),
        role: Asked::Absent,
        dial_mode: Asked::Known(dice.of(&[
            DialMode::Manual,
            DialMode::Manual,
            DialMode::Predictive,
        ])),
        purpose: dice
            .maybe(5, |d| d.of(Purpose::ALL))
            .unwrap_or(Purpose::Collection),
        in_response_to: None,
        to_place: Asked::Absent,
        debt_ids: dice
            .maybe(5, |d| vec![names::debt(d).0])
            .unwrap_or_default(),
        dry_run: dice.one_in(8),
        exception_scope: dice.one_in(3),
    };
    match dice.below(12) {
        0 => {
            intent.contact = ContactPoint::Email(names::address(dice).0);
            intent.channel = Some(Channel::Email);
            intent.action = Some(Action::Email);
        }
        1 => {
            intent.contact = ContactPoint::Absent;
            intent.channel = Some(Channel::Mail);
            intent.action = Some(Action::Letter);
        }
        2 => {
            intent.channel = Some(Channel::Sms);
            intent.action = Some(Action::Text);
        }
        3 => intent.contact = ContactPoint::BadPhone,
        4 => intent.role = Asked::Known(dice.of(PartyRole::ALL)),
        5 => {
            intent.in_response_to = Some(dice.of(Inbound::ALL));
            intent.purpose = Purpose::Reply;
        }
        _ => {}
    }
    intent
}

fn kill(dice: &mut Dice, tenant: usize) -> Op {
    let scope = dice.of(KillScope::ALL);
    let value = match scope {
        KillScope::Tenant => dice.of(&names::TENANTS),
        KillScope::Portfolio => dice.of(&["prime", "old", "unheard"]),
        KillScope::State => dice.of(&["GA", "CA", "Nowhere"]),
        KillScope::Channel => dice.of(&["phone", "sms", "smoke"]),
    };
    let on = dice.one_in(4);
    let record = KillRecord {
        on,
        reason: (!on).then(|| "over".into()),
        scope,
        value: value.into(),
    };
    Op::Kill(tenant, record)
}
