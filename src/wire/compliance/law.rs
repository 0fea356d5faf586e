//! `GET /api/compliance/state-rules/{state}`: the pack's rules for a state, and which of them bind.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Span, instant};
use crate::domain::rules::{
    CallHours, Confidence, DayWindow, DefaultAction, FederalId, Frequency, Gate, HolidayBan,
    HolidayHours, HoursZone, InForce, Limit, Medium, MediumSet, MessageConsent, RuleKind, RulePack,
    RuleText, StateRule, WeeklyHours, WorkplaceLimit,
};
use crate::domain::time::{UnixSeconds, Zones};
use crate::domain::words::NoticeKind;

/// The answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StateRules {
    /// USPS code.
    pub state: &'static str,
    /// The state and its cities with law of their own.
    pub jurisdictions: Vec<&'static str>,
    /// Engine time.
    pub as_of: String,
    /// Version of the pack.
    pub pack_version: String,
    /// SHA-256 of the pack, hex.
    pub pack: String,
    /// The date up to which the law was read.
    pub law_as_of: String,
    /// The rules, in the pack's order.
    pub rules: Vec<OneRule>,
    /// Federal rules that bind besides, by reference.
    pub federal: Vec<FederalRule>,
}

/// One rule of the state or a city.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OneRule {
    /// Its id.
    pub id: String,
    /// Whose law.
    pub jurisdiction: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// The gate that evaluates it; null: none.
    pub gate: Option<&'static str>,
    /// What the pack says is done with it: `enforce`, `flag`, `switch` or `off`.
    pub default: &'static str,
    /// What is done with it for the tenant today: `enforce`, `flag` or `off`.
    pub in_force: &'static str,
    /// The kind of contact it is about.
    pub applies_to: &'static str,
    /// Media it binds.
    pub media: Vec<&'static str>,
    /// What it says.
    pub sentence: String,
    /// Where the law says so.
    pub citation: String,
    /// How well its source was read.
    pub confidence: &'static str,
    /// First date in force; null: always.
    pub effective_from: Option<String>,
    /// Last date in force; null: open.
    pub effective_to: Option<String>,
    /// Its figures.
    pub values: Map<String, Value>,
}

/// A federal rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FederalRule {
    /// Its id.
    pub id: &'static str,
    /// The gate that applies it.
    pub gate: Option<&'static str>,
    /// Where the law says so.
    pub citation: String,
    /// Whether the gates block (or lift a block) by it; else it is noted.
    pub enforced: bool,
}

impl StateRules {
    /// An answer without rules yet.
    pub fn of(
        state: &'static str,
        jurisdictions: Vec<&'static str>,
        at: UnixSeconds,
        pack: &RulePack,
    ) -> Self {
        let edition = pack.edition();
        Self {
            state,
            jurisdictions,
            as_of: instant(at),
            pack_version: edition.version.to_string(),
            pack: crate::domain::hex::hex(&edition.hash),
            law_as_of: edition.as_of.to_string(),
            rules: Vec::new(),
            federal: federal(pack),
        }
    }
}

impl OneRule {
    /// Of a rule, its text, and what is done with it for the tenant.
    pub fn of(rule: &StateRule, text: &RuleText, in_force: &'static str) -> Self {
        let InForce { from, to } = rule.in_force;
        let media = Medium::ALL.into_iter();
        Self {
            id: text.id.to_string(),
            jurisdiction: rule.jurisdiction.as_str(),
            kind: rule.kind.name().name(),
            gate: rule.gate.map(Gate::as_str),
            default: DefaultAction::name(rule.action),
            in_force,
            applies_to: rule.applies_to.name(),
            media: names(rule.media, media),
            sentence: text.sentence.to_string(),
            citation: text.citation.to_string(),
            confidence: Confidence::name(rule.confidence),
            effective_from: from.map(|date| date.to_string()),
            effective_to: to.map(|date| date.to_string()),
            values: values(&rule.kind),
        }
    }
}

fn names(set: MediumSet, all: impl Iterator<Item = Medium>) -> Vec<&'static str> {
    all.filter(|one| set.contains(*one))
        .map(Medium::name)
        .collect()
}

fn federal(pack: &RulePack) -> Vec<FederalRule> {
    let told = FederalId::ALL.iter().filter_map(|id| {
        let text = pack.rule(pack.federal_no(*id))?;
        Some(FederalRule {
            id: id.as_str(),
            gate: text.gate.map(Gate::as_str),
            citation: text.citation.to_string(),
            enforced: id.enforced(),
        })
    });
    told.collect()
}

/// The figures of a rule by name. A kind without figures has none.
fn values(kind: &RuleKind) -> Map<String, Value> {
    let told = match kind {
        RuleKind::CallHours(CallHours::Weekly(hours)) => weekly(hours),
        RuleKind::CallHours(CallHours::KnownWakingHours) => json!({ "known_waking_hours": true }),
        RuleKind::HolidayBan(ban) => holidays(ban),
        RuleKind::Frequency(frequency) => counted(frequency),
        RuleKind::Licence { licence, display } => {
            json!({ "licence": licence, "display": display })
        }
        RuleKind::EmailConsent(consent) => messages(consent),
        RuleKind::WorkplaceLimit(limit) => work(*limit),
        RuleKind::ValidationHold {
            debt_type,
            oral_request,
        } => json!({ "debt_type": debt_type.name(), "oral_request": oral_request }),
        RuleKind::AccountHold { debt_type } => json!({ "debt_type": debt_type.name() }),
        RuleKind::VisitBan {
            household,
            workplace,
        } => json!({ "household": household, "workplace": workplace }),
        RuleKind::EmergencyMoratorium { plus_days } => json!({ "plus_days": plus_days }),
        RuleKind::Attorney(notice) => json!({ "notice": notice.name() }),
        RuleKind::CeaseRequest {
            form,
            mail_per_month,
            personal_contacts_max,
        } => json!({
            "form": form.name(),
            "mail_per_month": mail_per_month,
            "personal_contacts_max": personal_contacts_max,
        }),
        RuleKind::PrerecordedConsent {
            relationship_exempt,
        } => json!({ "relationship_exempt": relationship_exempt }),
        RuleKind::PreContactMoratorium {
            days,
            debt_type,
            notice,
            unknown_blocks,
        } => json!({
            "days": days, "debt_type": debt_type.name(),
            "notice": notice.map(NoticeKind::as_str), "unknown_blocks": unknown_blocks,
        }),
        RuleKind::RecordingConsent(parties) => json!({ "parties": parties.name() }),
        RuleKind::RecordRetention { years } => json!({ "years": years }),
        RuleKind::FrequencyQualitative
        | RuleKind::Language
        | RuleKind::CallerId
        | RuleKind::ThirdParty
        | RuleKind::WirelessBan
        | RuleKind::Consent
        | RuleKind::NoneFound
        | RuleKind::Scope
        | RuleKind::IncorporatesFederal
        | RuleKind::Unverified(_) => Value::Null,
    };
    match told {
        Value::Object(values) => values,
        _ => Map::new(),
    }
}

fn window(hours: DayWindow) -> Value {
    let clock = |second: u32| format!("{:02}:{:02}", second / 3_600, second / 60 % 60);
    json!({ "open": clock(hours.open), "close": clock(hours.close) })
}

fn weekly(hours: &WeeklyHours) -> Value {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let days = DAYS.iter().zip(&hours.days);
    let days: Map<String, Value> = days
        .map(|(day, open)| ((*day).to_owned(), open.map_or(Value::Null, window)))
        .collect();
    let zone = match hours.zone {
        HoursZone::ConsumerLocal => "consumer",
        HoursZone::Named(zone) => Zones::bundled().name(zone),
    };
    let closed = hours.holidays == HolidayHours::Closed;
    json!({ "days": days, "zone": zone, "closed_on_holidays": closed })
}

fn holidays(ban: &HolidayBan) -> Value {
    let weekdays: Vec<u8> = (1..=7).filter(|day| ban.bans_weekday(*day)).collect();
    json!({
        "weekdays": weekdays, "holidays": ban.holidays.name(), "hours": ban.hours.map(window),
    })
}

fn limited(limit: Limit) -> Value {
    json!({ "limit": limit.limit, "window": Span::of(limit.window), "target": limit.target.name() })
}

fn counted(frequency: &Frequency) -> Value {
    json!({
        "first": limited(frequency.limit),
        "second": frequency.second.map(limited),
        "unit": frequency.unit.name(),
        "counts": frequency.counts.name(),
        "conversations_limit": frequency.conversations_limit,
        "counted_media": names(frequency.counted, Medium::ALL.into_iter()),
        "unable_to_leave_message_exempt": frequency.unable_to_leave_message_exempt,
        "replies_exempt": frequency.replies_exempt,
        "includes_spouse": frequency.includes_spouse,
    })
}

fn messages(consent: &MessageConsent) -> Value {
    let ask = consent
        .ask
        .map(|(limit, window)| json!({ "limit": limit, "window": Span::of(window) }));
    json!({
        "address_from_consumer": consent.address_from_consumer,
        "written": consent.written,
        "direct": consent.direct,
        "mailed_notice_first": consent.mailed_notice_first,
        "notice": consent.notice.map(NoticeKind::as_str),
        "ask": ask,
    })
}

fn work(limit: WorkplaceLimit) -> Value {
    match limit {
        WorkplaceLimit::OnRequest {
            oral_days,
            confirm_within_days,
        } => json!({ "oral_days": oral_days, "confirm_within_days": confirm_within_days }),
        WorkplaceLimit::NoEmployerContact => json!({ "no_employer_contact": true }),
        WorkplaceLimit::Count {
            limit,
            window,
            only_if_unreachable_at_home,
            replies_exempt,
        } => json!({
            "limit": limit, "window": Span::of(window), "replies_exempt": replies_exempt,
            "only_if_unreachable_at_home": only_if_unreachable_at_home,
        }),
        WorkplaceLimit::AgainstInstruction => json!({ "against_instruction": true }),
    }
}
