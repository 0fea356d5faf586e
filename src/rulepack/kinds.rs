//! Reads the figures of a rule, as its kind demands.

use super::error::RuleProblem;
use super::fields::Fields;
use super::{hours, limits};
use crate::domain::rules::{
    AttorneyNotice, CeaseForm, DebtType, KindName, MediumSet, MessageConsent, RecordingParties,
    RuleKind, WorkplaceLimit,
};
use crate::domain::time::{ZoneId, Zones};
use crate::domain::words::NoticeKind;

/// The kind with its figures; `None` after a noted fault. A kind without figures needs no table.
pub(super) fn read(
    name: KindName,
    media: MediumSet,
    values: Option<Fields<'_>>,
    rule: &Fields<'_>,
) -> Option<RuleKind> {
    if let Some(plain) = without_figures(name) {
        if rule.has("values") {
            rule.fault("values", RuleProblem::UnknownKey);
        }
        return Some(plain);
    }
    let Some(values) = values else {
        rule.fault("values", RuleProblem::Missing);
        return None;
    };
    let kind = if values.has("known") {
        let unverified = values.truth("known") == Some(false);
        if !unverified {
            values.fault("known", RuleProblem::WrongType("false, or absent"));
        }
        unverified.then_some(RuleKind::Unverified(name))
    } else {
        with_figures(name, media, &values)
    };
    values.finish();
    kind
}

const fn without_figures(name: KindName) -> Option<RuleKind> {
    Some(match name {
        KindName::FrequencyQualitative => RuleKind::FrequencyQualitative,
        KindName::Language => RuleKind::Language,
        KindName::CallerId => RuleKind::CallerId,
        KindName::ThirdParty => RuleKind::ThirdParty,
        KindName::WirelessBan => RuleKind::WirelessBan,
        KindName::Consent => RuleKind::Consent,
        KindName::NoneFound => RuleKind::NoneFound,
        KindName::Scope => RuleKind::Scope,
        KindName::IncorporatesFederal => RuleKind::IncorporatesFederal,
        _ => return None,
    })
}

fn with_figures(name: KindName, media: MediumSet, values: &Fields<'_>) -> Option<RuleKind> {
    match name {
        KindName::CallHours => hours::call_hours(values).map(RuleKind::CallHours),
        KindName::HolidayBan => hours::holiday_ban(values).map(RuleKind::HolidayBan),
        KindName::Frequency => limits::frequency(media, values).map(RuleKind::Frequency),
        KindName::Licence => {
            let display = values.flag("display");
            values.text("licence").map(|text| RuleKind::Licence {
                licence: text.into(),
                display,
            })
        }
        KindName::EmailConsent => message_consent(values).map(RuleKind::EmailConsent),
        KindName::WorkplaceLimit => workplace(values).map(RuleKind::WorkplaceLimit),
        KindName::ValidationHold => {
            let oral_request = values.flag("oral_request");
            debt_type(values).map(|debt_type| RuleKind::ValidationHold {
                debt_type,
                oral_request,
            })
        }
        KindName::AccountHold => {
            debt_type(values).map(|debt_type| RuleKind::AccountHold { debt_type })
        }
        KindName::VisitBan => {
            let (household, workplace) = (values.truth("household"), values.truth("workplace"));
            Some(RuleKind::VisitBan {
                household: household?,
                workplace: workplace?,
            })
        }
        KindName::EmergencyMoratorium => values
            .number("plus_days", 0, 3_650)
            .map(|plus_days| RuleKind::EmergencyMoratorium { plus_days }),
        KindName::PreContactMoratorium => moratorium(values),
        KindName::RecordRetention => values
            .number("years", 1, 100)
            .map(|years| RuleKind::RecordRetention { years }),
        KindName::PrerecordedConsent => {
            values
                .truth("relationship_exempt")
                .map(|relationship_exempt| RuleKind::PrerecordedConsent {
                    relationship_exempt,
                })
        }
        _ => of_choice(name, values),
    }
}

/// Kinds whose figures are one word, and the request to cease.
fn of_choice(name: KindName, values: &Fields<'_>) -> Option<RuleKind> {
    match name {
        KindName::Attorney => values
            .choice("notice", &AttorneyNotice::ALL, AttorneyNotice::name)
            .map(RuleKind::Attorney),
        KindName::RecordingConsent => values
            .choice("parties", &RecordingParties::ALL, RecordingParties::name)
            .map(RuleKind::RecordingConsent),
        KindName::CeaseRequest => cease_request(values),
        _ => None,
    }
}

fn cease_request(values: &Fields<'_>) -> Option<RuleKind> {
    let form = values.choice("form", &CeaseForm::ALL, CeaseForm::name);
    let mail_per_month = values.opt_number("mail_per_month", 0, 31).unwrap_or(0);
    let personal_contacts_max = values
        .opt_number("personal_contacts_max", 0, 100)
        .unwrap_or(0);
    Some(RuleKind::CeaseRequest {
        form: form?,
        mail_per_month,
        personal_contacts_max,
    })
}

fn moratorium(values: &Fields<'_>) -> Option<RuleKind> {
    let days = values.number("days", 1, 3_650);
    let debt_type = debt_type(values);
    let unknown_blocks = values.truth("unknown_blocks");
    let notice = notice(values);
    Some(RuleKind::PreContactMoratorium {
        notice,
        days: days?,
        debt_type: debt_type?,
        unknown_blocks: unknown_blocks?,
    })
}

/// The notice that must come first, if one is named.
fn notice(values: &Fields<'_>) -> Option<NoticeKind> {
    values.has("notice").then(|| {
        let all = NoticeKind::ALL;
        values.choice("notice", all, NoticeKind::as_str)
    })?
}

fn debt_type(values: &Fields<'_>) -> Option<DebtType> {
    values.choice("debt_type", &DebtType::ALL, DebtType::name)
}

fn message_consent(values: &Fields<'_>) -> Option<MessageConsent> {
    let ask = match values.opt_table("ask") {
        Some(ask) => {
            let limit = ask.number("limit", 1, 1_000);
            let window = limits::window(&ask);
            ask.finish();
            Some((limit?, window?))
        }
        None if values.has("ask") => return None,
        None => None,
    };
    Some(MessageConsent {
        address_from_consumer: values.flag("address_from_consumer"),
        written: values.flag("written"),
        direct: values.flag("direct"),
        mailed_notice_first: values.flag("mailed_notice_first"),
        notice: notice(values),
        ask,
    })
}

fn workplace(values: &Fields<'_>) -> Option<WorkplaceLimit> {
    let forms = [
        "on_request",
        "no_employer_contact",
        "count",
        "against_instruction",
    ];
    match values.choice("form", &forms, |form| form)? {
        "on_request" => {
            let oral_days = values.number("oral_days", 1, 3_650);
            let confirm = values.number("confirm_within_days", 1, 3_650);
            Some(WorkplaceLimit::OnRequest {
                oral_days: oral_days?,
                confirm_within_days: confirm?,
            })
        }
        "count" => {
            let limit = values.number("limit", 0, 1_000);
            let window = limits::window(values);
            let only_if_unreachable_at_home = values.flag("only_if_unreachable_at_home");
            let replies_exempt = values.flag("replies_exempt");
            Some(WorkplaceLimit::Count {
                limit: limit?,
                window: window?,
                only_if_unreachable_at_home,
                replies_exempt,
            })
        }
        "against_instruction" => Some(WorkplaceLimit::AgainstInstruction),
        _ => Some(WorkplaceLimit::NoEmployerContact),
    }
}

/// A zone of the bundled database.
pub(super) fn find_zone(name: &str) -> Option<ZoneId> {
    Zones::bundled().find(name)
}
