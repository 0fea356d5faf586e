//! A story told to an engine, and its answer held against the vector.

use std::sync::{Arc, LazyLock};

use dialgate::domain::ids::TenantNo;
use dialgate::domain::intent::Intent;
use dialgate::domain::policy::{Fairness, TenantPolicy};
use dialgate::domain::record::{AccountRecord, Personal};
use dialgate::domain::rules::{RuleNo, RulePack};
use dialgate::domain::time::{UnixSeconds, Zones};
use dialgate::domain::verdict::Finding;
use dialgate::domain::words::DialMode;
use dialgate::engine::commands::{
    Answer, Ask, Decision, FactsPage, Item, RowSink, SealedSubject, Stated,
};
use dialgate::engine::{Engine, Options};

use crate::fields::Said;
use crate::file::ACCOUNT;
use crate::moments::Moment;
use crate::story::{Expected, Story};

static PACK: LazyLock<Arc<RulePack>> =
    LazyLock::new(|| Arc::new(dialgate::rulepack::embedded().unwrap()));

/// Rows go nowhere.
struct Nowhere;

impl RowSink for Nowhere {
    fn row(&mut self, _: TenantNo, _: u64, _: &[u8], _: &[&SealedSubject], _: [u64; 2]) {}
}

/// Rules that name an exception, a procedure or a condition of another rule, and the codes that say
/// a contact was blocked under it.
const ALSO: [(&str, &[&str]); 9] = [
    (
        "CONSUMER_INITIATED_RESPONSE",
        &[
            "INCONVENIENT_TIME",
            "INCONVENIENT_PLACE",
            "CALL_HOURS",
            "MEDIUM_OPT_OUT",
            "ATTORNEY",
            "CEASE",
            "EMPLOYER",
        ],
    ),
    ("OPT_OUT_CONFIRMATION", &["MEDIUM_OPT_OUT"]),
    ("CEASE_EXCEPTION", &["CEASE"]),
    ("LEGALLY_REQUIRED", &["MEDIUM_OPT_OUT"]),
    (
        "EXCLUDED_PRIOR_CONSENT",
        &["CALL_7_IN_7", "CALL_AFTER_CONVERSATION"],
    ),
    ("EXCLUDED_NOT_CONNECTED", &["CALL_7_IN_7"]),
    ("TEXT_PROCEDURE", &["CONSENT_REVOKED", "NUMBER_REASSIGNED"]),
    ("INCONVENIENT_PLACE", &["EMPLOYER"]),
    ("VALIDATION_PERIOD", &["DISPUTE_PENDING"]),
];

/// An engine that was told the story up to its question.
struct Told {
    engine: Engine,
    tenant: TenantNo,
}

impl Told {
    fn of(story: &Story) -> Said<Self> {
        let options = Options {
            accounts_expected: 1,
            idempotency_keys_max: 1,
            ..Options::default()
        };
        let mut engine = Engine::new(options, Arc::clone(&PACK), Zones::bundled());
        let tenant = engine.declare("vectors", open_policy());
        let mut told = Self { engine, tenant };
        told.tell(&story.opening.1, story.opening.0)?;
        for (at, stated) in &story.events {
            let mut record = AccountRecord {
                account_id: Some(Personal::from(ACCOUNT)),
                ..AccountRecord::default()
            };
            stated.clone().add_to(&mut record);
            told.tell(&record, *at)?;
        }
        Ok(told)
    }

    fn tell(&mut self, record: &AccountRecord, at: UnixSeconds) -> Said<()> {
        let what = Stated::Account(Box::new(record.clone()));
        let (line, body, subject) = (1, b"{}".to_vec(), SealedSubject::default());
        let items = vec![Item {
            line,
            what,
            body,
            subject,
        }];
        let tenant = self.tenant;
        let page = FactsPage { tenant, items };
        let result = self.engine.apply_page(&page, at, &mut Nowhere);
        match result.rejected.first() {
            None => Ok(()),
            Some((_, field, cause)) => Err(format!("refused: {field} {cause}: {record:?}")),
        }
    }

    fn ask(&mut self, intent: &Intent, at: UnixSeconds, dry_run: bool) -> Said<Decision> {
        let mut intent = intent.clone();
        intent.dry_run = dry_run;
        let (tenant, key, subject) = (self.tenant, None, SealedSubject::default());
        let ask = Ask {
            tenant,
            intent,
            key,
            subject,
        };
        match self.engine.ask(&ask, at, &mut Nowhere) {
            Answer::Decided(decision) => Ok(decision),
            other => Err(format!("not decided: {other:?}")),
        }
    }
}

/// Agency gates open, dialled by hand: `neutral_defaults` of `_meta`.
fn open_policy() -> TenantPolicy {
    TenantPolicy {
        fairness: Fairness {
            gap_s: 0,
            phone_per_day: 0,
            person_per_day: 0,
            voicemails_per_week: 0,
            vulnerable_blocks: 0,
        },
        dial_mode: DialMode::Manual,
        one_at_a_time: false,
        ..TenantPolicy::defaults("vectors")
    }
}

/// Tells, asks, compares.
pub(crate) fn check(story: &Story) -> Said<()> {
    let (at, intent) = &story.asked;
    let mut told = Told::of(story)?;
    match story.expected {
        Expected::PeriodOpen | Expected::PeriodClosed => {
            let open = told.engine.validation_period_open(told.tenant, intent, *at);
            let expected = story.expected == Expected::PeriodOpen;
            if open == Some(expected) {
                Ok(())
            } else {
                Err(format!("validation period open: {open:?}"))
            }
        }
        Expected::Allow => {
            let decision = told.ask(intent, *at, false)?;
            if decision.allow() {
                Ok(())
            } else {
                Err(format!("expected allow, found {:?}", codes(&decision)))
            }
        }
        Expected::Block => {
            let decision = told.ask(intent, *at, false)?;
            if decision.allow() {
                return Err(format!("expected block by {}, found allow", story.rule));
            }
            if !decision.findings.list().iter().any(|f| is(*f, &story.rule)) {
                let found = codes(&decision);
                return Err(format!("expected {}, found {found:?}", story.rule));
            }
            story
                .next
                .map_or(Ok(()), |next| opening(&mut told, story, &decision, next))
        }
    }
}

fn codes(decision: &Decision) -> Vec<&'static str> {
    let list = decision.findings.list().iter();
    list.map(|finding| finding.code.as_str()).collect()
}

/// Whether a finding is of the rule: by its code, by the pack's id, or by what the rule stands for.
fn is(finding: Finding, rule: &str) -> bool {
    let code = finding.code.as_str();
    let by_pack = finding.rule != RuleNo::NONE
        && PACK
            .rule(finding.rule)
            .is_some_and(|text| &*text.id == rule);
    let stands_for = ALSO
        .iter()
        .any(|(known, codes)| *known == rule && codes.contains(&code));
    code == rule || by_pack || stands_for
}

/// `next_allowed_at` is never before the moment named, is open itself, is closed a second before,
/// and is that moment if the gates are open then.
fn opening(told: &mut Told, story: &Story, decision: &Decision, named: Moment) -> Said<()> {
    let intent = &story.asked.1;
    let next = decision.next_allowed_at;
    let next = next.ok_or_else(|| format!("no next_allowed_at beside {:?}", codes(decision)))?;
    let local = story.file.local;
    let zones = Zones::bundled();
    let from = named.instant(local);
    let fault = |text: &str| {
        format!(
            "{text}: next is {}, named is {named:?}",
            next.rfc3339().as_str()
        )
    };
    if next < from {
        return Err(fault("too early"));
    }
    // A day opens at eight at the earliest.
    let first = match named {
        Moment::Day(date) => zones.instant_of(local, date, 8 * 3_600),
        Moment::Instant(at) => at,
    };
    let mut open_at = |at: UnixSeconds| told.ask(intent, at, true).map(|d| d.allow());
    if first < next && open_at(first)? {
        return Err(fault("later than the first opening"));
    }
    if open_at(next.minus(1))? {
        return Err(fault("already open a second before"));
    }
    if !open_at(next)? {
        return Err(fault("not open then"));
    }
    Ok(())
}
