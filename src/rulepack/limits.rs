//! Reads the figures of frequency rules.

use super::error::RuleProblem;
use super::fields::Fields;
use crate::domain::rules::{Counts, Frequency, Limit, MediumSet, Target, Unit, Window};

/// Longest window in days. Attempts are remembered for forty days; a window's first day, and a place
/// whose date is another, take part of them.
const WINDOW_DAYS_MAX: i64 = 37;

const UNITS: [Unit; 7] = [
    Unit::PerDebt,
    Unit::PerAccount,
    Unit::PerConsumer,
    Unit::PerConsumerOrClaim,
    Unit::PerWirelessNumber,
    Unit::PerRecipient,
    Unit::PerConsumerAndSubject,
];

const fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::PerDebt => "per_debt",
        Unit::PerAccount => "per_account",
        Unit::PerConsumer => "per_consumer",
        Unit::PerConsumerOrClaim => "per_consumer_or_claim",
        Unit::PerWirelessNumber => "per_wireless_number",
        Unit::PerRecipient => "per_recipient",
        Unit::PerConsumerAndSubject => "per_consumer_and_subject",
    }
}

const COUNTS: [Counts; 3] = [Counts::Attempts, Counts::Conversations, Counts::Messages];

const fn counts_name(counts: Counts) -> &'static str {
    match counts {
        Counts::Attempts => "attempts",
        Counts::Conversations => "conversations",
        Counts::Messages => "messages",
    }
}

const TARGETS: [Target; 6] = [
    Target::Anyone,
    Target::PersonalNumber,
    Target::OtherNumber,
    Target::Workplace,
    Target::HouseholdAtResidence,
    Target::HouseholdElsewhere,
];

const fn target_name(target: Target) -> &'static str {
    match target {
        Target::Anyone => "anyone",
        Target::PersonalNumber => "personal_number",
        Target::OtherNumber => "other_number",
        Target::Workplace => "workplace",
        Target::HouseholdAtResidence => "household_at_residence",
        Target::HouseholdElsewhere => "household_elsewhere",
    }
}

/// A frequency rule whose media are `media`.
pub(super) fn frequency(media: MediumSet, values: &Fields<'_>) -> Option<Frequency> {
    let first = limit(values);
    let second = match values.opt_table("second") {
        Some(table) => {
            let second = limit(&table);
            table.finish();
            Some(second?)
        }
        None if values.has("second") => return None,
        None => None,
    };
    let unit = values.choice("unit", &UNITS, unit_name);
    let counts = values.choice("counts", &COUNTS, counts_name);
    let conversations_limit = values.opt_number("conversations_limit", 1, 1_000);
    let unable_to_leave_message_exempt = values.flag("unable_to_leave_message_exempt");
    let replies_exempt = values.flag("replies_exempt");
    let includes_spouse = values.flag("includes_spouse");
    Some(Frequency {
        limit: first?,
        second,
        unit: unit?,
        counts: counts?,
        conversations_limit,
        counted: media,
        unable_to_leave_message_exempt,
        replies_exempt,
        includes_spouse,
    })
}

fn limit(values: &Fields<'_>) -> Option<Limit> {
    let limit = values.number("limit", 0, 1_000);
    let window = window(values);
    let target = if values.has("target") {
        values.choice("target", &TARGETS, target_name)
    } else {
        Some(Target::Anyone)
    };
    Some(Limit {
        limit: limit?,
        window: window?,
        target: target?,
    })
}

/// `window = { rolling_days = 7 }` and its like: exactly one key.
pub(super) fn window(values: &Fields<'_>) -> Option<Window> {
    let table = values.table("window")?;
    let given: Vec<&str> = table.keys().map(|(key, _)| key).collect();
    let only = if let [only] = given.as_slice() {
        *only
    } else {
        ""
    };
    let days = |key| table.number(key, 1, WINDOW_DAYS_MAX);
    let window = match only {
        "rolling_days" => days("rolling_days").map(Window::RollingDays),
        "calendar_days" => {
            let one: Option<u16> = table.number("calendar_days", 1, 1);
            one.map(|_one| Window::CalendarDay)
        }
        "exact_hours" => table
            .number("exact_hours", 1, WINDOW_DAYS_MAX * 24)
            .map(Window::ExactHours),
        "after_conversation_days" => {
            days("after_conversation_days").map(Window::AfterConversationDays)
        }
        "after_exchange_days" => days("after_exchange_days").map(Window::AfterExchangeDays),
        _ => {
            let known = "rolling_days, calendar_days, exact_hours, after_conversation_days, \
                         after_exchange_days (exactly one)";
            let found = table
                .keys()
                .map(|(key, _)| key)
                .collect::<Vec<_>>()
                .join(", ");
            values.fault(
                "window",
                RuleProblem::UnknownValue {
                    found,
                    known: known.to_owned(),
                },
            );
            return None;
        }
    };
    table.finish();
    window
}
