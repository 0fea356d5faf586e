//! Counting, ranges, percentiles.

use super::*;
use crate::domain::verdict::Code;

fn blocked() -> Findings {
    let mut findings = Findings::default();
    findings.block(Code::AttemptGap);
    findings.block(Code::KillSwitch);
    findings
}

fn ask(volume: &Volume, channel: Option<Channel>, source: &str, allow: bool) {
    let origin = volume.origin(channel, source);
    let (verdict, findings) = if allow {
        (VerdictLabel::Allow, Findings::default())
    } else {
        (VerdictLabel::Block, blocked())
    };
    volume.decision(origin, verdict, &findings, 120);
}

#[test]
fn each_decision_is_found_under_everything_it_was() {
    let volume = Volume::default();
    ask(&volume, Some(Channel::Phone), "five9", true);
    ask(&volume, Some(Channel::Phone), "five9", false);
    ask(&volume, None, "ivr", false);
    volume.fault(4);
    volume.outcome();
    let counted = volume.over(Span::Minutes(60), 1000);
    assert_eq!(counted.verdict(VerdictLabel::Allow), 1);
    assert_eq!(counted.verdict(VerdictLabel::Block), 2);
    assert_eq!(counted.verdict(VerdictLabel::Fault), 1);
    assert_eq!((counted.fault(4), counted.fault(3)), (1, 0));
    assert_eq!(counted.outcomes(), 1);
    assert_eq!(counted.channels(), [("phone", 1, 1), (OTHER_CHANNEL, 0, 1)]);
    assert_eq!(counted.sources(), [("five9", 1, 1), ("ivr", 0, 1)]);
    let gates = counted.gates();
    assert_eq!(gates.len(), 12);
    for (gate, expected) in [("FAIRNESS", 2), ("INFRASTRUCTURE", 2), ("TIMING", 0)] {
        assert!(gates.contains(&(gate, expected)), "{gate}");
    }
}

#[test]
fn source_systems_beyond_the_bound_count_together() {
    let volume = Volume::default();
    for n in 0..SOURCES_MAX + 5 {
        ask(&volume, Some(Channel::Sms), &format!("system-{n}"), true);
    }
    let counted = volume.over(Span::Start, 0);
    let sources = counted.sources();
    assert_eq!(sources.len(), SOURCES_MAX + 1);
    assert_eq!(sources.last(), Some(&(OTHER_SOURCE, 5, 0)));
}

/// VOLUME-1.
#[test]
fn a_range_tells_what_was_counted_in_it() {
    let volume = Volume::default();
    let allowed = |span, minute| volume.over(span, minute).verdict(VerdictLabel::Allow);
    for minute in 0..200 {
        ask(&volume, Some(Channel::Phone), "five9", true);
        volume.tick(minute);
        volume.tick(minute);
    }
    assert_eq!(allowed(Span::Minutes(1), 199), 1);
    assert_eq!(allowed(Span::Minutes(60), 199), 60);
    assert_eq!(allowed(Span::Minutes(60), 229), 30);
    // Quarters are whole: 195..=199 and the one before.
    assert_eq!(allowed(Span::Quarters(2), 199), 20);
    assert_eq!(allowed(Span::Quarters(QUARTERS_MAX), 199), 200);
    assert_eq!(allowed(Span::Start, 199), 200);
    let moments = volume.moments(Span::Minutes(3), 199);
    let at: Vec<i64> = moments.iter().map(|(moment, _)| moment.from).collect();
    assert_eq!(at, [197, 198, 199]);
}

#[test]
fn a_clock_that_goes_back_loses_nothing() {
    let volume = Volume::default();
    for minute in [100, 99, 101] {
        ask(&volume, Some(Channel::Phone), "five9", true);
        volume.tick(minute);
    }
    let counted = volume.over(Span::Minutes(60), 101);
    assert_eq!(counted.verdict(VerdictLabel::Allow), 3);
}

#[test]
fn percentiles_are_bounds_of_buckets() {
    let volume = Volume::default();
    let origin = volume.origin(Some(Channel::Phone), "five9");
    for micros in [60, 60, 60, 400, 2_000_000] {
        volume.decision(origin, VerdictLabel::Allow, &Findings::default(), micros);
    }
    let latency = volume.over(Span::Start, 0).latency(Some("phone"));
    assert_eq!(latency.count(), 5);
    assert_eq!(latency.bound(500), Some(100));
    assert_eq!(latency.bound(600), Some(100));
    assert_eq!(latency.bound(601), Some(500));
    assert_eq!(latency.bound(999), None);
    let none = volume.over(Span::Start, 0).latency(Some("sms"));
    assert_eq!((none.count(), none.bound(500)), (0, None));
}
