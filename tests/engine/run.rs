//! An engine, the rows it made, and what is still known of its answers.

use std::sync::{Arc, LazyLock};

use dialgate::domain::hash::stable_hash_128;
use dialgate::domain::ids::TenantNo;
use dialgate::domain::intent::{Asked, ContactPoint, Intent};
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::place::JurisdictionSet;
use dialgate::domain::policy::TenantPolicy;
use dialgate::domain::record::Line;
use dialgate::domain::rules::RulePack;
use dialgate::domain::time::{UnixSeconds, Zones};
use dialgate::domain::words::{Action, Channel, DialMode, Purpose};
use dialgate::engine::commands::{
    Activation, Admin, Answer, Ask, FactsPage, Item, Key, NotTaken, PageResult, RowSink,
    SealedSubject, Stated, Taken,
};
use dialgate::engine::enact::Enacted;
use dialgate::engine::{Administered, Engine, Options};
use dialgate::wire::record::write;
use dialgate::wire::subject::SubjectFields;

use super::names;
use super::ops::Op;
use super::reports::{self, ReportOp};

/// 2026-05-04T15:00:00Z, a Monday morning in the United States.
pub(crate) const START: UnixSeconds = UnixSeconds(1_777_906_800);

/// Bounds small enough that a run meets them.
pub(crate) const OPTIONS: Options = Options {
    accounts_expected: 64,
    attempts_per_person_max: 9,
    idempotency_keys_max: 40,
};

static PACK: LazyLock<Arc<RulePack>> =
    LazyLock::new(|| Arc::new(dialgate::rulepack::embedded().expect("the embedded pack reads")));

/// One recorded row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Whose chain.
    pub tenant: TenantNo,
    /// Where in it.
    pub seq: u64,
    /// Chained bytes.
    pub body: Vec<u8>,
    /// What lies beside them.
    pub subjects: Vec<Vec<u8>>,
}

/// Rows in the order in which they were made.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Rows(pub Vec<Row>);

impl RowSink for Rows {
    fn row(
        &mut self,
        tenant: TenantNo,
        seq: u64,
        body: &[u8],
        subjects: &[&SealedSubject],
        _keys: [u64; 2],
    ) {
        let subjects = subjects.iter().map(|s| s.bytes.clone()).collect();
        let body = body.to_vec();
        self.0.push(Row {
            tenant,
            seq,
            body,
            subjects,
        });
    }
}

/// What a command was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// To a page.
    Page(PageResult),
    /// To a question.
    Ask(Answer),
    /// To an outcome.
    Report(Result<Taken, NotTaken>),
    /// To an administrator.
    Admin(Administered),
    /// To an activation: whether it made a row.
    Activate(bool),
    /// To a look at changed files.
    Enacted(Enacted),
    /// The clock says nothing.
    Nothing,
}

/// An engine under way.
#[derive(Debug)]
pub(crate) struct Run {
    /// It.
    pub engine: Engine,
    /// What it recorded.
    pub rows: Rows,
    /// The clock.
    pub now: UnixSeconds,
    allowed: Vec<(TenantNo, u64, String)>,
}

/// The pack an engine begins with.
pub(crate) fn pack() -> Arc<RulePack> {
    Arc::clone(&PACK)
}

/// An engine of these tenants without state.
pub(crate) fn fresh() -> Engine {
    let mut engine = bare(OPTIONS);
    declare(&mut engine);
    engine
}

/// Declares the tenants: one under the defaults, one with the agency gates open.
pub(crate) fn declare(engine: &mut Engine) {
    let mut defaults = TenantPolicy::defaults(names::TENANTS[0]);
    defaults.fairness.gap_s = 60;
    defaults.licences = Some(JurisdictionSet::from_bits(u128::MAX));
    let mut open = TenantPolicy::defaults(names::TENANTS[1]);
    open.licences.clone_from(&defaults.licences);
    open.fairness.gap_s = 0;
    open.fairness.phone_per_day = 0;
    open.fairness.person_per_day = 0;
    open.fairness.voicemails_per_week = 0;
    open.fairness.vulnerable_blocks = 0;
    open.one_at_a_time = false;
    open.military_blocks = false;
    open.dial_mode = DialMode::Manual;
    engine.declare(names::TENANTS[0], defaults);
    engine.declare(names::TENANTS[1], open);
}

/// An engine without tenants and state, as recovery begins with.
pub(crate) fn bare(options: Options) -> Engine {
    Engine::new(options, Arc::clone(&PACK), Zones::bundled())
}

impl Run {
    /// Nothing has happened.
    pub(crate) fn new() -> Self {
        Self::of(fresh())
    }

    /// Nothing has happened to an engine.
    pub(crate) fn of(engine: Engine) -> Self {
        Self {
            engine,
            rows: Rows::default(),
            now: START,
            allowed: Vec::new(),
        }
    }

    /// Does what a command says.
    pub(crate) fn step(&mut self, op: &Op) -> Told {
        let (engine, rows, now) = (&mut self.engine, &mut self.rows, self.now);
        match op {
            Op::Page(tenant, lines) => {
                Told::Page(engine.apply_page(&page(*tenant, lines), now, rows))
            }
            Op::Ask(tenant, key, intent) => {
                let ask = ask(*tenant, *key, intent);
                let answer = engine.ask(&ask, now, rows);
                if let Answer::Decided(decision) = &answer
                    && decision.allow()
                    && !decision.dry_run
                {
                    let account = intent.account_id.to_string();
                    self.allowed.push((ask.tenant, decision.audit_id, account));
                }
                Told::Ask(answer)
            }
            Op::Report(op) => Told::Report(self.report(op)),
            Op::Kill(tenant, record) => {
                let admin = Admin::Kill(record.clone(), None);
                Told::Admin(engine.administer(number(*tenant), &admin, now, rows))
            }
            Op::ClockAccept(tenant) => {
                Told::Admin(engine.administer(number(*tenant), &Admin::ClockAccept, now, rows))
            }
            Op::Activate(tenant, edition) => {
                // Nothing decides for whom nobody declares.
                if !engine.tenants().get(*tenant).is_some_and(|t| t.declared) {
                    return Told::Nothing;
                }
                let activation = Activation {
                    pack: *engine.pack().hash(),
                    policy: [*edition; 32],
                    zones: *Zones::bundled().hash(),
                    semantics: dialgate::domain::rules::SEMANTICS,
                };
                Told::Activate(engine.activate(number(*tenant), activation, now, rows))
            }
            Op::Look(look) => Told::Enacted(look.take(engine, now, rows)),
            Op::Trust(trusted) => {
                engine.trust_clock(*trusted);
                Told::Nothing
            }
            Op::Step(by) => {
                self.now = now.plus(*by);
                Told::Nothing
            }
        }
    }

    fn report(&mut self, op: &ReportOp) -> Result<Taken, NotTaken> {
        let mut said = op.said.clone();
        let mut tenant = number(op.tenant);
        said.occurred_at = reports::ago(self.now, op.ago);
        let many = self.allowed.len() as u64;
        let pick = op.pick.and_then(|pick| pick.checked_rem(many));
        let pick = pick.and_then(|pick| usize::try_from(pick).ok());
        if let Some((of, audit_id, account)) = pick.and_then(|pick| self.allowed.get(pick)).cloned()
        {
            let account = op.astray.clone().unwrap_or(account);
            tenant = of;
            said.account_id = Some(account.into());
            said.audit_id = Some(audit_id);
        }
        let report = reports::report(tenant, said, sealed);
        self.engine.report(&report, self.now, &mut self.rows)
    }
}

/// Feeds recorded rows to an engine.
pub(crate) fn replay(engine: &mut Engine, rows: &[Row]) {
    for row in rows {
        engine.expect_tenant(row.tenant);
        let subjects: Vec<Option<&[u8]>> = row.subjects.iter().map(|s| Some(&**s)).collect();
        let applied = engine.apply_row(row.tenant, &row.body, &subjects);
        assert_eq!(applied, Ok(()), "{}", String::from_utf8_lossy(&row.body));
    }
}

fn number(tenant: usize) -> TenantNo {
    TenantNo(u16::try_from(tenant).unwrap_or(u16::MAX))
}

pub(crate) fn sealed(bytes: Vec<u8>) -> SealedSubject {
    let [a, b] = [&bytes[..], b"again"].map(|part| stable_hash_128(&[part]).to_be_bytes());
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(&a);
    digest[16..].copy_from_slice(&b);
    SealedSubject {
        salt: [7; 16],
        digest,
        bytes,
    }
}

/// A manual call to a number about debts of an account.
pub(crate) fn call(account: &str, phone: &str, debts: &[&str]) -> Intent {
    let number = PhoneNumber::parse(phone);
    Intent {
        account_id: account.into(),
        person_id: None,
        contact: number.map_or(ContactPoint::BadPhone, ContactPoint::Phone),
        channel: Some(Channel::Phone),
        action: Some(Action::Call),
        source_system: "five9".into(),
        role: Asked::Absent,
        dial_mode: Asked::Known(DialMode::Manual),
        purpose: Purpose::Collection,
        in_response_to: None,
        to_place: Asked::Absent,
        debt_ids: debts.iter().map(|id| (*id).into()).collect(),
        dry_run: false,
        exception_scope: false,
    }
}

/// A page as intake makes it.
pub(crate) fn page(tenant: usize, lines: &[Line]) -> FactsPage {
    let items = lines.iter().zip(1..).filter_map(|(said, line)| {
        let (mut body, mut subject) = (Vec::new(), Vec::new());
        let what = match said {
            Line::Account(record) => {
                write(&**record, &mut body, &mut subject).expect("a record is written");
                Stated::Account(record.clone())
            }
            Line::Contact(fact) => {
                write(&**fact, &mut body, &mut subject).expect("a fact is written");
                Stated::Contact(fact.clone())
            }
            Line::Kill(_) | Line::ClockAccept => return None,
        };
        Some(Item {
            line,
            what,
            body,
            subject: sealed(subject),
        })
    });
    FactsPage {
        tenant: number(tenant),
        items: items.collect(),
    }
}

/// A question as the gateway makes it.
pub(crate) fn ask(tenant: usize, key: Option<u64>, intent: &Intent) -> Ask {
    let key = key.map(|key| {
        (
            format!("key-{key}"),
            stable_hash_128(&[format!("{intent:?}").as_bytes()]),
        )
    });
    let (phone, email) = match &intent.contact {
        ContactPoint::Phone(number) => (Some(number.e164().as_str().to_owned()), None),
        ContactPoint::Email(address) => (None, Some(address.to_string())),
        ContactPoint::BadEmail => (None, Some(String::new())),
        ContactPoint::BadPhone => (Some(String::new()), None),
        ContactPoint::Absent => (None, None),
    };
    let fields = SubjectFields {
        account_id: (&*intent.account_id).into(),
        body: key.as_ref().map(|(_, body)| format!("{body:032x}").into()),
        debt_ids: intent.debt_ids.iter().map(|id| (&**id).into()).collect(),
        email: email.map(Into::into),
        key: key.as_ref().map(|(text, _)| text.clone().into()),
        person_id: intent.person_id.as_deref().map(Into::into),
        phone: phone.map(Into::into),
        source_system: Some((&*intent.source_system).into()),
        ..SubjectFields::default()
    };
    Ask {
        tenant: number(tenant),
        intent: intent.clone(),
        key: key.map(|(text, body)| Key {
            key: stable_hash_128(&[text.as_bytes()]),
            body,
        }),
        subject: sealed(fields.encode()),
    }
}
