//! Answers to verdicts: what becomes a permit, for how long, and that nothing else does.

use std::time::{Duration, Instant};

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::client::answer::{self, Heard};
use crate::client::intent::{Form, Intent, Question};
use crate::client::now::Now;
use crate::clock::Clock;
use crate::wire::frame;

/// When the gateway decided, by its own clock.
const DECIDED: UnixSeconds = UnixSeconds(1_800_000_000);

fn question() -> Question {
    Question::of(&Intent::call("A-1", "8185551234", "five9"), Form::Json).unwrap()
}

fn yes() -> String {
    format!(
        "{{\"allow\":true,\"decision\":\"ALLOW\",\"reason\":\"Allowed\",\"blocked_by\":[],\
         \"audit_id\":7,\"evaluation_id\":3,\"account_id\":\"A-1\",\"tenant_id\":\"t\",\
         \"channel\":\"phone\",\"source_system\":\"five9\",\"next_allowed_at\":null,\
         \"expires_at\":\"{}\"}}",
        DECIDED.plus(86_400).rfc3339().as_str()
    )
}

fn heard(body: impl Into<Bytes>) -> Heard {
    Heard {
        status: 200,
        use_by: Some(DECIDED.plus(300).rfc3339().as_str().into()),
        date: None,
        body: body.into(),
    }
}

fn times(sent: Instant) -> Times {
    Times {
        first_sent: sent,
        sent,
        deadline: sent + Duration::from_mins(1),
    }
}

/// What an answer means to one who asked when it was decided, and whose clock agrees.
fn verdict(heard: &Heard) -> Verdict {
    let now = Now::read(&Clock::manual(DECIDED));
    judge(
        &question(),
        answer::single(&question(), heard),
        &times(now.run),
        now,
    )
}

fn reason(heard: &Heard) -> Reason {
    verdict(heard).block().unwrap().reason().clone()
}

#[test]
fn an_explicit_allow_is_a_permit_of_its_row() {
    let permit = verdict(&heard(yes())).permit().unwrap();
    assert_eq!((permit.audit_id(), permit.use_by()), (7, DECIDED.plus(300)));
    let spent = permit.spend(Now::read(&Clock::manual(DECIDED))).unwrap();
    let report = spent.became(Outcome::NoAnswer);
    assert_eq!((report.audit_id, &*report.account_id), (Some(7), "A-1"));
}

/// CLIENT-1: each part taken away or changed.
#[test]
fn every_part_of_an_allow_is_needed() {
    let garbled = Reason::Garbled;
    for (part, instead, why) in [
        (
            "\"allow\":true",
            "\"allow\":false",
            garbled(Garbled::Contradiction),
        ),
        ("\"allow\":true", "\"allow\":1", garbled(Garbled::Form)),
        ("\"allow\":true,", "", garbled(Garbled::Form)),
        (
            "\"allow\":true",
            "\"allow\":true,\"allow\":true",
            garbled(Garbled::Form),
        ),
        ("\"ALLOW\"", "\"BLOCK\"", garbled(Garbled::Contradiction)),
        ("\"ALLOW\"", "\"allow\"", garbled(Garbled::Contradiction)),
        ("[]", "[\"TIMING\"]", garbled(Garbled::Contradiction)),
        ("[]", "null", garbled(Garbled::Form)),
        (
            "\"audit_id\":7",
            "\"audit_id\":null",
            garbled(Garbled::Incomplete),
        ),
        (
            "\"audit_id\":7",
            "\"audit_id\":0",
            garbled(Garbled::Incomplete),
        ),
        ("\"audit_id\":7", "\"audit_id\":-7", garbled(Garbled::Form)),
        ("\"A-1\"", "\"A-2\"", Reason::Mismatch),
        ("\"phone\"", "\"sms\"", Reason::Mismatch),
        ("\"five9\"", "\"other\"", Reason::Mismatch),
        ("\"five9\"", "null", Reason::Mismatch),
        (
            "\"expires_at\":\"",
            "\"expires_at\":\"x",
            garbled(Garbled::Incomplete),
        ),
        (
            "}",
            ",\"error\":{\"code\":\"INTERNAL\"}}",
            garbled(Garbled::Contradiction),
        ),
        ("}", "", garbled(Garbled::Form)),
        ("}", "}}", garbled(Garbled::Form)),
    ] {
        assert!(yes().contains(part), "{part}");
        let body = yes().replace(part, instead);
        assert_eq!(reason(&heard(body)), why, "{part} -> {instead}");
    }
    let ended = Heard {
        use_by: None,
        ..heard(yes())
    };
    assert_eq!(reason(&ended), garbled(Garbled::Incomplete));
    let unclear = Heard {
        use_by: Some("soon".into()),
        ..heard(yes())
    };
    assert_eq!(reason(&unclear), garbled(Garbled::Incomplete));
    for status in [199, 201, 204, 301, 400, 500] {
        let refused = Heard {
            status,
            ..heard(yes())
        };
        assert!(
            matches!(reason(&refused), Reason::Refused { .. }),
            "{status}"
        );
    }
}

#[test]
fn a_block_says_which_gates_or_which_fault() {
    let no = "{\"allow\":false,\"decision\":\"BLOCK\",\"blocked_by\":[\"TIMING\",\"CHANNEL\"],\
              \"audit_id\":9,\"account_id\":\"A-1\",\"channel\":\"phone\",\
              \"source_system\":\"five9\",\"next_allowed_at\":\"2027-01-16T08:00:00Z\"}";
    let told = verdict(&heard(no));
    let block = told.block().unwrap();
    assert_eq!(block.to_string(), "blocked by TIMING, CHANNEL");
    assert_eq!(block.audit_id(), Some(9));
    assert_eq!(block.next_allowed_at(), Some(UnixSeconds(1_800_086_400)));
    assert_eq!(block.give_back("me"), None, "nothing is reserved");
    let fault = no.replace("[\"TIMING\",\"CHANNEL\"]", "[\"SYSTEM_ERROR\"]");
    let fault = fault.replace('}', ",\"error\":{\"code\":\"OVERLOADED\"}}");
    assert_eq!(
        verdict(&heard(fault)).block().unwrap().to_string(),
        "not decided: OVERLOADED"
    );
    let refused = Heard {
        status: 401,
        ..heard("{\"code\":\"no answer\"}")
    };
    let told = verdict(&refused);
    assert_eq!(
        told.block().unwrap().to_string(),
        "refused with status 401: UNKNOWN"
    );
    assert!(told.block().unwrap().reason().is_of_token());
}

/// Asked when the gateway decided, by a machine whose clock is `ahead` of the gateway's.
fn skewed(ahead: i64, date: Option<i64>) -> (Clock, Verdict) {
    let clock = Clock::manual(DECIDED.plus(ahead));
    let now = Now::read(&clock);
    let allow = answer::Allow {
        audit_id: 7,
        use_by: DECIDED.plus(300),
        decided_at: DECIDED,
        answered_at: date.map(|at| DECIDED.plus(at)),
    };
    let told = judge(
        &question(),
        Ok(answer::Said::Allow(allow)),
        &times(now.run),
        now,
    );
    (clock, told)
}

/// CLIENT-2.
#[test]
fn a_permit_dies_by_whichever_clock_comes_first() {
    let lives = |ahead, date| -> Option<u64> {
        let (clock, told) = skewed(ahead, date);
        let permit = told.permit()?;
        let mut seconds = 0;
        while permit.is_alive(Now::read(&clock)) {
            clock.advance(Duration::from_secs(1));
            seconds += 1;
        }
        assert!(permit.spend(Now::read(&clock)).is_err());
        Some(seconds)
    };
    assert_eq!(lives(0, None), Some(299), "a second is lost to rounding");
    assert_eq!(
        lives(100, None),
        Some(200),
        "our clock is ahead: it decides"
    );
    assert_eq!(
        lives(-10_000, None),
        Some(299),
        "our clock is behind: the time that runs decides"
    );
    assert_eq!(lives(0, Some(250)), Some(49), "an old decision, told again");
    assert_eq!(lives(-10_000, Some(250)), Some(49));
    assert_eq!(lives(300, None), None);
    assert_eq!(lives(0, Some(299)), None);
}

/// CLIENT-2: what has run has run.
#[test]
fn a_wall_clock_set_back_revives_nothing() {
    let (clock, told) = skewed(0, None);
    let permit = told.permit().unwrap();
    clock.advance(Duration::from_secs(299));
    clock.step_to(DECIDED);
    assert!(!permit.is_alive(Now::read(&clock)));
    let expired = permit.spend(Now::read(&clock)).unwrap_err();
    let report = expired.into_permit().give_back("floor");
    assert_eq!(
        (report.audit_id, report.outcome, report.actor.as_deref()),
        (Some(7), Outcome::NotDialed, Some("floor"))
    );
}

#[test]
fn an_allow_after_the_deadline_is_late_and_can_be_given_back() {
    let clock = Clock::manual(DECIDED);
    let sent = Now::read(&clock).run;
    clock.advance(Duration::from_millis(500));
    let said = || answer::single(&question(), &heard(yes()));
    let until = |millis| Times {
        deadline: sent + Duration::from_millis(millis),
        ..times(sent)
    };
    let now = Now::read(&clock);
    assert!(
        judge(&question(), said(), &until(501), now)
            .permit()
            .is_some()
    );
    let late = judge(&question(), said(), &until(500), now);
    let block = late.block().unwrap();
    assert_eq!((block.reason(), block.audit_id()), (&Reason::Late, Some(7)));
    let report = block.give_back("floor").unwrap();
    assert_eq!((&*report.account_id, report.audit_id), ("A-1", Some(7)));
}

#[test]
fn answers_to_many_are_counted_and_each_is_its_own() {
    let questions = [question(), question()];
    let both: Vec<&Question> = questions.iter().collect();
    let one = yes().replace('}', ",\"use_by\":\"2027-01-15T08:05:00Z\"}");
    let said = |body: String| answer::batch(&both, &heard(body));
    let good = |said: &Result<answer::Said, _>| matches!(said, Ok(answer::Said::Allow(_)));
    assert!(said(format!("[{one},{one}]")).iter().all(good));
    for count in [0, 1, 3] {
        let list = vec![one.clone(); count].join(",");
        let told = said(format!("[{list}]"));
        assert_eq!(told, vec![Err(answer::Unread::Mismatch); 2], "{count}");
    }
    let half = said(format!("[{one},{}]", yes()));
    assert!(good(&half[0]) && !good(&half[1]), "no end of its own");
    assert!(!said("nonsense".to_owned()).iter().any(good));
}

/// Says independently of the reading above whether bytes are an explicit yes with a row.
fn says_yes(heard: &Heard) -> bool {
    let body: serde_json::Value = serde_json::from_slice(&heard.body).unwrap_or_default();
    let use_by = heard.use_by.as_deref().unwrap_or_default();
    let ahead = UnixSeconds::parse(use_by).is_ok_and(|at| at > DECIDED);
    heard.status == 200
        && body["allow"] == true
        && body["audit_id"].as_u64().is_some_and(|id| id > 0)
        && body["account_id"] == "A-1"
        && ahead
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let cut = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..512),
        // An answer with one byte changed, or a piece taken out.
        (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| {
            let mut bytes = yes().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        }),
        cut.prop_map(|(from, to)| {
            let mut bytes = yes().into_bytes();
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            bytes.drain(from.min(to)..from.max(to));
            bytes
        }),
    ]
}

fn use_bys() -> impl Strategy<Value = Option<Box<str>>> {
    let instant = |seconds: i64| DECIDED.plus(seconds).rfc3339().as_str().into();
    prop_oneof![
        Just(None),
        (-400_i64..400).prop_map(move |seconds| Some(instant(seconds))),
        ".{0,30}".prop_map(|text| Some(text.into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    /// CLIENT-1, CLIENT-3.
    #[test]
    fn whatever_comes_only_an_explicit_yes_is_a_permit(
        body in bodies(),
        use_by in use_bys(),
        status in prop_oneof![4 => Just(200_u16), 1 => 100_u16..600],
    ) {
        let heard = Heard { status, use_by, date: None, body: body.into() };
        if let Some(permit) = verdict(&heard).permit() {
            prop_assert!(says_yes(&heard), "{:?}", String::from_utf8_lossy(&heard.body));
            prop_assert!(permit.use_by() > DECIDED);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    /// CLIENT-1, CLIENT-3 in frames.
    #[test]
    fn whatever_a_frame_holds_only_an_explicit_yes_is_a_permit(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let decision = frame::Decision {
            allow: true,
            audit_id: Some(7),
            use_by: Some(DECIDED.plus(300).0),
            expires_at: Some(DECIDED.plus(86_400).0),
            ..frame::Decision::default()
        };
        let mut out = Vec::new();
        prop_assert!(frame::push(&mut out, frame::Kind::Decision, 1, &decision));
        let mut payload = out.split_off(frame::HEADER_BYTES);
        let at = at.index(payload.len());
        if cut {
            payload.truncate(at);
        } else {
            payload[at] = byte;
        }
        let header = frame::Header {
            kind: frame::Kind::Decision,
            correlation: 1,
            payload_bytes: payload.len(),
        };
        let raw = frame::RawFrame { header, payload: payload.into() };
        let Ok(frame::Told::Decision(told)) = frame::Told::open(&raw) else {
            return Ok(());
        };
        let now = Now::read(&Clock::manual(DECIDED));
        let said = answer::decision(told, None);
        if let Some(permit) = judge(&question(), said, &times(now.run), now).permit() {
            prop_assert!(told.allow && told.blocked == 0 && told.error.is_none());
            prop_assert_eq!(told.audit_id.as_ref().map(|id| id.to_native()), Some(permit.audit_id()));
            prop_assert!(permit.audit_id() > 0 && permit.use_by() > DECIDED);
        }
    }
}
