//! Plays a story to the product's engine and to the model, and says where they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use dialgate::domain::ids::TenantNo;
use dialgate::domain::intent::{Asked, ContactPoint, Intent};
use dialgate::domain::outcome::Reported;
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::record::{AccountRecord, KillRecord, Line};
use dialgate::domain::rules::{Gate, RulePack};
use dialgate::domain::time::{UnixSeconds, Zones};
use dialgate::domain::verdict::Code;
use dialgate::domain::words::{DialMode, KillScope, Outcome, PartyRole, PlaceKind, Purpose};
use dialgate::engine::commands::{
    Admin, Answer, Ask, Decision, FactsPage, Item, NotTaken, Refusal, Report as EngineReport,
    RowSink, SealedSubject, Stated,
};
use dialgate::engine::{Engine, Options};
use dialgate::wire::disposition::Disposition;
use dialgate::wire::ingest::check;
use dialgate::wire::record::write;

use super::case::{Case, Codes};
use super::repeats::{self, Repeats};
use super::story::{Question, Report, Step, Story};
use super::world::{Attempt, World};
use super::{local, next, policy, purpose, telling, telling_facts};

static PACK: LazyLock<Arc<RulePack>> =
    LazyLock::new(|| Arc::new(dialgate::rulepack::embedded().expect("the embedded pack reads")));

/// What the story came to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    pub steps: u64,
    pub asked: u64,
    pub allowed: u64,
    pub with_next: u64,
    /// ALLOWs given again.
    pub repeated: u64,
    /// What the last question found.
    pub last: Codes,
}

/// Where the two differ.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    /// Which step.
    pub step: usize,
    /// What differs, without instants: what shrinking must keep.
    pub what: String,
    /// The rest.
    pub detail: String,
}

/// Rows go nowhere.
struct Nowhere;

impl RowSink for Nowhere {
    fn row(&mut self, _: TenantNo, _: u64, _: &[u8], _: &[&SealedSubject], _: [u64; 2]) {}
}

const TENANT: TenantNo = TenantNo(0);
const NAME: &str = "agency";
/// Where the next instant is this near, every second before it is tried too.
const SECONDS_TRIED: i64 = 100;

struct Play {
    engine: Engine,
    world: World,
    /// Decision and account of each ALLOW.
    allowed: Vec<(u64, String)>,
    repeats: Repeats,
    tally: Tally,
}

/// Plays it all.
pub(crate) fn play(story: &Story) -> Result<Tally, Difference> {
    let options = Options {
        accounts_expected: 8,
        attempts_per_person_max: 256,
        idempotency_keys_max: 8,
    };
    let mut engine = Engine::new(options, Arc::clone(&PACK), Zones::bundled());
    let own = policy::list().swap_remove(story.policy);
    let told = policy::told(&own, &mut engine, NAME);
    engine.declare(NAME, told);
    let mut play = Play {
        engine,
        world: World {
            policy: own,
            now: story.start,
            clock_trusted: true,
            accounts: BTreeMap::new(),
            people: BTreeMap::new(),
            contacts: BTreeMap::new(),
            attempts: Vec::new(),
            kills: BTreeSet::new(),
        },
        allowed: Vec::new(),
        repeats: Repeats::default(),
        tally: Tally::default(),
    };
    for (at, step) in story.steps.iter().enumerate() {
        play.tally.steps += 1;
        play.step(step).map_err(|(what, detail)| Difference {
            step: at,
            what,
            detail,
        })?;
    }
    Ok(play.tally)
}

type Told = Result<(), (String, String)>;

impl Play {
    fn now(&self) -> UnixSeconds {
        UnixSeconds(self.world.now)
    }

    fn step(&mut self, step: &Step) -> Told {
        match step {
            Step::Tell(record) => self.tell(record),
            Step::TellAll(fact) => {
                let mut line = Line::Contact(fact.clone());
                if self.page(&mut line) {
                    let at = fact.at.map_or(self.world.now, |at| at.0);
                    let on = fact.lifted != Some(true);
                    if let Some(kind) = fact.fact {
                        telling_facts::refuse(&mut self.world, kind, fact, (at, on));
                    }
                }
            }
            Step::Ask(q) => return self.ask(q),
            Step::Settle(report) => return self.settle(report),
            Step::Wait(by) => self.world.now += by,
            Step::Kill(record) => self.kill(record),
            Step::Clock(trusted) => {
                self.engine.trust_clock(*trusted);
                self.world.clock_trusted = *trusted;
            }
        }
        Ok(())
    }

    fn tell(&mut self, record: &AccountRecord) {
        let mut line = Line::Account(Box::new(record.clone()));
        if self.page(&mut line)
            && let Line::Account(record) = &line
        {
            telling::tell(&mut self.world, record);
        }
    }

    /// Whether the product took the line.
    fn page(&mut self, line: &mut Line) -> bool {
        if check(line).is_err() {
            return false;
        }
        let (mut body, mut subject) = (Vec::new(), Vec::new());
        let what = match line {
            Line::Account(record) => {
                write(&**record, &mut body, &mut subject).expect("a record is written");
                Stated::Account(record.clone())
            }
            Line::Contact(fact) => {
                write(&**fact, &mut body, &mut subject).expect("a fact is written");
                Stated::Contact(fact.clone())
            }
            Line::Kill(_) | Line::ClockAccept => return false,
        };
        let page = FactsPage {
            tenant: TENANT,
            items: vec![Item {
                line: 1,
                what,
                body,
                subject: SealedSubject::default(),
            }],
        };
        let result = self.engine.apply_page(&page, self.now(), &mut Nowhere);
        result.rejected.is_empty()
    }

    fn kill(&mut self, record: &KillRecord) {
        let scope = record.scope;
        let admin = Admin::Kill(record.clone(), None);
        let now = self.now();
        self.engine.administer(TENANT, &admin, now, &mut Nowhere);
        if scope == KillScope::Tenant && record.value.as_str() != NAME {
            return;
        }
        let key = (scope.as_str().to_owned(), record.value.as_str().to_owned());
        if record.on {
            self.world.kills.insert(key);
        } else if record.reason.is_some() {
            self.world.kills.remove(&key);
        }
    }

    fn ask(&mut self, q: &Question) -> Told {
        let ask = Ask {
            tenant: TENANT,
            intent: intent(q),
            key: repeats::key(q),
            subject: SealedSubject::default(),
        };
        let decision = match self.engine.ask(&ask, self.now(), &mut Nowhere) {
            Answer::Decided(decision) => decision,
            Answer::KeyReused if q.key.is_some() => return Ok(()),
            Answer::Repeated(told) if q.key.is_some() => {
                self.tally.repeated += u64::from(told.allow());
                let wrong = self.repeats.wrong(&self.world, q, &told);
                return wrong.map_or(Ok(()), |wrong| Err((wrong, format!("{told:?}"))));
            }
            answer => return Err(("no decision".to_owned(), format!("{answer:?}"))),
        };
        self.repeats.decided_anew(&mut self.world, q);
        self.repeats.decided(&self.world, q, &decision);
        self.tally.asked += 1;
        self.tally.last = decision.findings.list().iter().map(|f| f.code).collect();
        self.tally.allowed += u64::from(decision.allow());
        self.tally.with_next += u64::from(decision.next_allowed_at.is_some());
        self.compare(q, &decision)?;
        if decision.allow() && !decision.dry_run {
            self.allowed.push((decision.audit_id, q.account.clone()));
            self.reserve(q, decision.audit_id, decision.use_by.0);
        }
        Ok(())
    }

    fn compare(&self, q: &Question, decision: &Decision) -> Told {
        let ours = self.compare_codes(q, decision)?;
        let now = self.world.now;
        let list = decision.findings.list();
        let movable = [Gate::Fairness, Gate::Timing, Gate::Concurrency];
        let fixed = list.iter().any(|f| !movable.contains(&f.code.gate()));
        if !list.iter().all(|f| modelled(f.code)) || self.says_more(q, Gate::Timing) {
            return Ok(());
        }
        let timing = decision.findings.blocks(Gate::Timing) && !fixed;
        let next = timing.then(|| next::next(&self.world, q)).flatten();
        let told = decision.next_allowed_at.map(|at| at.0);
        if told != next {
            let later = told.zip(next).map(|(told, next)| told > next);
            let what = format!("next_allowed_at, product later: {later:?}");
            let found = names(ours.iter());
            let detail = format!("at {now}: product {told:?}, model {next:?}; {found}");
            return Err((what, detail));
        }
        if let Some(told) = told.filter(|at| at - now < SECONDS_TRIED) {
            let by_seconds = next::next_by_seconds(&self.world, q, told);
            if by_seconds != Some(told) {
                let what = "an instant nobody tried".to_owned();
                return Err((what, format!("{told} but {by_seconds:?}")));
            }
        }
        let use_by = next::use_by(&self.world, q).unwrap_or(0);
        if decision.allow() && decision.use_by.0 != use_by {
            let told = decision.use_by;
            let detail = format!("at {now}: product {told:?}, model {use_by}");
            return Err(("use_by".to_owned(), detail));
        }
        Ok(())
    }

    /// Whether a rule binds here, in a gate, of which the model does not know what it says.
    fn says_more(&self, q: &Question, gate: Gate) -> bool {
        let case = Case::of(&self.world, q);
        let rules = case.map(|case| case.rules).unwrap_or_default();
        let of_gate = |name: &str| Gate::parse(name) == Some(gate);
        rules
            .iter()
            .any(|rule| !rule.modelled() && of_gate(&rule.gate))
    }

    /// What the model finds, when it is what the product found.
    fn compare_codes(&self, q: &Question, decision: &Decision) -> Result<Codes, (String, String)> {
        // Of a word nobody published no text says what else is asked of it: it blocks.
        let words = q.channel.is_some() && q.action.is_some();
        // Who is meant when a stranger is named nobody can say: ACCOUNT blocks.
        let known = |id: &String| {
            let account = self.world.accounts.get(&q.account);
            account.is_none_or(|a| a.consumer == *id || a.parties.iter().any(|p| p.person == *id))
        };
        let stranger = !q.person.as_ref().is_none_or(known);
        let compared = |c: &Code| {
            let words = words || matches!(c, Code::UnknownChannel | Code::UnknownAction);
            let people = !stranger || *c == Code::UnknownPerson;
            modelled(*c) && words && people
        };
        let list = decision.findings.list().iter().map(|f| f.code);
        let theirs: Codes = list.clone().filter(compared).collect();
        let ours = next::codes(&self.world, q).into_iter().filter(compared);
        let ours: Codes = ours.collect();
        // Where a rule binds that is not modelled, the product may find more in that gate.
        let more = |c: &&Code| !ours.contains(c) && self.says_more(q, c.gate());
        let more: Codes = theirs.iter().filter(more).copied().collect();
        let theirs: Codes = theirs.difference(&more).copied().collect();
        if theirs != ours {
            let only = names(theirs.difference(&ours));
            let lacking = names(ours.difference(&theirs));
            let what = format!("only the product: {only}, only the model: {lacking}");
            let both = names(theirs.intersection(&ours));
            return Err((what, format!("at {}: both {both}", self.world.now)));
        }
        if decision.allow() != (list.count() == 0) {
            return Err(("a verdict without its codes".to_owned(), String::new()));
        }
        Ok(ours)
    }

    fn reserve(&mut self, q: &Question, audit: u64, use_by: i64) {
        let now = self.world.now;
        let Some(case) = Case::of(&self.world, q) else {
            return;
        };
        let (Some(channel), Some(action)) = (q.channel, q.action) else {
            return;
        };
        let to_work = PlaceKind::parse(&q.to_place) == Some(PlaceKind::Employment);
        let contact = case.phone.map(|p| p.number.clone());
        let attempt = Attempt {
            person: case.person.clone(),
            account: q.account.clone(),
            at: now,
            channel,
            action,
            contact: contact.or(case.email.map(|e| e.address.clone())),
            outcome: Outcome::Pending,
            debts: case.debts.clone(),
            about: case.debts.clone(),
            apart: BTreeSet::new(),
            said_about: false,
            inbound: false,
            reply: case.answers(now),
            prerecorded: case.prerecorded(),
            at_work: to_work || case.number_at_work(),
            locates: case.purpose(now) == Purpose::LocationInformation,
            misdirected: false,
            debts_said: false,
            call_id: None,
            audit,
            use_by: Some(use_by),
        };
        purpose::used_up(&mut self.world, q, now);
        self.world.attempts.push(attempt);
    }

    fn settle(&mut self, report: &Report) -> Told {
        let newest = self.allowed.len().checked_sub(report.back + 1);
        let Some((audit, account)) = newest.and_then(|at| self.allowed.get(at)).cloned() else {
            return Ok(());
        };
        let word = Reported::parse(report.outcome.as_str());
        let said = Disposition {
            account_id: Some(account.as_str().into()),
            audit_id: Some(audit),
            occurred_at: report.ago.map(|ago| self.now().minus(ago)),
            debt_ids: report.debts.iter().map(|d| d.as_str().into()).collect(),
            actor: report.actor.then(|| "supervisor".into()),
            ..Disposition::of(word.unwrap_or(Reported::NoAnswer))
        };
        let (subject, facts) = (SealedSubject::default(), None);
        let command = EngineReport {
            tenant: TENANT,
            said,
            subject,
            facts,
        };
        let told = self.engine.report(&command, self.now(), &mut Nowhere);
        let taken = told.is_ok();
        let Some(known) = self.world.attempts.iter().find(|a| a.audit == audit) else {
            return Ok(());
        };
        let now = self.world.now;
        // A release that comes late needs somebody who says so, and a day later nobody can.
        let late = report.outcome == Outcome::NotDialed
            && known.outcome != Outcome::NotDialed
            && !known.live(now);
        let waits = known.outcome == Outcome::Pending && !report.actor;
        let refused = late && (now >= known.at + local::DAY || waits);
        let forgotten = told == Err(NotTaken::UnknownDecision) && now > known.at + 39 * local::DAY;
        let unknown = told == Err(NotTaken::Field("debt_ids", Refusal::UnknownDebt));
        if taken == refused && !forgotten && !unknown {
            let detail = format!("at {now}: {told:?} of {known:?}");
            return Err(("an outcome".to_owned(), detail));
        }
        if taken {
            self.settled(report, audit, &account);
        }
        Ok(())
    }

    fn settled(&mut self, report: &Report, audit: u64, account: &str) {
        let now = self.world.now;
        let debts = self.world.accounts.get(account).map(|account| {
            let named = account
                .debts
                .iter()
                .filter(|d| report.debts.contains(&d.name));
            named.map(|d| d.key.clone()).collect::<BTreeSet<String>>()
        });
        let mut answered = None;
        let known = self.world.attempts.iter_mut().find(|a| a.audit == audit);
        if let Some(known) = known {
            let first = known.outcome == Outcome::Pending;
            // Nobody makes an attempt count less without a name.
            if first || report.actor || says_more(report.outcome, known.outcome) {
                known.outcome = report.outcome;
            }
            known.use_by = None;
            if known.locates && report.outcome == Outcome::Conversation {
                answered = Some(known.person.clone());
            }
            // Calls to a number known to be another's never count.
            let wrong = known
                .contact
                .as_ref()
                .and_then(|c| self.world.contacts.get(c));
            known.misdirected = wrong.is_some_and(|c| c.wrong_for.contains(&known.person));
            if let Some(ago) = report.ago {
                known.at = (now - ago).min(now).max(known.at);
            }
            if let Some(debts) = debts.filter(|debts| !debts.is_empty()) {
                let mut all = debts;
                if known.debts_said && !report.actor {
                    all.extend(known.debts.iter().cloned());
                }
                known.debts_said = true;
                known.about.clone_from(&all);
                known.debts = all;
            }
        }
        if let Some(person) = answered {
            self.world.person(&person).location_answered = true;
        }
    }
}

/// Which of two outcomes says more of a call.
fn says_more(new: Outcome, known: Outcome) -> bool {
    let order = [
        Outcome::NotDialed,
        Outcome::NotConnected,
        Outcome::NoAnswer,
        Outcome::Sent,
        Outcome::Voicemail,
        Outcome::Conversation,
    ];
    let place = |outcome| order.iter().position(|one| *one == outcome);
    place(new) > place(known)
}

fn names<'c>(codes: impl Iterator<Item = &'c Code>) -> String {
    let all: Vec<String> = codes
        .map(|c| format!("{}:{}", c.number(), c.as_str()))
        .collect();
    format!("{all:?}")
}

/// Whether the model knows what a code stands for: what the product does not evaluate yet blocks,
/// and nothing more is said of it.
fn modelled(code: Code) -> bool {
    code.number() % 100 != 90
}

fn asked<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Asked<T> {
    match text {
        "" => Asked::Absent,
        text => parse(text).map_or(Asked::Unknown, Asked::Known),
    }
}

fn intent(q: &Question) -> Intent {
    let phone = |text: &String| {
        PhoneNumber::parse(text).map_or(ContactPoint::BadPhone, ContactPoint::Phone)
    };
    let email = q
        .email
        .as_ref()
        .map(|text| ContactPoint::Email(text.as_str().into()));
    let contact = q.phone.as_ref().map(phone).or(email);
    Intent {
        account_id: q.account.as_str().into(),
        person_id: q.person.as_deref().map(Into::into),
        contact: contact.unwrap_or(ContactPoint::Absent),
        channel: q.channel,
        action: q.action,
        source_system: q.source.as_str().into(),
        role: asked(&q.role, PartyRole::parse),
        dial_mode: asked(&q.dial_mode, DialMode::parse),
        purpose: if q.in_response_to.is_some() {
            Purpose::Reply
        } else {
            q.purpose.unwrap_or(Purpose::Collection)
        },
        in_response_to: q.in_response_to,
        to_place: asked(&q.to_place, PlaceKind::parse),
        debt_ids: q.debts.iter().map(|d| d.as_str().into()).collect(),
        dry_run: q.dry_run,
        exception_scope: q.scope,
    }
}
