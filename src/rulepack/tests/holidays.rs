//! Holidays and the periods counted with them, from the embedded data.

use crate::domain::time::{BusinessDays, CivilDate, Holidays, ValidationPeriod};
use crate::rulepack;

fn holidays() -> Holidays {
    rulepack::embedded().unwrap().holidays().clone()
}

fn date(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

#[test]
fn statutory_and_observed_dates() {
    let holidays = holidays();
    let listed = |year: i32, is_one: &dyn Fn(CivilDate) -> bool| {
        let first = date(&format!("{year}-01-01"));
        let days = (0..366).map(|n| first.plus_days(n));
        let those = days.filter(|day| day.ymd().0 == year && is_one(*day));
        let those: Vec<String> = those.map(|day| day.to_string()).collect();
        those.join(" ")
    };
    let observed_only = |day| holidays.is_observed(day) && !holidays.is_statutory(day);
    for (year, statutory, observed) in [
        (
            2026,
            "2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-04 2026-09-07 \
             2026-10-12 2026-11-11 2026-11-26 2026-12-25",
            "2026-07-03",
        ),
        (
            2027,
            "2027-01-01 2027-01-18 2027-02-15 2027-05-31 2027-06-19 2027-07-04 2027-09-06 \
             2027-10-11 2027-11-11 2027-11-25 2027-12-25",
            "2027-06-18 2027-07-05 2027-12-24 2027-12-31",
        ),
    ] {
        assert_eq!(listed(year, &|day| holidays.is_statutory(day)), statutory);
        assert_eq!(listed(year, &observed_only), observed);
    }
    // New Year's Day of 2101 is a Saturday and observed in the last year laid out.
    assert_eq!(date("2101-01-01").weekday(), 6);
    assert!(holidays.is_observed(date("2100-12-31")));
    // Juneteenth became a holiday in 2021.
    assert!(!holidays.is_statutory(date("2020-06-19")));
    assert!(holidays.is_statutory(date("2021-06-19")));
    assert!(holidays.is_observed(date("2021-06-18")) && !holidays.is_statutory(date("2021-06-18")));
}

#[test]
fn validation_period_of_the_commentary() {
    let holidays = holidays();
    for (sent, received, last) in [
        // Over a weekend and a Monday holiday.
        ("2026-01-15", "2026-01-23", "2026-02-22"),
        ("2026-01-01", "2026-01-08", "2026-02-07"),
        // Friday 3 July 2026 is observed, Saturday 4 July is statutory: neither counts.
        ("2026-07-01", "2026-07-09", "2026-08-08"),
        // Friday 31 December 2027 is New Year's Day observed.
        ("2027-12-29", "2028-01-06", "2028-02-05"),
        // Sent on a Saturday.
        ("2026-05-02", "2026-05-08", "2026-06-07"),
    ] {
        let period = ValidationPeriod::of_notice(date(sent), 5, 30, &holidays);
        assert_eq!(period.received, date(received), "{sent}");
        assert_eq!(period.last, date(last), "{sent}");
        assert!(period.is_open(date(last)) && !period.is_open(date(last).plus_days(1)));
    }
}

#[test]
fn opt_out_deadlines_count_holidays_as_business_days() {
    let holidays = holidays();
    for (from, n, counted, skipped) in [
        ("2026-06-26", 10, "2026-07-10", "2026-07-13"),
        ("2026-12-18", 10, "2027-01-01", "2027-01-05"),
        ("2026-05-02", 1, "2026-05-04", "2026-05-04"),
        ("2026-05-02", 0, "2026-05-02", "2026-05-02"),
    ] {
        assert_eq!(
            BusinessDays::CountHolidays.after(date(from), n, &holidays),
            date(counted)
        );
        assert_eq!(
            BusinessDays::SkipHolidays.after(date(from), n, &holidays),
            date(skipped)
        );
    }
}
