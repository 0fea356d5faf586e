//! Reads the figures of frequency rules.

use super::error::RuleProblem;
use super::fields::Fields;
use crate::domain::rules::{
    Counts, Frequency, Limit, MediumSet, Target, Unit, WINDOW_DAYS_MAX, Window,
};

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
    let unit = values.choice("unit", &Unit::ALL, Unit::name);
    let counts = values.choice("counts", &Counts::ALL, Counts::name);
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
        values.choice("target", &Target::ALL, Target::name)
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
