//! The engine's federal counts, hours and next instants equal the model's, for random histories of
//! calls, conversations and consents of a person in one zone.

use dialgate::domain::ids::TenantNo;
use dialgate::domain::intent::Intent;
use dialgate::domain::outcome::Reported;
use dialgate::domain::record::{
    AccountRecord, AttemptRecord, DebtRecord, FactKind, FactRecord, Line, PhoneRecord,
};
use dialgate::domain::time::{UnixSeconds, Zones};
use dialgate::domain::verdict::Code;
use dialgate::domain::words::{LineType, Outcome};
use dialgate::engine::Options;
use dialgate::engine::commands::{Answer, Decision, NotTaken};
use dialgate::wire::disposition::Disposition;
use jiff::civil::Date;

use super::dice::Dice;
use super::model::{Blocks, Call, Consent, Model};
use super::ops::Op;
use super::reports;
use super::run::{self, Run, Told};

const PHONE: &str = "+14045550100";
/// The tenant whose agency gates are open.
const OPEN: usize = 1;
const DEBTS: usize = 3;
const ZONES: [&str; 6] = [
    "America/New_York",
    "America/Chicago",
    "America/Phoenix",
    "America/Los_Angeles",
    "Pacific/Honolulu",
    "America/St_Johns",
];
/// Around both changes of the clock, and in between.
const STARTS: [i64; 3] = [1_772_700_000, 1_777_906_800, 1_793_200_000];

/// One person's story, told to the engine and to the model.
struct Story {
    run: Run,
    model: Model,
    /// When consents were taken back.
    taken: Vec<i64>,
}

/// Plays steps of a story until the dice are spent or `steps` are done; how many questions were
/// compared.
pub(crate) fn play(dice: &mut Dice, steps: usize) -> usize {
    let zone = dice.of(&ZONES);
    let mut engine = run::bare(Options::default());
    run::declare(&mut engine);
    let mut story = Story {
        run: Run::of(engine),
        model: Model::new(zone),
        taken: Vec::new(),
    };
    story.run.now = UnixSeconds(dice.of(&STARTS));
    story.open(zone);
    let mut compared = 0;
    for _ in 0..steps {
        if dice.spent() {
            break;
        }
        match dice.below(10) {
            0 | 1 => story.report(dice),
            2 if dice.one_in(3) => story.consent(dice),
            2 if dice.one_in(3) => story.revoke(dice),
            3 | 4 => story.settle(dice),
            5 => story.wait(dice),
            _ => {
                story.ask(dice);
                compared += 1;
            }
        }
    }
    compared
}

fn debt_name(at: usize) -> String {
    format!("D{at}")
}

fn some_debts(dice: &mut Dice) -> Vec<usize> {
    let all = 1..1_u64 << DEBTS;
    let bits = 1 + dice.below(all.end - 1);
    (0..DEBTS).filter(|debt| bits & (1 << debt) != 0).collect()
}

impl Story {
    fn tell(&mut self, record: AccountRecord) {
        let record = AccountRecord {
            account_id: Some("A".into()),
            ..record
        };
        let page = Op::Page(OPEN, vec![Line::Account(Box::new(record))]);
        let Told::Page(result) = self.run.step(&page) else {
            return;
        };
        assert_eq!(result.rejected, vec![]);
    }

    fn open(&mut self, zone: &str) {
        let stated = FactRecord {
            fact: Some(FactKind::StatedZone),
            zone: Zones::bundled().find(zone),
            ..FactRecord::default()
        };
        let debt = |at| DebtRecord {
            debt_id: Some(debt_name(at).as_str().into()),
            ..DebtRecord::default()
        };
        self.tell(AccountRecord {
            debts: (0..DEBTS).map(debt).collect(),
            facts: vec![stated],
            phones: vec![PhoneRecord {
                number: Some(PHONE.into()),
                line_type: Some(LineType::Landline),
                ..PhoneRecord::default()
            }],
            ..AccountRecord::default()
        });
    }

    /// A call reported from elsewhere, perhaps with a conversation about other debts.
    fn report(&mut self, dice: &mut Dice) {
        let at = self.run.now.0 - dice.seconds(10 * 86_400);
        let debts = some_debts(dice);
        let outcome = dice.of(&[
            Outcome::NoAnswer,
            Outcome::NoAnswer,
            Outcome::NoAnswer,
            Outcome::Voicemail,
            Outcome::Dropped,
            Outcome::NotConnected,
            Outcome::NotDialed,
            Outcome::Conversation,
        ]);
        let again = self.model.calls.iter().any(|call| call.at == at);
        if again {
            return;
        }
        let names = |debts: &[usize]| {
            debts
                .iter()
                .map(|at| debt_name(*at).as_str().into())
                .collect()
        };
        self.tell(AccountRecord {
            attempts: vec![AttemptRecord {
                at: Some(UnixSeconds(at)),
                debts: names(&debts),
                outcome: Some(outcome),
                phone: Some(PHONE.into()),
                ..AttemptRecord::default()
            }],
            ..AccountRecord::default()
        });
        self.model.calls.push(Call {
            at,
            outcome,
            debts,
            audit: 0,
        });
    }

    fn consent(&mut self, dice: &mut Dice) {
        let at = self.run.now.0 - dice.seconds(3 * 86_400);
        let debts = if dice.one_in(2) {
            Vec::new()
        } else {
            some_debts(dice)
        };
        let last = dice.maybe(3, |d| {
            UnixSeconds(at).plus(d.seconds(6 * 86_400)).utc_date()
        });
        let fact = FactRecord {
            fact: Some(FactKind::CallConsent),
            at: Some(UnixSeconds(at)),
            debts: debts
                .iter()
                .map(|at| debt_name(*at).as_str().into())
                .collect(),
            until_date: last,
            ..FactRecord::default()
        };
        self.tell(AccountRecord {
            facts: vec![fact],
            ..AccountRecord::default()
        });
        let last_day = last.map(|day| {
            let (year, month, day) = day.ymd();
            let small = |n: u8| i8::try_from(n).unwrap_or(1);
            Date::new(i16::try_from(year).unwrap_or(0), small(month), small(day)).expect("a date")
        });
        let consent = Consent {
            at,
            last_day,
            debts,
            // What is told late was taken back all the same.
            revoked: self
                .taken
                .iter()
                .copied()
                .filter(|taken| *taken >= at)
                .min(),
        };
        let same = |known: &Consent| {
            (known.at, known.last_day, &known.debts)
                == (consent.at, consent.last_day, &consent.debts)
        };
        if !self.model.consents.iter().any(same) {
            self.model.consents.push(consent);
        }
    }

    /// Every consent given so far ends.
    fn revoke(&mut self, dice: &mut Dice) {
        let at = self.run.now.0 - dice.seconds(86_400);
        let fact = FactRecord {
            fact: Some(FactKind::ConsentRevoked),
            at: Some(UnixSeconds(at)),
            ..FactRecord::default()
        };
        self.tell(AccountRecord {
            facts: vec![fact],
            ..AccountRecord::default()
        });
        self.taken.push(at);
        for consent in self.model.consents.iter_mut().filter(|c| c.at <= at) {
            consent.revoked = Some(consent.revoked.map_or(at, |known| known.min(at)));
        }
    }

    fn wait(&mut self, dice: &mut Dice) {
        let by = match dice.below(3) {
            0 => dice.seconds(600),
            1 => dice.seconds(86_400),
            // To the second around midnight, eight and nine.
            _ => 900 - self.run.now.0.rem_euclid(900) - dice.of(&[0, 1]),
        };
        self.run.now = self.run.now.plus(by);
    }

    fn settle(&mut self, dice: &mut Dice) {
        let reserved: Vec<usize> = self
            .model
            .calls
            .iter()
            .enumerate()
            .filter(|(_, call)| call.audit != 0)
            .map(|(at, _)| at)
            .collect();
        if reserved.is_empty() {
            return;
        }
        let at = dice.of(&reserved);
        let outcome = dice.of(&[
            Outcome::NotDialed,
            Outcome::NotConnected,
            Outcome::NoAnswer,
            Outcome::Voicemail,
            Outcome::Conversation,
        ]);
        let Some(call) = self.model.calls.get_mut(at) else {
            return;
        };
        let word = Reported::parse(outcome.as_str()).expect("a word of reports");
        let said = Disposition {
            account_id: Some("A".into()),
            audit_id: Some(call.audit),
            actor: Some("supervisor".into()),
            ..Disposition::of(word)
        };
        let report = reports::report(TenantNo(1), said, run::sealed);
        let told = self
            .run
            .engine
            .report(&report, self.run.now, &mut self.run.rows);
        match told {
            Ok(_) => call.outcome = outcome,
            Err(NotTaken::TooLate) => assert_eq!(outcome, Outcome::NotDialed),
            // Older than anything is remembered.
            Err(NotTaken::UnknownDecision) => assert!(call.at < self.run.now.0 - 39 * 86_400),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn ask(&mut self, dice: &mut Dice) {
        let debts = some_debts(dice);
        let now = self.run.now.0;
        let wanted = self.model.blocks(&debts, now);
        let names: Vec<String> = debts.iter().map(|at| debt_name(*at)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let intent = Intent {
            dry_run: dice.one_in(4),
            ..run::call("A", PHONE, &names)
        };
        let told = self.run.step(&Op::Ask(OPEN, None, Box::new(intent)));
        let Told::Ask(Answer::Decided(decision)) = told else {
            panic!("{told:?}")
        };
        let story = || format!("at {now} about {debts:?}: {:?}", self.model);
        assert_eq!(federal(&decision), wanted, "{}", story());
        let federal_only = decision.findings.list().iter().all(|f| is_federal(f.code));
        if federal_only {
            assert_eq!(decision.allow(), wanted == Blocks::default());
            let next = (!decision.allow())
                .then(|| self.model.next(&debts, now))
                .flatten();
            assert_eq!(decision.next_allowed_at.map(|t| t.0), next, "{}", story());
        }
        if decision.allow() && !decision.dry_run {
            let (at, outcome, audit) = (now, Outcome::Pending, decision.audit_id);
            self.model.calls.push(Call {
                at,
                outcome,
                debts,
                audit,
            });
        }
    }
}

fn is_federal(code: Code) -> bool {
    matches!(
        code,
        Code::Call7In7 | Code::CallAfterConversation | Code::CallHours
    )
}

fn federal(decision: &Decision) -> Blocks {
    let has = |code| decision.findings.list().iter().any(|f| f.code == code);
    Blocks {
        seven: has(Code::Call7In7),
        talked: has(Code::CallAfterConversation),
        hours: has(Code::CallHours),
    }
}
