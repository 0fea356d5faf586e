//! Stories in which product and model once differed, each as short as it would go, with what is
//! right.

use dialgate::domain::verdict::Code;

use super::driver::play;
use super::story::{Step, Story};

/// Monday, 2026-05-04T15:00:00Z.
const START: i64 = 1_777_906_800;

/// The published defaults among the policies.
const DEFAULTS: usize = 4;

/// What the last question of a story finds, under a policy that leaves all to the law.
pub(crate) fn codes(lines: &[&str]) -> Vec<Code> {
    codes_under(0, lines)
}

fn codes_under(policy: usize, lines: &[&str]) -> Vec<Code> {
    let read = |line: &&str| serde_json::from_str::<Step>(line).expect("a step");
    let story = Story {
        policy,
        start: START,
        steps: lines.iter().map(read).collect(),
    };
    let tally = play(&story).unwrap_or_else(|d| panic!("{} {}", d.what, d.detail));
    tally.last.into_iter().collect()
}

pub(crate) const CALL: &str = r#"{"Ask":{"account":"A","phone":"+14045550100","channel":"phone","action":"call","dial_mode":"manual"}}"#;
pub(crate) const RECORDED: &str = r#"{"Ask":{"account":"A","phone":"+14045550100","channel":"phone","action":"call","dial_mode":"prerecorded"}}"#;
pub(crate) const ACCOUNT: &str = r#"{"Tell":{"account_id":"A","zip":"30301","debts":[{"debt_id":"D0"},{"debt_id":"D1"}],"phones":[{"number":"+14045550100","line_type":"wireless"}]}}"#;

#[test]
fn whoever_says_what_was_spoken_about_says_that_somebody_spoke() {
    let call = |about: &str| {
        format!(
            r#"{{"Tell":{{"account_id":"A","attempts":[{{"at":"2026-05-03T15:00:00Z","outcome":"no_answer","debts":["D0","D1"],"conversation_about":{about}}}]}}}}"#
        )
    };
    for about in [r#"["D0","D1"]"#, r#"["D0"]"#] {
        assert_eq!(
            codes(&[ACCOUNT, &call(about), CALL]),
            [Code::CallAfterConversation],
            "{about}"
        );
    }
    assert_eq!(codes(&[ACCOUNT, &call("[]"), CALL]), []);
}

#[test]
fn a_call_corrected_to_a_wrong_number_had_no_conversation() {
    let call = |rest: &str| {
        format!(
            r#"{{"Tell":{{"account_id":"A","attempts":[{{"at":"2026-05-03T15:00:00Z","call_id":"c1",{rest}}}]}}}}"#
        )
    };
    let spoke = call(r#""conversation_about":["D0"]"#);
    let wrong = call(r#""outcome":"wrong_number""#);
    assert_eq!(
        codes(&[ACCOUNT, &spoke, CALL]),
        [Code::CallAfterConversation]
    );
    assert_eq!(codes(&[ACCOUNT, &spoke, &wrong, CALL]), []);
}

#[test]
fn a_conversation_in_an_answer_starts_the_districts_rest() {
    let account = r#"{"Tell":{"account_id":"A","zip":"20001","debts":[{"debt_id":"D0"},{"debt_id":"D1"}],"phones":[{"number":"+12025550100"}]}}"#;
    let spoke = r#"{"Tell":{"account_id":"A","attempts":[{"at":"2026-05-03T15:00:00Z","outcome":"conversation","debts":["D0"],"in_response_to":"inbound_call"}]}}"#;
    let other = r#"{"Ask":{"account":"A","phone":"+12025550100","channel":"phone","action":"call","dial_mode":"manual","debts":["D1"]}}"#;
    assert!(codes(&[account, spoke, other]).contains(&Code::StateAfterConversation));
    let before = spoke.replace("05-03T", "04-27T");
    assert!(!codes(&[account, &before, other]).contains(&Code::StateAfterConversation));
}

#[test]
fn calls_to_the_attorney_are_not_counted() {
    let account = r#"{"Tell":{"account_id":"A","zip":"30301","parties":[{"person_id":"P1","role":"attorney"}],"phones":[{"number":"+14045550100","person_id":"P1"}]}}"#;
    let spoke = r#"{"Tell":{"account_id":"A","attempts":[{"at":"2026-05-03T15:00:00Z","outcome":"conversation","phone":"+14045550100"}]}}"#;
    let ask = |role: &str| {
        format!(
            r#"{{"Ask":{{"account":"A","phone":"+14045550100","channel":"phone","action":"call","dial_mode":"manual","role":"{role}"}}}}"#
        )
    };
    assert_eq!(codes(&[account, spoke, &ask("attorney")]), []);
    let spouse = account.replace("attorney", "spouse");
    assert_eq!(
        codes(&[&spouse, spoke, &ask("spouse")]),
        [Code::CallAfterConversation]
    );
}

#[test]
fn the_night_of_the_last_day_runs_to_its_end() {
    let night = r#"{"Tell":{"account_id":"A","facts":[{"fact":"inconvenient_time","periods":[{"from":"22:00","to":"12:00"}],"until_date":"2026-05-03"}]}}"#;
    assert_eq!(codes(&[ACCOUNT, night, CALL]), [Code::InconvenientTime]);
    // 11:59:59 and 12:00:00 in Georgia.
    let before = r#"{"Wait":3599}"#;
    assert_eq!(
        codes(&[ACCOUNT, night, before, CALL]),
        [Code::InconvenientTime]
    );
    let after = r#"{"Wait":3600}"#;
    assert_eq!(codes(&[ACCOUNT, night, after, CALL]), []);
}

#[test]
fn a_number_is_wrong_for_whoever_the_file_gives_it() {
    let account = r#"{"Tell":{"account_id":"A","zip":"30301","parties":[{"person_id":"P1","role":"co_debtor"}],"phones":[{"number":"+14045550100","person_id":"P1"}]}}"#;
    let ask = r#"{"Ask":{"account":"A","phone":"+14045550100","channel":"phone","action":"call","dial_mode":"manual","role":"co_debtor"}}"#;
    let field = r#"{"Tell":{"account_id":"A","phones":[{"number":"+14045550100","wrong":true}]}}"#;
    let fact =
        r#"{"Tell":{"account_id":"A","facts":[{"fact":"wrong_number","phone":"+14045550100"}]}}"#;
    assert_eq!(codes(&[account, ask]), []);
    assert_eq!(codes(&[account, field, ask]), [Code::WrongNumber]);
    assert_eq!(codes(&[account, fact, ask]), [Code::WrongNumber]);
}

fn consent(kind: &str, at: &str) -> String {
    format!(
        r#"{{"Tell":{{"account_id":"A","facts":[{{"fact":"consent","phone":"+14045550100","consent":["{kind}"],"at":"{at}"}}]}}}}"#
    )
}

#[test]
fn a_consent_to_a_recorded_voice_does_not_outlive_its_revocation() {
    let recorded = consent("prerecorded", "2026-05-01T15:00:00Z");
    let revoked = r#"{"Tell":{"account_id":"A","facts":[{"fact":"revocation","phone":"+14045550100","at":"2026-05-02T15:00:00Z"}]}}"#;
    let dialled = consent("autodialed", "2026-05-03T15:00:00Z");
    assert_eq!(codes(&[ACCOUNT, &recorded, RECORDED]), []);
    assert_eq!(
        codes(&[ACCOUNT, &recorded, revoked, RECORDED]),
        [Code::ConsentRevoked]
    );
    assert_eq!(
        codes(&[ACCOUNT, &recorded, revoked, &dialled, RECORDED]),
        [Code::PrerecordedConsent]
    );
    let again = consent("prerecorded", "2026-05-03T15:00:00Z");
    assert_eq!(codes(&[ACCOUNT, &recorded, revoked, &again, RECORDED]), []);
}

#[test]
fn the_newest_check_of_a_number_decides() {
    let given = consent("prerecorded", "2026-04-01T15:00:00Z");
    let check = |at: &str, reassigned: bool| {
        format!(
            r#"{{"Tell":{{"account_id":"A","facts":[{{"fact":"number_check","phone":"+14045550100","at":"{at}","reassigned":{reassigned}}}]}}}}"#
        )
    };
    let bad = check("2026-05-02T15:00:00Z", true);
    let (older, newer) = (
        check("2026-05-02T15:00:00Z", false),
        check("2026-05-02T15:00:01Z", false),
    );
    assert_eq!(
        codes(&[ACCOUNT, &given, &bad, &older, RECORDED]),
        [Code::NumberReassigned]
    );
    for told in [[&bad, &newer], [&newer, &bad]] {
        assert_eq!(codes(&[ACCOUNT, &given, told[0], told[1], RECORDED]), []);
    }
}

#[test]
fn a_text_is_no_voicemail_however_the_dialer_dials() {
    let left = r#"{"Tell":{"account_id":"A","attempts":[{"at":"2026-05-02T15:00:00Z","outcome":"voicemail"},{"at":"2026-05-03T15:00:00Z","outcome":"voicemail"}]}}"#;
    let written = r#"{"Tell":{"account_id":"A","facts":[{"fact":"inbound","inbound":"inbound_text","phone":"+14045550100"}]}}"#;
    let text = r#"{"Ask":{"account":"A","phone":"+14045550100","channel":"sms","action":"text","dial_mode":"ringless"}}"#;
    let call = text.replace("sms", "phone").replace("text", "call");
    // The policy with a cap of two.
    assert_eq!(codes_under(3, &[ACCOUNT, left, written, text]), []);
    assert_eq!(
        codes_under(3, &[ACCOUNT, left, written, &call]),
        [Code::VoicemailWeekCap, Code::PrerecordedConsent]
    );
}

#[test]
fn a_conversation_about_other_debts_is_one_of_the_tenth_of_a_week() {
    let account =
        r#"{"Tell":{"account_id":"A","zip":"25301","debts":[{"debt_id":"D0"},{"debt_id":"D1"}]}}"#;
    let ask = r#"{"Ask":{"account":"A","channel":"phone","action":"call","dial_mode":"manual"}}"#;
    let spoke = |many: i64| {
        let one = |n: i64| {
            format!(
                r#"{{"at":"2026-05-03T15:00:0{n}Z","debts":["D0"],"conversation_about":["D1"]}}"#
            )
        };
        let all: Vec<String> = (0..many).map(one).collect();
        let all = all.join(",");
        format!(r#"{{"Tell":{{"account_id":"A","attempts":[{all}]}}}}"#)
    };
    let earlier = r#"{"Tell":{"account_id":"A","attempts":[{"at":"2026-05-02T15:00:00Z","debts":["D0"],"conversation_about":["D1"]}]}}"#;
    let found = |lines: &[&str]| codes(lines).contains(&Code::StateFrequency);
    assert!(!found(&[account, &spoke(9), ask]));
    assert!(found(&[account, &spoke(9), earlier, ask]));
}

#[test]
fn the_approval_said_last_decides() {
    let said = |rest: &str| {
        format!(r#"{{"Tell":{{"account_id":"A","facts":[{{"fact":"approval",{rest}}}]}}}}"#)
    };
    let approved = said(r#""action":"call","approval":"approved""#);
    let pending = said(r#""approval":"pending","document_id":"d","purpose":"legally_required""#);
    let refused = said(r#""action":"call","approval":"refused""#);
    let ask = CALL.replace(
        r#""dial_mode""#,
        r#""purpose":"legally_required","dial_mode""#,
    );
    assert_eq!(codes(&[ACCOUNT, &approved, &pending, &ask]), []);
    assert_eq!(
        codes(&[ACCOUNT, &approved, &pending, &refused, &ask]),
        [Code::ApprovalRefused]
    );
}

/// Two consumers with one number, and so many calls to it for the second.
fn shared(zip: &str, number: &str, line: &str, called: &str) -> [String; 2] {
    let account = |id: &str, attempts: &str| {
        format!(
            r#"{{"Tell":{{"account_id":"{id}","zip":"{zip}","phones":[{{"number":"{number}","line_type":"{line}"}}],"attempts":[{attempts}]}}}}"#
        )
    };
    [account("A", ""), account("B", called)]
}

fn shared_codes(policy: usize, lines: &[String], ask: &str) -> Vec<Code> {
    let lines: Vec<&str> = lines.iter().map(|line| &**line).chain([ask]).collect();
    codes_under(policy, &lines)
}

#[test]
fn a_shared_number_rang_for_whomever() {
    let called = |number: &str, outcome: &str, more: &str| {
        let one = |hour| {
            format!(
                r#"{{"at":"2026-05-04T{hour}:00:00Z","phone":"{number}","outcome":"{outcome}"{more}}}"#
            )
        };
        [one("12"), one("13"), one("14")].join(",")
    };
    // The agency's three a day to a number.
    let (phone, recorded) = ("+14045550100", r#","prerecorded":true"#);
    for (outcome, full) in [
        ("no_answer", true),
        ("not_connected", true),
        ("wrong_number", true),
        ("not_dialed", false),
    ] {
        let lines = shared("30301", phone, "wireless", &called(phone, outcome, ""));
        let found = shared_codes(DEFAULTS, &lines, CALL);
        assert_eq!(
            found.contains(&Code::PhoneDayCap),
            full,
            "{outcome} {found:?}"
        );
        let mut turned = lines.clone();
        turned.reverse();
        let found = shared_codes(DEFAULTS, &turned, CALL);
        assert_eq!(
            found.contains(&Code::PhoneDayCap),
            full,
            "{outcome} {found:?}"
        );
    }
    // Three recorded voices in thirty days to a residence.
    let lines = shared(
        "30301",
        phone,
        "landline",
        &called(phone, "no_answer", recorded),
    );
    assert!(shared_codes(0, &lines, RECORDED).contains(&Code::Prerecorded3In30));
    let lines = shared("30301", phone, "landline", &called(phone, "no_answer", ""));
    assert!(!shared_codes(0, &lines, RECORDED).contains(&Code::Prerecorded3In30));
    // Washington's two a day to a wireless telephone.
    let phone = "+12065550100";
    let ask = CALL.replace("+14045550100", phone);
    let lines = shared("98101", phone, "wireless", &called(phone, "no_answer", ""));
    assert!(shared_codes(0, &lines, &ask).contains(&Code::StateFrequency));
    let lines = shared("98101", phone, "landline", &called(phone, "no_answer", ""));
    assert!(!shared_codes(0, &lines, &ask).contains(&Code::StateFrequency));
}

#[test]
fn a_call_to_a_number_of_no_file_is_found_when_somebody_files_it() {
    let called = r#"{"at":"2026-05-04T14:00:00Z","phone":"+14045550100","outcome":"no_answer"}"#;
    let thrice = [
        called,
        &called.replace("14:00", "13:00"),
        &called.replace("14:00", "12:00"),
    ];
    let elsewhere = format!(
        r#"{{"Tell":{{"account_id":"B","zip":"30301","attempts":[{}]}}}}"#,
        thrice.join(",")
    );
    let found = codes_under(DEFAULTS, &[&elsewhere, ACCOUNT, CALL]);
    assert!(found.contains(&Code::PhoneDayCap), "{found:?}");
}

#[test]
fn whoever_is_named_later_takes_their_calls_along() {
    let called = r#"{"Tell":{"account_id":"B","zip":"30301","phones":[{"number":"+14045550100"}],"attempts":[{"at":"2026-05-04T14:00:00Z","phone":"+14045550100","outcome":"no_answer"},{"at":"2026-05-04T13:00:00Z","phone":"+14045550100","outcome":"no_answer"},{"at":"2026-05-04T12:00:00Z","phone":"+14045550100","outcome":"no_answer"}]}}"#;
    let named = r#"{"Tell":{"account_id":"B","person_id":"P9"}}"#;
    for lines in [
        [called, named, ACCOUNT, CALL],
        [ACCOUNT, called, named, CALL],
    ] {
        let found = codes_under(DEFAULTS, &lines);
        assert!(found.contains(&Code::PhoneDayCap), "{found:?}");
    }
}
