//! Every shape and sentinel that was seen, and that nothing makes a reader panic.

use proptest::prelude::*;

use super::*;
use crate::domain::time::{CivilDate, UnixSeconds, Zones};

fn on(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

#[test]
fn dates_of_every_shape() {
    for (raw, expected, second) in [
        ("2025-03-17", "2025-03-17", None),
        ("2024-03-15 12:15:27", "2024-03-15", Some(44_127)),
        ("2024-03-15T12:15:27Z", "2024-03-15", Some(44_127)),
        ("3/6/2013", "2013-03-06", None),
        ("10/18/1965", "1965-10-18", None),
        (" 11/23/23", "2023-11-23", None),
        ("01/01/22", "2022-01-01", None),
        ("1/1/69", "1969-01-01", None),
        ("1/1/68", "2068-01-01", None),
        ("12/1/2022 AT 1:16 PM", "2022-12-01", Some(47_760)),
        ("1/12/2024 AT 9:15 AM", "2024-01-12", Some(33_300)),
        ("Wed, 04 Oct 2023 00:00:00 GMT", "2023-10-04", Some(0)),
        ("Mon, 05 Dec 2022 12:20:57 GMT", "2022-12-05", Some(44_457)),
        (
            "Mon, 27 Nov 2023 12:15:27 +0000",
            "2023-11-27",
            Some(44_127),
        ),
        ("Sun, 20 May 2018", "2018-05-20", None),
    ] {
        let expected = Stamp {
            date: on(expected),
            second_of_day: second,
        };
        assert_eq!(stamp(raw), Said::This(expected), "{raw}");
        assert_eq!(date(raw), Said::This(expected.date), "{raw}");
    }
}

#[test]
fn every_sentinel_says_nothing() {
    for raw in [
        "",
        " ",
        "null",
        "NULL",
        "None",
        "1900-01-01",
        "1/1/1900",
        "1899-12-31",
        "Mon, 01 Jan 1900 00:00:00 GMT",
        "Sun, 31 Dec 1899 00:00:00 GMT",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "0/0/0000",
        "00/00/00",
    ] {
        assert_eq!(stamp(raw), Said::Nothing, "{raw:?}");
    }
    assert_eq!(date("1900-01-02"), Said::This(on("1900-01-02")));
}

#[test]
fn what_is_no_date_is_unreadable() {
    for raw in [
        "yesterday",
        "2023-02-29",
        "13/1/2023",
        "2/30/2023",
        "1/1/123",
        "12/2025",
        "2024-03-15x",
        "2024-03-15 25:00:00",
        "Wed, 04 Okt 2023 00:00:00 GMT",
        "Wed, 04 Oct 2023 00:00:00 PST",
        "Wed, 04 Oct 2023 00:00:00 GMT GMT",
        "0000-00-00 01:00:00",
        "2024\u{2013}03\u{2013}15",
    ] {
        assert_eq!(stamp(raw), Said::Unreadable, "{raw}");
    }
}

#[test]
fn times_of_both_clocks() {
    for (raw, expected) in [
        ("09:45", 35_100),
        ("07:24", 26_640),
        ("9:05", 32_700),
        ("23:59:59", 86_399),
        ("1:16 PM", 47_760),
        ("1:43PM", 49_380),
        ("12:00 am", 0),
        ("12:30PM", 45_000),
    ] {
        assert_eq!(time_of_day(raw), Said::This(expected), "{raw}");
    }
    for raw in [
        "24:00",
        "9",
        "9:5",
        "13:00 PM",
        "0:30 AM",
        "09:60",
        "09:45:00:00",
        "+9:45",
    ] {
        assert_eq!(time_of_day(raw), Said::Unreadable, "{raw}");
    }
    assert_eq!(time_of_day(" "), Said::Nothing);
}

#[test]
fn money_of_every_spelling() {
    for (raw, expected) in [
        ("809.00", 80_900),
        ("$0.00", 0),
        ("0.0", 0),
        ("7,000", 700_000),
        (" 4,000", 400_000),
        ("1,234,567.8", 123_456_780),
        ("5500", 550_000),
        ("-5.00", -500),
        ("$-5.00", -500),
        ("(15.25)", -1_525),
        ("150.0000", 15_000),
    ] {
        assert_eq!(cents(raw), Said::This(expected), "{raw}");
    }
    for raw in [
        "100%",
        "1,00",
        "12,3456",
        "1.005",
        ".",
        "$",
        "--5",
        "9999999999999999",
        "1e3",
    ] {
        assert_eq!(cents(raw), Said::Unreadable, "{raw}");
    }
    assert_eq!(cents(" "), Said::Nothing);
}

#[test]
fn flags_and_numbers() {
    for (raw, expected) in [
        ("YES", Said::This(true)),
        ("1", Said::This(true)),
        ("Allowed", Said::This(true)),
        (" no ", Said::This(false)),
        ("0", Said::This(false)),
        ("Not Allowed", Said::This(false)),
        ("", Said::Nothing),
        ("null", Said::Nothing),
        ("perhaps", Said::Unreadable),
    ] {
        assert_eq!(flag(raw), expected, "{raw:?}");
    }
    let number = phone("407-253-7828").known().unwrap();
    assert_eq!(dashed(number), "407-253-7828");
    assert_eq!(
        phone(" 5556667777").known().unwrap().digits(),
        5_556_667_777
    );
    // The samples' own numbers are not of the numbering plan.
    assert_eq!(phone("111-222-3333"), Said::Unreadable);
    assert_eq!(phone(" "), Said::Nothing);
}

#[test]
fn words_are_found_whole_or_by_their_beginning() {
    let spoken = Spoken::of("|Added Alert| BANKRUPT-ACCOUNT (ch. 13)");
    for (wanted, expected) in [
        ("ADDED ALERT", true),
        ("BANKRUPT*", true),
        ("BANKRUPT ACCOUNT", true),
        ("ALERT BANK*", true),
        ("BANK", false),
        ("RUPT*", false),
        ("CH 13", true),
        ("CH 1", false),
    ] {
        assert_eq!(spoken.says(wanted), expected, "{wanted}");
    }
    assert!(Spoken::of(" \r\n").is_silent());
    assert_eq!(Spoken::wanted("ch. 13 ").as_deref(), Some("CH 13"));
    assert_eq!(Spoken::wanted("Bankrupt*").as_deref(), Some("BANKRUPT*"));
    assert_eq!(Spoken::wanted(" * "), None);
}

#[test]
fn a_stamp_lies_between_its_earliest_and_its_latest_instant() {
    let zone = Zones::bundled().find("America/New_York");
    let stamp = stamp("2023-10-04 09:45").known().unwrap();
    let local = UnixSeconds::parse("2023-10-04T09:45:00-04:00").unwrap();
    assert_eq!(earliest(stamp, zone), local);
    assert_eq!(latest(stamp, zone), local.plus(59));
    // Whatever American clock it was.
    for name in ["Pacific/Guam", "Pacific/Pago_Pago", "America/New_York"] {
        let here = Zones::bundled().find(name);
        assert!(earliest(stamp, None) <= earliest(stamp, here), "{name}");
        assert!(latest(stamp, None) >= latest(stamp, here), "{name}");
    }
    // A clock that shows an hour twice: the first time, and the second.
    let twice = super::stamp("2023-11-05 01:30").known().unwrap();
    let span = latest(twice, zone).since(earliest(twice, zone));
    assert_eq!(span, 3_600 + 59);
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(raw in "\\PC{0,40}") {
        let _stamp = stamp(&raw);
        let _cents = cents(&raw);
        let _flag = flag(&raw);
        let _phone = phone(&raw);
        let _time = time_of_day(&raw);
        let _says = Spoken::of(&raw).says("A*");
    }

    #[test]
    fn every_day_reads_back_in_every_shape(days in -25_566_i64..50_000, second in 0_u32..86_400) {
        let day = CivilDate::from_days_clamped(days);
        let (year, month, number) = day.ymd();
        let minute = second / 60 * 60;
        let (h, m) = (minute / 3_600, minute / 60 % 60);
        let twelve = if h % 12 == 0 { 12 } else { h % 12 };
        let half = if h < 12 { "AM" } else { "PM" };
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let name = months[usize::from(month) - 1];
        let expected = Said::This(Stamp { date: day, second_of_day: Some(minute) });
        let shapes = [
            format!("{day} {h:02}:{m:02}:00"),
            format!("{month}/{number}/{year} AT {twelve}:{m:02} {half}"),
            format!("Mon, {number:02} {name} {year} {h:02}:{m:02}:00 GMT"),
        ];
        for raw in &shapes {
            prop_assert_eq!(stamp(raw), expected, "{}", raw);
        }
        prop_assert_eq!(date(&format!("{month}/{number}/{year}")), Said::This(day));
        prop_assert_eq!(date(&day.to_string()), Said::This(day));
    }

    #[test]
    fn every_amount_reads_back(amount in -1_000_000_000_i64..1_000_000_000) {
        let (whole, part) = (amount.abs() / 100, amount.abs() % 100);
        let sign = if amount < 0 { "-" } else { "" };
        prop_assert_eq!(cents(&format!("{sign}${whole}.{part:02}")), Said::This(amount));
    }
}
