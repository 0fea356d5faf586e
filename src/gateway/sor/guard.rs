//! A call that contacts a consumer is put to the gate first, and goes only where all of it is allowed.
//!
//! Invariants
//! - GUARD-1: nothing is forwarded of which not every contact was decided ALLOW, durably. A code that
//!   was asked for may be stopped by the gates of [`CODE_EXEMPT`], and by no other.
//! - GUARD-2: whatever was reserved and is not used is released by a row, unless nobody can tell whether
//!   it was used.
//! - GUARD-3: nothing is sent after the earliest `use_by` of what was allowed.

use http::header::AUTHORIZATION;
use std::time::Duration;

use super::passage::Returned;
use super::steps::Steps;
use crate::domain::facts::AccountFile;
use crate::domain::ids::Sym;
use crate::domain::intent::{Asked, ContactPoint, Intent};
use crate::domain::outcome::Reported;
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Findings, Gate};
use crate::domain::words::{Action, Channel, Purpose};
use crate::engine::query::{Query, Told, What};
use crate::gateway::door::{Answered, Caller, SystemError};
use crate::gateway::work::{Delivered, Work};
use crate::sor::call::Call;
use crate::sor::dialect::{Contacting, Dialect, Points, Whose};
use crate::sor::upstream::Asking;
use crate::wire::answer::{self, Beyond};
use crate::wire::disposition::Disposition;
use crate::wire::intent::{AskRequest, Echo};
use crate::wire::json_text::{push_number, push_string};
use crate::wire::limits::{SOR_CONTACTS_MAX, SOR_LOOKUP_MS};
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;
use crate::wire::scopes::Scope;

/// What intents of guarded calls name as their source.
pub(super) const SOURCE: &str = "sor";
/// What does not stop a one-time code: hours and caps. That no consent or procedure covers the point
/// does: whoever asks on a public route has not shown to be the consumer.
const CODE_EXEMPT: [Gate; 3] = [Gate::Timing, Gate::Fairness, Gate::Concurrency];

pub(super) const TOO_MANY: Problem = Problem::new(
    422,
    "TOO_MANY_CONTACTS",
    "The call would make more contacts than can be put to the gate.",
);

/// A contact that a call makes and that counts.
#[derive(Debug)]
pub(super) struct Held {
    caller: Caller,
    account: Box<str>,
    by: By,
}

/// By what it counts.
#[derive(Debug)]
enum By {
    /// A reservation.
    Reservation(u64),
    /// A report once it was made: its account has one reservation, by another point.
    Report(ContactPoint, Option<Channel>, Option<Action>),
}

/// What the gate has allowed.
#[derive(Debug, Default)]
pub(super) struct Allowed {
    /// What is settled once the call was made.
    pub(super) held: Vec<Held>,
    /// Until when all of it holds; none: it is no matter of hours.
    pub(super) use_by: Option<UnixSeconds>,
}

/// One question to the gate.
struct Question {
    caller: Caller,
    account: Box<str>,
    channel: Option<Channel>,
    action: Option<Action>,
    purpose: Purpose,
    point: ContactPoint,
    /// Nothing is reserved.
    dry_run: bool,
    /// It is reached together with what is reserved.
    is_reached: bool,
}

impl Question {
    /// A code is exempt from what [`CODE_EXEMPT`] lists.
    fn permits(&self, findings: &Findings) -> bool {
        let stops = |gate: &Gate| match self.purpose {
            Purpose::Reply => !CODE_EXEMPT.contains(gate),
            _ => true,
        };
        let mut blocking = Gate::ALL.iter().filter(|gate| findings.blocks(**gate));
        findings.allow() || !blocking.any(stops)
    }

    fn report(&self) -> By {
        By::Report(self.point.clone(), self.channel, self.action)
    }

    fn request(&self) -> AskRequest {
        let channel = self.channel.map_or("", Channel::as_str);
        AskRequest {
            intent: Intent {
                account_id: self.account.clone(),
                person_id: None,
                contact: self.point.clone(),
                channel: self.channel,
                action: self.action,
                source_system: SOURCE.into(),
                role: Asked::Absent,
                dial_mode: Asked::Absent,
                purpose: self.purpose,
                in_response_to: None,
                to_place: Asked::Absent,
                debt_ids: Vec::new(),
                dry_run: self.dry_run,
                exception_scope: self.caller.scopes.has(Scope::GateException),
            },
            echo: Echo::new(&self.account, channel, SOURCE),
            key: None,
            request_id: None,
            campaign_id: None,
            agent_id: None,
            to_place: None,
        }
    }
}

impl Steps {
    /// Asks the gate about every contact the call would make. The reservations it holds now, or what
    /// the caller is told instead.
    pub(super) async fn ask_gate(
        &self,
        dialect: &dyn Dialect,
        call: &Call<'_>,
        callers: &[Caller],
        request_id: &str,
    ) -> Result<Allowed, Returned> {
        let contacts = dialect.contacts(call);
        let questions = match self.questions(dialect, &contacts, callers).await {
            Ok(questions) => questions,
            Err(problem) => return Err(Returned::Own(problem.reply(request_id))),
        };
        let (mut all, mut refusal) = (Allowed::default(), Refusal::default());
        for question in &questions {
            let mut request = question.request();
            let echo = request.take_echo();
            let now = self.gateway.clock.instant();
            let asked = self
                .gateway
                .decide(&self.desk.mail, &question.caller, request, now);
            let answered = asked.await;
            match &answered {
                Answered::Decision(decision) if question.permits(&decision.findings) => {
                    let reserved = decision.allow() && !question.dry_run;
                    let by = match decision.audit_id.filter(|_| reserved) {
                        Some(audit_id) => Some(By::Reservation(audit_id)),
                        None => question.is_reached.then(|| question.report()),
                    };
                    all.held.extend(by.map(|by| Held {
                        caller: question.caller.clone(),
                        account: question.account.clone(),
                        by,
                    }));
                    // Hours do not stop a code.
                    if decision.allow() && question.purpose != Purpose::Reply {
                        let known = all.use_by.unwrap_or(decision.use_by);
                        all.use_by = Some(known.min(decision.use_by));
                    }
                }
                _ => {
                    refusal.add(&question.caller, &echo, &answered, request_id);
                    break;
                }
            }
        }
        if questions.is_empty() || refusal.is_some() {
            self.settle(all.held, Reported::NotDialed).await;
            return Err(Returned::Own(refusal.reply(request_id)));
        }
        Ok(all)
    }

    /// Reports what became of reservations. A row that cannot be written leaves the reservation, which
    /// is the stricter.
    pub(super) async fn settle(&self, held: Vec<Held>, outcome: Reported) {
        for one in held {
            let mut said = Disposition {
                account_id: Some(one.account),
                source_system: Some(self.source().into()),
                // Whoever takes back what has lapsed meanwhile has to say who they are.
                actor: (outcome == Reported::NotDialed).then(|| self.source().into()),
                ..Disposition::of(outcome)
            };
            match one.by {
                By::Reservation(audit_id) => said.audit_id = Some(audit_id),
                // What was not made leaves nothing to be given back.
                By::Report(..) if outcome == Reported::NotDialed => continue,
                By::Report(point, channel, action) => {
                    match point {
                        ContactPoint::Phone(number) => said.phone = Some(number),
                        ContactPoint::Email(address) => said.email = Some(address),
                        _ => continue,
                    }
                    (said.channel, said.action) = (channel, action);
                }
            }
            let now = self.gateway.clock.instant();
            let told = self
                .gateway
                .report(&self.desk.mail, one.caller.tenant, said, now);
            if told.await.is_err() {
                tracing::warn!(
                    outcome = outcome.as_str(),
                    "a guarded contact's outcome has no row"
                );
            }
        }
    }

    /// Nobody can tell whether a call was made: what has no reservation counts by a report.
    pub(super) async fn settle_unsure(&self, mut held: Vec<Held>) {
        held.retain(|one| matches!(one.by, By::Report(..)));
        self.settle(held, Reported::Sent).await;
    }

    /// What the gate is to be asked. Dry runs first, so that what reserves comes when all else is
    /// allowed.
    async fn questions(
        &self,
        dialect: &dyn Dialect,
        contacts: &[Contacting],
        callers: &[Caller],
    ) -> Result<Vec<Question>, Problem> {
        if contacts.len() > SOR_CONTACTS_MAX {
            return Err(TOO_MANY);
        }
        let mut questions = Vec::new();
        if contacts.is_empty() {
            // Nobody can tell whom it would reach: the gate says so, by a row.
            questions.extend(callers.first().map(nobody));
        }
        for contact in contacts {
            let account = self.account_of(dialect, &contact.whose).await;
            let account = account.unwrap_or_default();
            let holders = self.holders(callers, &account).await?;
            for (caller, file) in holders {
                let ask = |point, dry_run, is_reached| Question {
                    caller: caller.clone(),
                    account: account.clone(),
                    channel: Some(contact.channel),
                    action: Some(contact.action),
                    purpose: contact.purpose,
                    point,
                    // A code is no collection contact: it is counted nowhere.
                    dry_run: dry_run || contact.purpose == Purpose::Reply,
                    is_reached,
                };
                let points = match &contact.points {
                    Points::One(point) => vec![point.clone()],
                    Points::OfAccount | Points::AllOfAccount => {
                        points_of(file.as_deref(), contact.channel)
                    }
                };
                // The system contacts one of them, or all at once: one reservation. The others count by
                // reports where they are reached.
                let all = contact.points == Points::AllOfAccount;
                let last = points.len().saturating_sub(1);
                let asked = points.into_iter().enumerate();
                questions.extend(asked.map(|(n, point)| ask(point, n < last, all)));
                if questions.len() > SOR_CONTACTS_MAX {
                    return Err(TOO_MANY);
                }
            }
        }
        questions.sort_by_key(|question| !question.dry_run);
        Ok(questions)
    }

    /// Whose a contact is. Where the system has to be asked, within [`SOR_LOOKUP_MS`]; what cannot be
    /// told is nobody's.
    async fn account_of(&self, dialect: &dyn Dialect, whose: &Whose) -> Option<Box<str>> {
        match whose {
            Whose::Account(account) => Some(account.clone()),
            Whose::AskFirst(request) => self.looked_up(dialect, request).await,
            Whose::Both(request, named) => {
                let found = self.looked_up(dialect, request).await;
                found.filter(|found| found == named)
            }
            Whose::Unknown => None,
        }
    }

    /// The account the answer to a read names.
    pub(super) async fn looked_up(
        &self,
        dialect: &dyn Dialect,
        request: &crate::sor::call::Request,
    ) -> Option<Box<str>> {
        let upstream = self.binding.upstream();
        let timeout = Duration::from_millis(SOR_LOOKUP_MS).min(upstream.options().timeout);
        let asking = Asking {
            request,
            authorization: self.authorization.as_ref(),
            idempotency_key: None,
            timeout,
        };
        let heard = upstream.ask(&self.desk.lines, asking).await.ok()?;
        dialect.named_in(request, &heard)
    }

    /// The tenants that hold an account, with its file. Where nobody does, the first is asked: the gate
    /// blocks what it does not know.
    async fn holders<'c>(
        &self,
        callers: &'c [Caller],
        account: &str,
    ) -> Result<Vec<(&'c Caller, Option<Box<AccountFile>>)>, Problem> {
        let mut holders = Vec::new();
        for caller in callers {
            let file = self.file_or_read(caller, account).await;
            let file = file.map_err(crate::gateway::native::fault)?;
            if file.is_some() {
                holders.push((caller, file));
            }
        }
        if holders.is_empty() {
            holders.extend(callers.first().map(|caller| (caller, None)));
        }
        Ok(holders)
    }

    /// What the gate holds of an account, once it was read where nobody has yet.
    async fn file_or_read(
        &self,
        caller: &Caller,
        account: &str,
    ) -> Result<Option<Box<AccountFile>>, SystemError> {
        let file = self.file(caller, account).await?;
        if file.is_some() || account.is_empty() || !self.gateway.reads_first(caller.tenant) {
            return Ok(file);
        }
        self.gateway.read_account_first(caller, account).await;
        self.file(caller, account).await
    }

    /// What the gate holds of an account.
    pub(super) async fn file(
        &self,
        caller: &Caller,
        account: &str,
    ) -> Result<Option<Box<AccountFile>>, SystemError> {
        match self.told(caller, What::File(account.into())).await? {
            Told::File(file) => Ok(file),
            _ => Err(SystemError::Internal),
        }
    }

    /// Asks the engine a question that changes nothing.
    pub(super) async fn told(&self, caller: &Caller, what: What) -> Result<Told, SystemError> {
        let query = Box::new(Query {
            tenant: caller.tenant,
            what,
        });
        let now = self.gateway.clock.instant();
        let work = Work::Query(query);
        match self.gateway.submit(&self.desk.mail, work, now).await {
            Delivered::Told(told) => Ok(*told),
            Delivered::Refused(why) => Err(why),
            _ => Err(SystemError::Internal),
        }
    }

    /// What rows name as the source: the system and the route's number.
    pub(super) fn source(&self) -> String {
        super::steps::source_of(self.system, &self.route)
    }

    /// The caller's own credential, for look-ups in its name.
    pub(super) fn authorization_of(
        head: &http::request::Parts,
        passes: bool,
    ) -> Option<http::HeaderValue> {
        head.headers.get(AUTHORIZATION).filter(|_| passes).cloned()
    }
}

/// A question about nobody: no account has an empty name.
fn nobody(caller: &Caller) -> Question {
    Question {
        caller: caller.clone(),
        account: Box::default(),
        channel: None,
        action: None,
        purpose: Purpose::Collection,
        point: ContactPoint::Absent,
        dry_run: false,
        is_reached: false,
    }
}

/// Every number or address the gate holds for a channel; without any the gate is asked about none and
/// blocks.
fn points_of(file: Option<&AccountFile>, channel: Channel) -> Vec<ContactPoint> {
    let mut points = Vec::new();
    let mut add = |point: ContactPoint| {
        if !points.contains(&point) {
            points.push(point);
        }
    };
    if let Some(file) = file {
        match channel {
            Channel::Phone | Channel::Sms | Channel::Fax => {
                let numbers = file.account.phones.iter().map(|phone| phone.number);
                numbers.for_each(|number| add(ContactPoint::Phone(number)));
            }
            Channel::Email | Channel::Social => {
                let extras = file.account.extras.as_deref();
                let emails = extras.map_or(&[][..], |extras| &extras.emails);
                let named = emails.iter().filter(|email| email.address != Sym::NONE);
                let texts = named.map(|email| file.text(email.address));
                texts.for_each(|text| add(ContactPoint::Email(text.into())));
            }
            Channel::Mail | Channel::InPerson => {}
        }
    }
    if points.is_empty() {
        points.push(ContactPoint::Absent);
    }
    points
}

/// What a caller is told whose call the gate stopped.
#[derive(Debug, Default)]
struct Refusal {
    decision: Vec<u8>,
    /// Nobody decided: it may be asked again.
    undecided: bool,
}

impl Refusal {
    fn is_some(&self) -> bool {
        !self.decision.is_empty()
    }

    fn add(&mut self, caller: &Caller, echo: &Echo, answered: &Answered, request_id: &str) {
        let out = &mut self.decision;
        let tenant = &*caller.tenant_name;
        match answered {
            Answered::Decision(decision) => {
                answer::push_decision(out, tenant, echo, decision, Beyond::Nothing);
            }
            Answered::SystemError(why) => {
                self.undecided = true;
                let fault = why.fault();
                answer::push_system_error(out, Some(tenant), Some(echo), &fault, request_id);
            }
            Answered::KeyReused => {
                self.undecided = true;
                let fault = SystemError::Internal.fault();
                answer::push_system_error(out, Some(tenant), Some(echo), &fault, request_id);
            }
        }
    }

    fn reply(&self, request_id: &str) -> Reply {
        let status: u16 = if self.undecided { 503 } else { 403 };
        let mut body = Vec::with_capacity(512);
        body.extend_from_slice(b"{\"type\":\"urn:dialgate:problem:contact_blocked\",");
        body.extend_from_slice(b"\"title\":\"The gate does not allow this contact.\",\"status\":");
        push_number(&mut body, u64::from(status));
        body.extend_from_slice(b",\"code\":\"CONTACT_BLOCKED\",\"request_id\":");
        push_string(&mut body, request_id);
        body.extend_from_slice(b",\"decisions\":[");
        body.extend_from_slice(&self.decision);
        body.extend_from_slice(b"]}");
        Reply {
            content_type: crate::wire::reply::PROBLEM_JSON,
            ..Reply::json(status, body)
        }
    }
}
