//! The bytes of frames: one file a kind, which neither the code nor a dependency may change, and the
//! page that explains them.

use bytes::Bytes;
use dialgate::domain::time::UnixSeconds;
use dialgate::domain::verdict::{Code, Findings, Gate};
use dialgate::wire::answer;
use dialgate::wire::frame::{
    ArchivedDecision, ArchivedDecisions, ArchivedDisposition, ArchivedDrain, ArchivedFailure,
    ArchivedFinding, ArchivedHello, ArchivedIntent, ArchivedIntents, ArchivedReported,
    ArchivedWelcome, Decisions, Disposition, Drain, Failure, FrameReader, HEADER_BYTES, Hello,
    Intent, Intents, Kind, RawFrame, Reason, Reported, Said, Told, Welcome, decision, open_intent,
    push, push_empty, system_error,
};
use dialgate::wire::limits;

use crate::docs::page;

/// Sixteen bytes a line, each line with its place.
fn dump(bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).enumerate().map(|(n, line)| {
        let hex: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{:04x}  {}\n", n * 16, hex.join(" "))
    });
    lines.collect()
}

/// What a dump was made of.
fn bytes_of(dump: &str) -> Vec<u8> {
    let hex = dump.lines().flat_map(|line| line.split(' ').skip(2));
    hex.map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

fn intent() -> Intent<'static> {
    Intent {
        account_id: Some("ACC-001".into()),
        phone: Some("(818) 555-1234".into()),
        channel: Some("phone".into()),
        action_type: Some("call".into()),
        source_system: Some("five9".into()),
        request_id: Some("r-1".into()),
        debt_ids: vec!["D-1".into()],
        ..Intent::default()
    }
}

fn allowed() -> answer::Decision {
    let mut findings = Findings::default();
    for gate in &Gate::ALL {
        findings.asked(*gate);
    }
    answer::Decision {
        findings,
        audit_id: Some(7),
        evaluation_id: Some(5),
        next_allowed_at: None,
        expires_at: UnixSeconds(1_750_003_600),
        use_by: UnixSeconds(1_750_000_060),
        law: 0,
    }
}

fn blocked() -> answer::Decision {
    let mut decided = allowed();
    decided.findings.block(Code::UnknownPhone);
    decided.next_allowed_at = Some(UnixSeconds(1_750_009_000));
    decided
}

/// One frame of each kind, by the name of its file.
#[expect(clippy::too_many_lines, reason = "a list")]
fn frames() -> Vec<(&'static str, Vec<u8>)> {
    let mut all: Vec<(&str, Vec<u8>)> = Vec::new();
    let mut own = Vec::new();
    assert!(push(&mut own, Kind::Intent, 0, &intent()));
    let own = own.split_off(HEADER_BYTES);
    macro_rules! frame {
        ($name:literal, $kind:ident, $payload:expr) => {{
            let mut out = Vec::new();
            let number = u64::try_from(all.len()).unwrap() + 1;
            assert!(push(&mut out, Kind::$kind, number, &$payload));
            all.push(($name, out));
        }};
    }
    let body = br#"{"account_id":"ACC-001","outcome":"no_answer"}"#;
    let reported = br#"{"account_id":"ACC-001"}"#;
    frame!(
        "hello",
        Hello,
        Hello {
            token: "head.claims.signature".into(),
            agent: "dialer/1".into()
        }
    );
    frame!("intent", Intent, intent());
    frame!(
        "intents",
        Intents,
        Intents {
            intents: vec![own.clone(), own]
        }
    );
    frame!(
        "disposition",
        Disposition,
        Disposition {
            body: body.as_slice().into()
        }
    );
    frame!(
        "welcome",
        Welcome,
        Welcome {
            tenant: "acme".into(),
            window: 1024,
            frame_bytes_max: 65_536,
            batch_intents_max: 256,
            now: 1_750_000_000,
        }
    );
    frame!("allow", Decision, decision(&allowed(), None));
    frame!("block", Decision, decision(&blocked(), Some(&[])));
    let fault = answer::Fault {
        code: "token_expired",
        field: None,
        message: "A sentence.",
    };
    frame!("system_error", Decision, system_error(&fault));
    let both = vec![decision(&allowed(), None), decision(&blocked(), None)];
    frame!("decisions", Decisions, Decisions { decisions: both });
    frame!(
        "reported",
        Reported,
        Reported {
            status: 200,
            body: reported.as_slice().into()
        }
    );
    frame!("error", Error, Failure::from(Reason::BadPayload));
    frame!(
        "drain",
        Drain,
        Drain {
            why: Reason::Draining.as_str().into()
        }
    );
    for (name, kind) in [("ping", Kind::Ping), ("pong", Kind::Pong)] {
        let mut out = Vec::new();
        push_empty(&mut out, kind, 13);
        all.push((name, out));
    }
    all
}

#[test]
fn bytes_of_every_kind_are_as_they_were() {
    let mut kinds = Vec::new();
    for (name, bytes) in frames() {
        let golden = page(&format!("tests/golden/frames/{name}.hex"));
        assert_eq!(dump(&bytes), golden, "{name}");
        kinds.push(bytes[5]);
    }
    for kind in Kind::ALL {
        assert!(kinds.contains(&(kind as u8)), "{kind:?}");
    }
}

/// What was written by an older program is understood.
#[test]
fn every_golden_frame_reads_back() {
    for (name, _) in frames() {
        let golden = page(&format!("tests/golden/frames/{name}.hex"));
        let mut reader = FrameReader::default();
        reader.take(Bytes::from(bytes_of(&golden)));
        let frame = reader.next_frame().unwrap().unwrap();
        assert!(reader.at_boundary(), "{name}");
        understood(name, &frame);
    }
}

fn understood(name: &str, frame: &RawFrame) {
    if frame.header.kind.is_of_clients() {
        match Said::open(frame) {
            Ok(Said::Intent(payload)) => {
                let ask = open_intent(payload, false).unwrap().asked.unwrap();
                assert_eq!(&*ask.intent.account_id, "ACC-001");
                assert_eq!(ask.key.map(|key| key.text), Some("r-1".into()));
            }
            Ok(Said::Intents(batch)) => assert_eq!(batch.intents.len(), 2),
            other => assert!(other.is_ok(), "{name}"),
        }
        return;
    }
    match Told::open(frame) {
        Ok(Told::Decision(told)) => {
            assert_eq!(told.allow, name == "allow");
            assert_eq!(told.error.is_some(), name == "system_error");
        }
        other => assert!(other.is_ok(), "{name}"),
    }
}

#[test]
fn the_page_shows_golden_bytes_sizes_codes_and_bounds() {
    let page = page("docs/frames.md");
    for name in ["hello", "intent", "allow", "ping"] {
        let golden = crate::docs::page(&format!("tests/golden/frames/{name}.hex"));
        let shown: String = golden
            .lines()
            .map(|line| ["    ", line, "\n"].concat())
            .collect();
        assert!(page.contains(&shown), "{name}");
    }
    for kind in Kind::ALL {
        let row = format!("| {} | `{kind:?}` |", kind as u8).to_lowercase();
        assert!(page.to_lowercase().contains(&row), "{row}");
    }
    for reason in Reason::ALL {
        let (number, code, text) = (reason.number(), reason.as_str(), reason.message());
        let row = format!("| {number} | `{code}` | {text} |");
        assert!(page.contains(&row), "{row}");
    }
    for (name, size) in [
        ("Hello", size_of::<ArchivedHello<'_>>()),
        ("Intent", size_of::<ArchivedIntent<'_>>()),
        ("Intents", size_of::<ArchivedIntents>()),
        ("Disposition", size_of::<ArchivedDisposition<'_>>()),
        ("Welcome", size_of::<ArchivedWelcome<'_>>()),
        ("Finding", size_of::<ArchivedFinding<'_>>()),
        ("Error", size_of::<ArchivedFailure<'_>>()),
        ("Decision", size_of::<ArchivedDecision<'_>>()),
        ("Decisions", size_of::<ArchivedDecisions<'_>>()),
        ("Reported", size_of::<ArchivedReported<'_>>()),
        ("Drain", size_of::<ArchivedDrain<'_>>()),
    ] {
        let heading = format!("### {name}: {size} bytes\n");
        assert!(page.contains(&heading), "{heading}");
    }
    for (what, bound) in [
        (
            "intents under way on a stream",
            limits::FRAME_WINDOW_INTENTS,
        ),
        ("intents of a batch", limits::FRAME_BATCH_INTENTS_MAX),
        (
            "dispositions under way on a stream",
            limits::FRAME_REPORTS_MAX,
        ),
        ("payload of a frame, bytes", limits::FRAME_BYTES_MAX),
        ("payload of a batch, bytes", limits::BATCH_BODY_BYTES_MAX),
        ("answers not taken, bytes", limits::FRAME_UNTAKEN_BYTES),
    ] {
        let row = format!("| {what} | {bound} |");
        assert!(page.contains(&row), "{row}");
    }
}
