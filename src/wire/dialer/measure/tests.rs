//! Instants and talk times of every shape.

use super::*;

fn measures(instants: InstantFormat, durations: DurationUnit) -> Measures {
    let zone = Zones::bundled().find("America/Los_Angeles").unwrap();
    Measures {
        instants,
        zone,
        durations,
    }
}

#[test]
fn instants_are_told_by_their_shape() {
    let auto = measures(InstantFormat::Auto, DurationUnit::Seconds);
    let noon = Some(UnixSeconds(1_778_004_000));
    for text in [
        "2026-05-05T18:00:00Z",
        "2026-05-05T11:00:00-07:00",
        "1778004000",
        "1778003999.25",
        "1778004000.0",
        "1778004000000",
        "1778003999001",
        "2026-05-05 11:00:00",
        "2026-05-05T11:00:00",
        "2026/05/05 11:00:00",
        "20260505110000",
        "20260505105959001",
        "2026-05-05 10:59:59.5",
    ] {
        assert_eq!(auto.instant(text), noon, "{text}");
    }
    for bad in [
        "",
        "noon",
        "2026-05-05",
        "2026-13-05 11:00:00",
        "2026-05-05 24:00:00",
        "17780040000000",
        "-1",
        "1778004000.x",
        "2026-05-05 11:00:00.x",
        "2026-05-05 11:00:00 PM",
    ] {
        assert_eq!(auto.instant(bad), None, "{bad}");
    }
    let seconds = measures(InstantFormat::UnixSeconds, DurationUnit::Seconds);
    assert_eq!(seconds.instant("1778004000"), noon);
    assert_eq!(seconds.instant("2026-05-05T18:00:00Z"), None);
    let millis = measures(InstantFormat::UnixMillis, DurationUnit::Seconds);
    assert_eq!(millis.instant("1778003999001"), noon);
    let local = measures(InstantFormat::Local, DurationUnit::Seconds);
    assert_eq!(local.instant("2026-05-05 11:00:00"), noon);
    assert_eq!(local.instant("1778004000"), None);
}

#[test]
fn what_is_no_calls_instant_is_not_said() {
    use InstantFormat as F;
    for (format, text, said) in [
        (F::Auto, "0", None),
        (F::Auto, "0.0", None),
        (F::Auto, "0000-00-00 00:00:00", None),
        (F::Auto, "0001-01-01T00:00:00Z", None),
        (F::Auto, "1970-01-01T00:00:00Z", None),
        (F::Auto, "20260505", None),
        (F::Auto, "946684799", None),
        (F::Auto, "946684800", Some(946_684_800)),
        (F::UnixSeconds, "0", None),
        (F::UnixSeconds, "20260505", None),
        (F::UnixMillis, "0", None),
        (F::UnixMillis, "20260505", None),
        (F::UnixMillis, "1778003999001", Some(1_778_004_000)),
        (F::Local, "20260505", None),
        (F::Local, "00000000", None),
        (F::Local, "2026-05-05 11:00:00", Some(1_778_004_000)),
        (F::Rfc3339, "0000-00-00T00:00:00Z", None),
        (F::Rfc3339, "2026-05-05T18:00:00Z", Some(1_778_004_000)),
    ] {
        let measures = measures(format, DurationUnit::Seconds);
        let said = said.map(UnixSeconds);
        assert_eq!(measures.occurred_at(text), Ok(said), "{format:?} {text}");
    }
    let auto = measures(F::Auto, DurationUnit::Seconds);
    for bad in ["", "noon", "-", "2026-05-05 24:00:00"] {
        assert_eq!(auto.occurred_at(bad), Err(NotAnInstant), "{bad}");
    }
}

#[test]
fn an_hour_shown_twice_is_taken_the_second_time() {
    let local = measures(InstantFormat::Local, DurationUnit::Seconds);
    let second = UnixSeconds::parse("2026-11-01T01:30:00-08:00").unwrap();
    assert_eq!(local.instant("2026-11-01 01:30:00"), Some(second));
}

#[test]
fn talk_times_are_seconds_millis_or_clock_times() {
    let seconds = measures(InstantFormat::Auto, DurationUnit::Seconds);
    let millis = measures(InstantFormat::Auto, DurationUnit::Millis);
    for (text, s, ms) in [
        ("0", Some(0), Some(0)),
        ("125", Some(125), Some(1)),
        ("124.2", Some(125), Some(1)),
        ("2:05", Some(125), Some(125)),
        ("00:02:05", Some(125), Some(125)),
        ("86400", Some(86_400), Some(87)),
        ("86401", None, Some(87)),
        ("1:60", None, None),
        ("1:2:3:4", None, None),
        ("-1", None, None),
        ("two", None, None),
        ("", None, None),
        ("99999999999999999999:00", None, None),
    ] {
        assert_eq!(seconds.duration_s(text), s, "{text}");
        assert_eq!(millis.duration_s(text), ms, "{text} ms");
    }
}
