//! The demo's facts: accounts made for showing one gate each, and thousands of ordinary ones.
//!
//! The same seed and instant give the same bytes. Numbers are fictional (exchange 555).

mod accounts;
mod ordinary;
mod random;
mod samples;

pub(super) use samples::{Sample, samples};

use crate::domain::record::{Line, Personal};
use crate::domain::time::{UnixSeconds, Zones};

/// The tenant whose agency gates have something to say.
pub(super) const GUARDED: &str = "demo";
/// The tenant whose agency gates are open.
pub(super) const OPEN: &str = "demo-b";
/// Accounts of the guarded tenant.
pub(super) const ACCOUNTS: u32 = 10_000;

/// Zones twelve hours apart that know no daylight saving: between them, the hours from eight to
/// nine cover every instant, with an hour to spare at both ends.
const ZONES: [(&str, &str, &str); 2] = [
    ("west", "America/Puerto_Rico", "+14045550101"),
    ("east", "Asia/Manila", "+14045550102"),
];

/// Records of a tenant as one JSON object a line; none for other tenants.
pub(super) fn records(tenant: &str, seed: u64, now: UnixSeconds) -> String {
    let lines = match tenant {
        GUARDED => {
            let mut lines = accounts::shown();
            let made = u32::try_from(accounts::count()).unwrap_or(0);
            lines.extend(ordinary::accounts(ACCOUNTS - made, seed, now));
            lines
        }
        OPEN => accounts::six_calls(now),
        _ => Vec::new(),
    };
    let mut text = String::new();
    for line in &lines {
        push(&mut text, line);
    }
    text
}

/// The account of the open tenant that has six counted calls and whose hours are open at `now`
/// for half an hour at least, and its number.
pub(super) fn open_account(now: UnixSeconds) -> (String, String) {
    let (side, _, number) = open_side(now);
    (format!("six-calls-{side}"), number.to_owned())
}

fn open_side(now: UnixSeconds) -> (&'static str, &'static str, &'static str) {
    let zones = Zones::bundled();
    let open = |zone| {
        let local = zones
            .find(zone)
            .map(|zone| zones.local(zone, now).second_of_day);
        local.is_some_and(|second| (8 * 3_600..20 * 3_600 + 1_800).contains(&second))
    };
    let [west, east] = ZONES;
    if open(west.1) { west } else { east }
}

/// Writes a line as intake reads it.
fn push(text: &mut String, line: &Line) {
    let (kind, json) = match line {
        Line::Account(record) => (None, serde_json::to_string(record)),
        Line::Contact(fact) => (Some("contact"), serde_json::to_string(fact)),
        Line::Kill(kill) => (Some("kill"), serde_json::to_string(kill)),
        Line::ClockAccept => (Some("clock_accept"), Ok("{}".to_owned())),
    };
    // Records of this program always have a JSON form.
    let Some(fields) = json
        .ok()
        .and_then(|json| Some(json.strip_prefix('{')?.to_owned()))
    else {
        return;
    };
    text.push('{');
    if let Some(kind) = kind {
        text.push_str("\"record\":\"");
        text.push_str(kind);
        text.push_str(if fields == "}" { "\"" } else { "\"," });
    }
    text.push_str(&fields);
    text.push('\n');
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every text of a record may be absent"
)]
fn text(text: &str) -> Option<Personal> {
    Some(Personal::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::SECONDS_PER_DAY;
    use crate::wire::ingest::{JsonReader, Numbered, Rejected};

    const NOW: UnixSeconds = UnixSeconds(1_795_255_200);

    fn read(text: &str) -> Vec<Line> {
        let (mut reader, mut lines) = (JsonReader::default(), Vec::new());
        let mut sink = |result: Result<Numbered, Rejected>| lines.push(result.unwrap().record);
        reader.push(text.as_bytes(), &mut sink).unwrap();
        reader.finish(&mut sink).unwrap();
        lines
    }

    #[test]
    fn every_record_is_accepted_and_seeded() {
        let text = records(GUARDED, 1, NOW);
        assert_eq!(text, records(GUARDED, 1, NOW));
        assert_ne!(text, records(GUARDED, 2, NOW));
        let lines = read(&text);
        let accounts = lines
            .iter()
            .filter(|line| matches!(line, Line::Account(_)))
            .count();
        assert_eq!(accounts, 10_000);
        assert_eq!(lines.len() - accounts, 1, "the kill switch");
        assert_eq!(read(&records(OPEN, 1, NOW)).len(), 2);
        assert_eq!(records("other", 1, NOW), "");
    }

    #[test]
    fn few_numbers_are_on_the_files_of_several_accounts() {
        let mut numbers = std::collections::BTreeMap::<String, u32>::new();
        for line in read(&records(GUARDED, 1, NOW)) {
            if let Line::Account(record) = line {
                for phone in &record.phones {
                    let number = phone.number.as_ref().unwrap().0.to_string();
                    *numbers.entry(number).or_default() += 1;
                }
            }
        }
        // The accounts that show a gate share one.
        let shared = numbers.values().filter(|accounts| **accounts > 4).count();
        assert!(shared <= 1, "{shared} of {}", numbers.len());
    }

    #[test]
    fn one_of_two_accounts_is_open_at_every_minute() {
        let zones = Zones::bundled();
        for day in [0, 100, 200, 300] {
            for minute in 0..1_440 {
                let now = NOW.plus(day * SECONDS_PER_DAY + minute * 60);
                let (side, zone, number) = open_side(now);
                let local = zones.local(zones.find(zone).unwrap(), now).second_of_day;
                assert!(
                    (8 * 3_600..21 * 3_600 - 1_800).contains(&local),
                    "{side} at {now}"
                );
                assert_eq!(
                    open_account(now),
                    (format!("six-calls-{side}"), number.to_owned())
                );
            }
        }
    }

    #[test]
    fn six_calls_lie_in_the_window_and_stay_six_when_brought_again() {
        let lines = read(&records(OPEN, 1, NOW));
        let later = read(&records(OPEN, 1, NOW.plus(3_600)));
        assert_eq!(lines, later, "the same day gives the same calls");
        for line in lines {
            let Line::Account(record) = line else {
                panic!("an account")
            };
            let zone = record.facts[0].zone.unwrap();
            let today = Zones::bundled().local_date(zone, NOW);
            let dates = record
                .attempts
                .iter()
                .map(|call| today.days_since(Zones::bundled().local_date(zone, call.at.unwrap())));
            assert_eq!(dates.collect::<Vec<_>>(), [6, 5, 4, 3, 2, 1]);
        }
    }
}
