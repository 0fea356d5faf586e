//! Every kind there and back, and what a decision tells.

use super::*;
use crate::domain::rules::RuleNo;
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Code, Findings, Gate};
use crate::wire::answer;

fn one(bytes: &[u8]) -> RawFrame {
    let (mut frames, fault) = read(&[bytes]);
    assert_eq!((frames.len(), fault), (1, None));
    frames.remove(0)
}

/// Back to what was sent.
macro_rules! returned {
    ($archived:expr, $sent:ty) => {
        rkyv::api::low::deserialize::<$sent, rkyv::rancor::Failure>($archived).unwrap()
    };
}

#[test]
fn what_clients_say_comes_back_as_it_was() {
    let hello = Hello {
        token: "t.t.t".into(),
        agent: "a".into(),
    };
    let frame = one(&framed(Kind::Hello, 9, &hello));
    assert_eq!(frame.header.correlation, 9);
    let Ok(Said::Hello(said)) = Said::open(&frame) else {
        panic!("no hello");
    };
    assert_eq!(returned!(said, Hello<'_>), hello);
    let disposition = Disposition {
        body: b"{}".as_slice().into(),
    };
    let frame = one(&framed(Kind::Disposition, 1, &disposition));
    let Ok(Said::Disposition(said)) = Said::open(&frame) else {
        panic!("no disposition");
    };
    assert_eq!(&*said.body, b"{}");
    let mut ping = Vec::new();
    push_empty(&mut ping, Kind::Ping, 3);
    assert!(matches!(Said::open(&one(&ping)), Ok(Said::Ping)));
}

#[test]
fn what_the_gateway_says_comes_back_as_it_was() {
    let welcome = Welcome {
        tenant: "acme".into(),
        window: 1024,
        frame_bytes_max: 65_536,
        batch_intents_max: 256,
        now: 1_750_000_000,
    };
    let frame = one(&framed(Kind::Welcome, 1, &welcome));
    let Ok(Told::Welcome(told)) = Told::open(&frame) else {
        panic!("no welcome");
    };
    assert_eq!(returned!(told, Welcome<'_>), welcome);
    let failure = Failure::from(Reason::BadPayload);
    let frame = one(&framed(Kind::Error, 1, &failure));
    let Ok(Told::Error(told)) = Told::open(&frame) else {
        panic!("no error");
    };
    assert_eq!(returned!(told, Failure<'_>), failure);
    let drain = Drain {
        why: Reason::Draining.as_str().into(),
    };
    let frame = one(&framed(Kind::Drain, 0, &drain));
    let Ok(Told::Drain(told)) = Told::open(&frame) else {
        panic!("no drain");
    };
    assert_eq!(returned!(told, Drain<'_>), drain);
    let reported = Reported {
        status: 200,
        body: b"{}".as_slice().into(),
    };
    let frame = one(&framed(Kind::Reported, 1, &reported));
    let Ok(Told::Reported(told)) = Told::open(&frame) else {
        panic!("no report");
    };
    assert_eq!(returned!(told, Reported<'_>), reported);
    let decisions = Decisions {
        decisions: vec![decision(&blocked(), None), decision(&allowed(), None)],
    };
    let frame = one(&framed(Kind::Decisions, 1, &decisions));
    let Ok(Told::Decisions(told)) = Told::open(&frame) else {
        panic!("no decisions");
    };
    assert_eq!(returned!(told, Decisions<'_>), decisions);
}

#[test]
fn each_side_refuses_what_the_other_says() {
    let asked = one(&framed(Kind::Intent, 1, &sample()));
    assert_eq!(Told::open(&asked).unwrap_err(), Reason::UnknownKind);
    let drain = one(&framed(Kind::Drain, 1, &Drain::default()));
    assert_eq!(Said::open(&drain).unwrap_err(), Reason::NotFromClient);
    // A payload of one kind under the number of another.
    let mut bytes = framed(Kind::Hello, 1, &Hello::default());
    bytes[5] = Kind::Intents as u8;
    assert_eq!(Said::open(&one(&bytes)).unwrap_err(), Reason::BadPayload);
    assert_eq!(open_intent(b"", false).unwrap_err(), Reason::BadPayload);
}

fn allowed() -> answer::Decision {
    answer::Decision {
        findings: Findings::default(),
        audit_id: Some(7),
        evaluation_id: Some(8),
        next_allowed_at: None,
        expires_at: UnixSeconds(1_750_003_600),
        use_by: UnixSeconds(1_750_000_060),
        law: 0,
    }
}

fn blocked() -> answer::Decision {
    let mut findings = Findings::default();
    for gate in &Gate::ALL {
        findings.asked(*gate);
    }
    findings.block_by(Code::StateFrequency, RuleNo(0));
    findings.block(Code::UnknownAccount);
    answer::Decision {
        findings,
        next_allowed_at: Some(UnixSeconds(1_750_009_000)),
        ..allowed()
    }
}

/// WIRE-1 in frames.
#[test]
fn an_allow_has_no_block_and_a_block_no_use_by() {
    let yes = decision(&allowed(), None);
    assert!(yes.allow && yes.error.is_none() && yes.findings.is_empty());
    assert_eq!((yes.blocked, yes.use_by), (0, Some(1_750_000_060)));
    assert_eq!((yes.audit_id, yes.evaluation_id), (Some(7), Some(8)));
    let no = decision(&blocked(), None);
    assert!(!no.allow && no.use_by.is_none());
    assert_eq!(no.next_allowed_at, Some(1_750_009_000));
    assert_eq!(no.expires_at, Some(1_750_003_600));
    let bits = Gate::Account.bit() | Gate::Timing.bit();
    assert_eq!((no.blocked, no.evaluated), (bits, 0xfff));
    let codes: Vec<(u8, &str)> = no.findings.iter().map(|f| (f.gate, &*f.code)).collect();
    let timing = Gate::Timing.ordinal();
    assert_eq!(codes, [(timing, "STATE_FREQUENCY"), (1, "UNKNOWN_ACCOUNT")]);
    assert!(no.findings.iter().all(|f| f.sentence.is_empty()));
    let fault = system_error(&answer::Fault {
        code: "SEALED",
        field: None,
        message: "m",
    });
    assert!(!fault.allow && fault.audit_id.is_none() && fault.expires_at.is_none());
    assert_eq!(fault.error.unwrap().code, "SEALED");
}

#[test]
fn texts_come_from_the_pack_and_else_from_the_code() {
    let decided = blocked();
    let told = decision(&decided, Some(&[]));
    let own = Code::UnknownAccount.text();
    assert_eq!(told.findings[1].sentence, own.sentence);
    assert_eq!(told.findings[1].citation, own.source);
    assert_eq!(told.findings[1].rule, "");
}

#[test]
fn what_is_too_large_is_not_written() {
    let mut out = vec![1, 2, 3];
    let large = Disposition {
        body: vec![b'x'; Kind::Disposition.bytes_max() + 1].into(),
    };
    assert!(!push(&mut out, Kind::Disposition, 1, &large));
    assert_eq!(out, [1, 2, 3]);
    // Another kind of payload under a kind that has none.
    assert!(!push(&mut out, Kind::Ping, 1, &sample()));
    assert_eq!(out, [1, 2, 3]);
}

#[test]
fn nothing_personal_is_in_a_message() {
    let hello = Hello {
        token: "SECRET".into(),
        agent: "SECRET".into(),
    };
    let intent = Intent {
        phone: said("SECRET"),
        ..Intent::default()
    };
    let frame = one(&framed(Kind::Hello, 1, &hello));
    let mut reader = FrameReader::default();
    reader.take(frame.payload.clone());
    let opened = Said::open(&frame);
    let all = format!("{hello:?} {intent:?} {frame:?} {reader:?} {opened:?}");
    assert!(!all.contains("SECRET") && !all.contains("83, 69"), "{all}");
}
