//! Facts told late, twice, without a date or with one to come, and what is right all the same.

use dialgate::domain::verdict::Code;

use super::found::{ACCOUNT, CALL, RECORDED, codes};

/// A fact of an account, with nothing that would let it lift another.
fn fact(account: &str, kind: &str, rest: &str) -> String {
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!(",{rest}")
    };
    format!(r#"{{"Tell":{{"account_id":"{account}","facts":[{{"fact":"{kind}"{rest}}}]}}}}"#)
}

fn because(line: &str) -> String {
    line.replace(r#""facts""#, r#""reason":"asked","facts""#)
}

fn told(lines: &[&str], ask: &str) -> Vec<Code> {
    let mut all = vec![ACCOUNT];
    all.extend(lines);
    all.push(ask);
    codes(&all)
}

fn of_number(kind: &str, rest: &str) -> String {
    fact("A", kind, &format!(r#""phone":"+14045550100"{rest}"#))
}

fn given(to: &str, at: &str) -> String {
    of_number(
        "consent",
        &format!(r#","consent":["{to}"],"given_to":"collector"{at}"#),
    )
}

#[test]
fn a_hold_that_ended_swallows_no_later_one() {
    let hold = |rest: &str| fact("A", "hold", &format!(r#""hold":"court"{rest}"#));
    let first = hold(r#","at":"2026-01-01T00:00:00Z","until":"2026-02-01T00:00:00Z""#);
    let second = hold(r#","at":"2026-05-01T00:00:00Z""#);
    assert_eq!(told(&[&first], CALL), []);
    for order in [[&first, &second], [&second, &first]] {
        assert_eq!(told(&[order[0], order[1], &first], CALL), [Code::CourtHold]);
    }
    let undated = hold("");
    assert_eq!(told(&[&first, &undated], CALL), [Code::CourtHold]);
}

#[test]
fn a_sooner_end_of_a_hold_or_of_service_takes_a_reason() {
    let hold = |rest: &str| fact("A", "hold", &format!(r#""hold":"court"{rest}"#));
    let open = hold(r#","at":"2026-01-01T00:00:00Z""#);
    for ended in [
        hold(r#","until":"2026-05-04T14:00:00Z""#),
        hold(r#","at":"2026-03-01T00:00:00Z","until":"2026-05-04T14:00:00Z""#),
    ] {
        assert_eq!(told(&[&open, &ended], CALL), [Code::CourtHold]);
        assert_eq!(told(&[&open, &because(&ended)], CALL), []);
    }
    let serves = fact("A", "military", "");
    let until = fact("A", "military", r#""until_date":"2026-05-01""#);
    let serving = told(&[&serves], CALL);
    assert_eq!(told(&[&serves, &until], CALL), serving);
    assert_eq!(told(&[&serves, &because(&until)], CALL), []);
}

#[test]
fn no_later_case_makes_a_discharge_forgotten() {
    let event = |chapter: u8, status: &str, at: &str| {
        let rest = format!(r#""chapter":{chapter},"status":"{status}","at":"{at}T00:00:00Z""#);
        fact("A", "bankruptcy", &rest)
    };
    let first = [
        event(7, "filed", "2020-01-01"),
        event(7, "discharged", "2020-06-01"),
    ];
    let second = [
        event(13, "filed", "2025-01-01"),
        because(&event(13, "dismissed", "2026-04-01")),
    ];
    let all: Vec<&str> = first.iter().chain(&second).map(|line| &**line).collect();
    assert_eq!(told(&all, CALL), [Code::BankruptcyDischarged]);
    // A late report of an older case ends no newer one.
    let filed = event(13, "filed", "2026-03-01");
    let older = because(&event(13, "dismissed", "2025-12-01"));
    assert_eq!(told(&[&filed, &older], CALL), [Code::Bankruptcy]);
    let newer = event(13, "dismissed", "2026-04-01");
    assert_eq!(told(&[&filed, &newer], CALL), [Code::Bankruptcy]);
    assert_eq!(told(&[&filed, &because(&newer)], CALL), []);
    // Nor does one about some of the debts without a reason.
    let of_one = newer.replace(r#""chapter""#, r#""debts":["D0"],"chapter""#);
    let ask = CALL.replace(r#""channel""#, r#""debts":["D0"],"channel""#);
    assert_eq!(told(&[&filed, &of_one], &ask), [Code::Bankruptcy]);
    assert_eq!(told(&[&filed, &because(&of_one)], &ask), []);
}

#[test]
fn what_is_dated_ahead_permits_nothing_yet() {
    const AHEAD: &str = r#","at":"2026-05-04T15:01:00Z""#;
    const LATER: &str = r#"{"Wait":60}"#;
    let machine = given("prerecorded", AHEAD);
    assert_eq!(told(&[&machine], RECORDED), [Code::PrerecordedConsent]);
    assert_eq!(told(&[&machine, LATER], RECORDED), []);
    // A stop comes before it.
    let stop = of_number("revocation", "");
    assert_eq!(
        told(&[&machine, &stop, LATER], RECORDED),
        [Code::ConsentRevoked]
    );
    let text = r#"{"Ask":{"account":"A","phone":"+14045550100","channel":"sms","action":"text"}}"#;
    for basis in [
        given("text", AHEAD),
        of_number("inbound", &format!(r#","inbound":"inbound_text"{AHEAD}"#)),
    ] {
        assert_eq!(told(&[&basis], text), [Code::TextProcedure]);
        assert_eq!(told(&[&basis, LATER], text), []);
    }
    let dispute = fact("A", "dispute", r#""at":"2026-05-01T00:00:00Z""#);
    let answer = fact("A", "verification", AHEAD.trim_start_matches(','));
    assert_eq!(told(&[&dispute, &answer], CALL), [Code::DisputePending]);
    assert_eq!(told(&[&dispute, &answer, LATER], CALL), []);
}

#[test]
fn whatever_order_they_come_in_a_revocation_ends_what_nobody_dated() {
    let stop = of_number("revocation", r#","at":"2026-05-01T00:00:00Z""#);
    let undated = given("prerecorded", "");
    for order in [[&undated, &stop], [&stop, &undated]] {
        assert_eq!(
            told(&[order[0], order[1]], RECORDED),
            [Code::ConsentRevoked]
        );
    }
    let dated = given("prerecorded", r#","at":"2026-05-02T00:00:00Z""#);
    for order in [[&dated, &stop], [&stop, &dated]] {
        assert_eq!(told(&[&undated, order[0], order[1]], RECORDED), []);
    }
    let night = fact(
        "A",
        "inconvenient_time",
        r#""periods":[{"from":"08:00","to":"20:00"}],"at":"2026-01-01T00:00:00Z""#,
    );
    let agreed = fact(
        "A",
        "prior_consent",
        r#""given_to":"collector","times":true"#,
    );
    let taken = fact("A", "consent_revoked", r#""at":"2026-05-01T00:00:00Z""#);
    assert_eq!(told(&[&night, &agreed], CALL), []);
    for order in [[&agreed, &taken], [&taken, &agreed]] {
        assert_eq!(
            told(&[&night, order[0], order[1]], CALL),
            [Code::InconvenientTime]
        );
    }
}

#[test]
fn the_same_file_again_revives_nothing() {
    let recorded = given("prerecorded", r#","at":"2026-01-15T00:00:00Z""#);
    let stop = of_number("revocation", r#","at":"2026-02-01T00:00:00Z""#);
    let machine = given("autodialed", r#","at":"2026-03-01T00:00:00Z""#);
    assert_eq!(
        told(&[&recorded, &stop, &machine, &recorded], RECORDED),
        [Code::PrerecordedConsent]
    );
    let day = fact(
        "A",
        "inconvenient_time",
        r#""periods":[{"from":"08:00","to":"20:00"}],"at":"2026-01-01T00:00:00Z""#,
    );
    let agreed = fact(
        "A",
        "prior_consent",
        r#""given_to":"collector","times":true,"at":"2026-05-01T00:00:00Z","until":"2026-06-01T00:00:00Z""#,
    );
    let taken = fact("A", "consent_revoked", r#""at":"2026-05-03T00:00:00Z""#);
    assert_eq!(told(&[&day, &agreed], CALL), []);
    assert_eq!(
        told(&[&day, &agreed, &taken, &agreed], CALL),
        [Code::InconvenientTime]
    );
}

#[test]
fn a_number_found_reassigned_is_another_s_on_every_account() {
    let other = r#"{"Tell":{"account_id":"B","zip":"30301","phones":[{"number":"+14045550100","line_type":"wireless"}]}}"#;
    let machine = given("prerecorded", r#","at":"2026-05-01T00:00:00Z""#);
    let found = |at: &str| {
        let rest = format!(r#","reassigned":true,"at":"{at}""#);
        of_number("number_check", &rest).replace(r#""account_id":"A""#, r#""account_id":"B""#)
    };
    let since = found("2026-05-02T00:00:00Z");
    assert_eq!(
        told(&[other, &machine, &since], RECORDED),
        [Code::NumberReassigned]
    );
    let before = found("2026-04-02T00:00:00Z");
    assert_eq!(told(&[other, &machine, &before], RECORDED), []);
    let fine = of_number(
        "number_check",
        r#","reassigned":false,"at":"2026-05-03T00:00:00Z""#,
    );
    assert_eq!(told(&[other, &machine, &since, &fine], RECORDED), []);
}

#[test]
fn a_consent_that_is_void_exempts_no_recording_from_the_count() {
    let residence = ACCOUNT.replace("wireless", "landline");
    let agreed = given("prerecorded", r#","at":"2026-04-01T00:00:00Z""#);
    let call = |day: u8| {
        format!(
            r#"{{"Tell":{{"account_id":"A","attempts":[{{"at":"2026-05-0{day}T15:00:00Z","outcome":"no_answer","phone":"+14045550100","prerecorded":true}}]}}}}"#
        )
    };
    let (one, two, three) = (call(1), call(2), call(3));
    let mut lines = vec![&*residence, &agreed, &one, &two, &three, RECORDED];
    assert_eq!(codes(&lines), []);
    let found = of_number(
        "number_check",
        r#","reassigned":true,"at":"2026-05-03T00:00:00Z""#,
    );
    lines.insert(2, &found);
    assert_eq!(codes(&lines), [Code::Prerecorded3In30]);
}

#[test]
fn from_its_date_on_a_stop_at_one_number_stops_all() {
    // The last day of January 2027 in Georgia begins 272 days later, less ten hours.
    let until = format!(r#"{{"Wait":{}}}"#, 272 * 86_400 - 10 * 3_600);
    let before = format!(r#"{{"Wait":{}}}"#, 272 * 86_400 - 16 * 3_600);
    let other = r#"{"Tell":{"account_id":"A","phones":[{"number":"+14045550101","line_type":"wireless"}]}}"#;
    let stop = fact(
        "A",
        "revocation",
        r#""phone":"+14045550101","at":"2026-05-03T00:00:00Z""#,
    );
    let ask = |wait: &str, at: &str| {
        let agreed = given("prerecorded", &format!(r#","at":"{at}""#));
        let fresh = r#"{"Tell":{"account_id":"A"}}"#;
        let hits = told(&[other, &agreed, &stop, wait, fresh], RECORDED);
        hits.contains(&Code::ConsentRevoked)
    };
    assert!(!ask(&before, "2026-05-02T00:00:00Z"));
    assert!(ask(&until, "2026-05-02T00:00:00Z"));
    assert!(!ask(&until, "2026-05-03T00:00:01Z"));
}

#[test]
fn what_was_asked_of_a_whole_account_reaches_a_debt_serviced_as_one_with_its_own() {
    let own = |id: &str, debts: &str| {
        format!(
            r#"{{"Tell":{{"account_id":"{id}","person_id":"P","zip":"30301","debts":[{debts}],"phones":[{{"number":"+14045550100","line_type":"wireless"}}]}}}}"#
        )
    };
    let shared = |id: &str| format!(r#"{{"debt_id":"{id}","group":"G"}}"#);
    let here = own("A", &format!(r#"{},{{"debt_id":"D1"}}"#, shared("D0")));
    let there = own("B", &format!(r#"{},{{"debt_id":"D3"}}"#, shared("D2")));
    let about = |debt: &str| {
        CALL.replace(
            r#""account":"A""#,
            &format!(r#""account":"A","debts":["{debt}"]"#),
        )
    };
    for (kind, code) in [("cease", Code::Cease), ("attorney", Code::Attorney)] {
        let asked = fact("B", kind, r#""form":"written""#);
        let lines = |debt: &str| codes(&[&here, &there, &asked, &about(debt)]);
        assert_eq!(lines("D0"), [code]);
        assert_eq!(lines("D1"), []);
        // Before they were one, too.
        let alone = here.replace(r#","group":"G""#, "");
        let lines = [&*alone, &there, &asked, &here, &about("D0")];
        assert_eq!(codes(&lines), [code]);
    }
}

#[test]
fn the_notice_after_a_cease_goes_out_once_for_debts_serviced_as_one() {
    let account = |id: &str, debt: &str| {
        format!(
            r#"{{"Tell":{{"account_id":"{id}","person_id":"P","zip":"30301","debts":[{{"debt_id":"{debt}","group":"G"}}]}}}}"#
        )
    };
    let (here, there) = (account("A", "D0"), account("B", "D1"));
    let asked = fact(
        "B",
        "cease",
        r#""form":"written","at":"2026-05-01T00:00:00Z""#,
    );
    let letter = r#"{"Ask":{"account":"A","channel":"mail","action":"letter","purpose":"terminate_efforts","scope":true}}"#;
    let elsewhere = letter.replace(r#""account":"A""#, r#""account":"B""#);
    let wait = r#"{"Wait":400}"#;
    let lines = [&*here, &there, &asked, letter];
    assert_eq!(codes(&lines), []);
    for again in [letter, &elsewhere] {
        let lines = [&*here, &there, &asked, letter, wait, again];
        assert_eq!(codes(&lines), [Code::Cease]);
    }
    let sent = r#"{"Tell":{"account_id":"A","attempts":[{"at":"2026-05-02T15:00:00Z","channel":"mail","outcome":"sent","purpose":"terminate_efforts"}]}}"#;
    assert_eq!(
        codes(&[&here, &there, &asked, sent, &elsewhere]),
        [Code::Cease]
    );
}

const MAILED: &str =
    r#"{"Ask":{"account":"A","email":"ann@example.com","channel":"email","action":"email"}}"#;

fn of_address(kind: &str, rest: &str) -> String {
    fact("A", kind, &format!(r#""address":"ann@example.com"{rest}"#))
}

#[test]
fn a_consent_to_e_mail_dated_after_a_revocation_restores_it_in_whatever_order() {
    let file = r#"{"Tell":{"account_id":"A","emails":[{"address":"ann@example.com"}]}}"#;
    let given = |at: &str| {
        let rest = format!(r#","consent":["email"],"given_to":"collector"{at}"#);
        of_address("consent", &rest)
    };
    let day = |day: &str| format!(r#","at":"2026-04-{day}T00:00:00Z""#);
    let taken = of_address("revocation", &day("10"));
    let refused = of_address("contact_opt_out", &day("10"));
    let open = |lines: &[&String]| {
        let lines: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        told(&[&[file], &lines[..]].concat(), MAILED).is_empty()
    };
    let (before, after) = (given(&day("01")), given(&day("20")));
    assert!(open(&[&before]) && open(&[&given("")]));
    assert!(open(&[&taken, &after]) && open(&[&after, &taken]));
    assert!(open(&[&before, &taken, &after, &taken, &before]));
    for lesser in [before, given(""), given(&day("10"))] {
        assert!(
            !open(&[&taken, &lesser]) && !open(&[&lesser, &taken]),
            "{lesser}"
        );
    }
    let again = of_address("revocation", &day("25"));
    assert!(!open(&[&taken, &after, &again]) && !open(&[&again, &taken, &after]));
    // Of a refusal of the address only who lifts it makes an end.
    assert!(!open(&[&refused, &after]) && !open(&[&after, &refused]));
    let used = of_address(
        "inbound",
        r#","inbound":"inbound_email","at":"2026-04-20T00:00:00Z""#,
    );
    assert!(open(&[&used]) && !open(&[&taken, &used]));
}

#[test]
fn a_consent_given_after_a_number_was_found_reassigned_stands() {
    let text = r#"{"Ask":{"account":"A","phone":"+14045550100","channel":"sms","action":"text"}}"#;
    let found = of_number(
        "number_check",
        r#","reassigned":true,"at":"2026-04-20T00:00:00Z""#,
    );
    for (to, ask) in [("prerecorded", RECORDED), ("text", text)] {
        let after = given(to, r#","at":"2026-04-21T00:00:00Z""#);
        let before = given(to, r#","at":"2026-04-20T00:00:00Z""#);
        for order in [[&after, &found], [&found, &after]] {
            assert_eq!(told(&[order[0], order[1]], ask), [], "{to}");
        }
        for lesser in [&before, &given(to, "")] {
            for order in [[lesser, &found], [&found, lesser]] {
                let hits = told(&[order[0], order[1]], ask);
                assert_eq!(hits, [Code::NumberReassigned], "{to}");
            }
        }
    }
}

#[test]
fn a_text_from_a_number_that_was_found_reassigned_restores_nothing() {
    let text = r#"{"Ask":{"account":"A","phone":"+14045550100","channel":"sms","action":"text"}}"#;
    let found = of_number(
        "number_check",
        r#","reassigned":true,"at":"2026-04-20T00:00:00Z""#,
    );
    let wrote = of_number(
        "inbound",
        r#","inbound":"inbound_text","at":"2026-05-01T00:00:00Z""#,
    );
    assert_eq!(told(&[&wrote], text), []);
    for order in [[&wrote, &found], [&found, &wrote]] {
        let hits = told(&[order[0], order[1]], text);
        assert_eq!(hits, [Code::NumberReassigned]);
    }
}

#[test]
fn debts_become_one_whichever_was_known_before() {
    let account = |id: &str, debt: &str| {
        format!(
            r#"{{"Tell":{{"account_id":"{id}","person_id":"P","zip":"30301","debts":[{{"debt_id":"{debt}"}}],"phones":[{{"number":"+14045550100","line_type":"wireless"}}]}}}}"#
        )
    };
    let group = |id: &str, debt: &str| {
        format!(
            r#"{{"Tell":{{"account_id":"{id}","debts":[{{"debt_id":"{debt}","group":"G"}}]}}}}"#
        )
    };
    let spoke = r#"{"Tell":{"account_id":"B","attempts":[{"at":"2026-05-03T15:00:00Z","outcome":"conversation"}]}}"#;
    let (here, there) = (account("A", "D0"), account("B", "D1"));
    let (one, other) = (group("A", "D0"), group("B", "D1"));
    assert_eq!(codes(&[&here, &there, spoke, CALL]), []);
    for order in [[&one, &other], [&other, &one]] {
        let lines = [&*here, &there, spoke, order[0], order[1], CALL];
        assert_eq!(codes(&lines), [Code::CallAfterConversation]);
    }
}
