//! Whole mappings and whole bodies.

use serde_json::json;

use super::*;
use crate::domain::outcome::Reported;
use crate::domain::time::UnixSeconds;
use crate::domain::words::Channel;
use crate::wire::disposition::{ChannelBasis, Direction};
use crate::wire::field::{FieldCode, FieldError};

const FIVE9: &str = include_str!("../../../config/dialers/five9.toml");
const CONVOSO: &str = include_str!("../../../config/dialers/convoso.toml");
const GENERIC: &str = include_str!("../../../config/dialers/generic.toml");
/// With a cause, and talk that tells.
const CAUSED: &str = "tenant = \"a\"\nkind = \"generic\"\nconversation_after_s = 30\n[fields]\n\
    account_id = [\"a\"]\ndisposition = [\"d\", \"e\"]\nduration = [\"s\"]\ncause = [\"c\"]\n\
    channel = [\"ch\"]\ncall_id = [\"id\"]\nphone = [\"p\"]\noccurred_at = [\"t\"]\n\
    [causes]\nnot_connected = [\"404\", \"486\"]\n\
    [outcomes]\nbusy = [\"Busy\"]\nnot_connected = [\"Dead\"]\nno_answer = [\"NA\"]\nnot_a_call = [\"Internal\"]\n";

fn mapping(text: &str) -> DialerMapping {
    DialerMapping::from_toml(text).unwrap()
}

fn read(mapping: &DialerMapping, body: &str) -> Result<Read, FieldError> {
    mapping.read(&Document::read(body.as_bytes(), Encoding::Json).unwrap())
}

fn call(mapping: &DialerMapping, body: &str) -> DialerCall {
    match read(mapping, body) {
        Ok(Read::Call(call)) => *call,
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn what_five9_sends_reads_through_the_shipped_mapping_nested_and_as_a_form() {
    let mapping = mapping(FIVE9);
    let nested = r#"{"call":{"call_id":"300000000115255","number":"8185551234","disposition_name":"No Answer",
        "end_timestamp":"20260505110000000","length":"00:00:21","campaign_name":"Spring",
        "type_name":"Outbound","mediatype":"Voice"},"agent":{"user_name":"kim"},"account_id":"ACC-1"}"#;
    let form =
        b"call.call_id=300000000115255&call.number=8185551234&call.disposition_name=No+Answer\
        &call.end_timestamp=2026-05-05+11%3A00%3A00&call.length=21&call.campaign_name=Spring\
        &call.type_name=Outbound&call.mediatype=Voice&agent.user_name=kim&account_id=ACC-1";
    let expected = DialerCall {
        call_id: Some("300000000115255".into()),
        account_id: Some("ACC-1".into()),
        phone: Some("8185551234".into()),
        email: None,
        meant: Meant {
            outcome: Reported::NoAnswer,
            unmapped: None,
            unmapped_channel: None,
        },
        occurred_at: Some(UnixSeconds(1_778_004_000)),
        duration_s: Some(21),
        agent_id: Some("kim".into()),
        campaign_id: Some("Spring".into()),
        direction: Direction::Outbound,
        channel: Channel::Phone,
        channel_basis: ChannelBasis::Said,
        audit_id: None,
        cause: None,
    };
    assert_eq!(call(&mapping, nested), expected);
    let form = Document::read(form, Encoding::Form).unwrap();
    assert_eq!(mapping.read(&form), Ok(Read::Call(Box::new(expected))));
}

#[test]
fn what_convoso_sends_reads_through_the_shipped_mapping() {
    let mapping = mapping(CONVOSO);
    let body = |status: &str| {
        format!(
            r#"{{"call_log_id":9007199254740993,"vendor_lead_code":"ACC-1","number_dialed":"+18185551234",
            "status":"{status}","status_name":"x","call_length":"12","call_date":"2026-05-05 11:00:00","user_id":"77"}}"#
        )
    };
    let first = call(&mapping, &body("NA"));
    assert_eq!(
        first.call_id.as_deref(),
        Some("9007199254740993"),
        "no digit is lost"
    );
    assert_eq!(first.occurred_at, Some(UnixSeconds(1_778_004_000)));
    for (status, outcome) in [
        ("B", Reported::Busy),
        ("CG", Reported::NotConnected),
        ("CGT", Reported::NotConnected),
        ("CPDB", Reported::Busy),
        ("CPDINV", Reported::OutOfService),
        ("CPDREJ", Reported::NotConnected),
        ("DC", Reported::OutOfService),
        ("NA", Reported::NoAnswer),
        ("CPDNA", Reported::NoAnswer),
        ("CPDXX", Reported::NoAnswer),
        ("AA", Reported::Voicemail),
        ("AM", Reported::Voicemail),
        ("AL", Reported::Voicemail),
        ("DROP", Reported::Dropped),
        ("PDROP", Reported::Dropped),
        ("DNCL", Reported::DoNotCall),
        ("DNCC", Reported::DoNotCall),
    ] {
        let meant = call(&mapping, &body(status)).meant;
        assert_eq!((meant.outcome, meant.unmapped), (outcome, None), "{status}");
    }
}

#[test]
fn five9_names_mean_what_they_are_published_to_mean() {
    let mapping = mapping(FIVE9);
    for (name, outcome) in [
        ("Busy", Reported::Busy),
        ("dial_error", Reported::NotConnected),
        ("Operator Intercept", Reported::OutOfService),
        ("RESOURCE UNAVAILABLE", Reported::NotConnected),
        ("System Error", Reported::NotConnected),
        ("No Answer", Reported::NoAnswer),
        ("Timeout", Reported::NoAnswer),
        ("Answering Machine", Reported::Voicemail),
        ("Sent To Voicemail", Reported::Voicemail),
        ("Abandon", Reported::Dropped),
        ("Do Not Call", Reported::DoNotCall),
    ] {
        assert_eq!(
            mapping.outcomes.find(name),
            Some(Meaning::Outcome(outcome)),
            "{name}"
        );
    }
    assert_eq!(
        mapping.outcomes.find("Internal Call"),
        Some(Meaning::NotACall)
    );
}

/// A dialer that can be told what to send may say every word there is.
#[test]
fn the_generic_mapping_knows_every_word_as_itself() {
    let mapping = mapping(GENERIC);
    for word in Reported::ALL {
        let means = mapping.outcomes.find(word.as_str());
        assert_eq!(means, Some(Meaning::Outcome(*word)), "{}", word.as_str());
    }
    for shipped in [FIVE9, CONVOSO, GENERIC] {
        assert_eq!(self::mapping(shipped).credential, None, "closed as shipped");
    }
}

/// Names invariant DIALER-1.
#[test]
fn an_unknown_name_counts_and_long_talk_under_it_is_a_conversation() {
    let mapping = mapping(CAUSED);
    for (body, outcome, unmapped) in [
        (
            r#"{"a":"1","d":"Mystery"}"#,
            Reported::Dropped,
            Some("Mystery"),
        ),
        (
            r#"{"a":"1","d":"Mystery","s":29}"#,
            Reported::Dropped,
            Some("Mystery"),
        ),
        (
            r#"{"a":"1","d":"Mystery","s":30}"#,
            Reported::Conversation,
            Some("Mystery"),
        ),
        (
            r#"{"a":"1","d":"Mystery","s":29.01}"#,
            Reported::Conversation,
            Some("Mystery"),
        ),
        (r#"{"a":"1","d":"NA","s":99}"#, Reported::NoAnswer, None),
        (
            r#"{"a":"1","d":"Mystery","e":"na"}"#,
            Reported::NoAnswer,
            None,
        ),
        (
            r#"{"a":"1","d":"Mystery","ch":"sms"}"#,
            Reported::Sent,
            Some("Mystery"),
        ),
        (
            r#"{"a":"1","d":"Mystery","ch":"carrier pigeon"}"#,
            Reported::Dropped,
            Some("Mystery"),
        ),
    ] {
        let meant = call(&mapping, body).meant;
        assert_eq!(
            (meant.outcome, meant.unmapped.as_deref()),
            (outcome, unmapped),
            "{body}"
        );
    }
    assert_eq!(read(&mapping, r#"{"d":"Internal"}"#), Ok(Read::NotACall));
    let long = format!(r#"{{"a":"1","d":"{}"}}"#, "\u{e9}".repeat(40));
    let unmapped = call(&mapping, &long).meant.unmapped.unwrap();
    assert_eq!(unmapped.len(), 64);
}

/// Names invariant DIALER-2.
#[test]
fn an_unknown_channel_is_told_and_the_mappings_own_is_assumed() {
    let mapping = mapping(&format!("{CAUSED}[channels]\nsms = [\"Text\"]\n"));
    for (said, channel, basis, unmapped) in [
        ("", Channel::Phone, ChannelBasis::Assumed, None),
        (r#","ch":"text""#, Channel::Sms, ChannelBasis::Said, None),
        (r#","ch":"Email""#, Channel::Email, ChannelBasis::Said, None),
        (
            r#","ch":"WhatsApp""#,
            Channel::Phone,
            ChannelBasis::Unknown,
            Some("WhatsApp"),
        ),
    ] {
        let body = format!(r#"{{"a":"1","d":"NA"{said}}}"#);
        let call = call(&mapping, &body);
        assert_eq!(
            (call.channel, call.channel_basis),
            (channel, basis),
            "{body}"
        );
        assert_eq!(call.meant.unmapped_channel.as_deref(), unmapped, "{body}");
        assert_eq!(call.meant.unmapped, None);
        let message = Message {
            id: None,
            body: body.as_bytes(),
            now: UnixSeconds(0),
        };
        let said = call.report("d", message).unwrap();
        assert_eq!((said.channel, said.channel_basis), (Some(channel), basis));
    }
}

#[test]
fn an_instant_that_is_none_is_not_said() {
    let mapping = mapping(CAUSED);
    for (instant, said) in [
        ("0", None),
        ("20260505", None),
        ("\"0000-00-00 00:00:00\"", None),
        ("1778004000", Some(UnixSeconds(1_778_004_000))),
    ] {
        let body = format!(r#"{{"a":"1","d":"NA","t":{instant}}}"#);
        assert_eq!(call(&mapping, &body).occurred_at, said, "{body}");
    }
}

#[test]
fn only_a_cause_leaves_a_call_uncounted_where_one_is_read() {
    let mapping = mapping(CAUSED);
    for (body, outcome) in [
        (r#"{"a":"1","d":"Busy","c":486}"#, Reported::Busy),
        (r#"{"a":"1","d":"Dead","c":"404"}"#, Reported::NotConnected),
        (r#"{"a":"1","d":"Busy","c":200}"#, Reported::NoAnswer),
        (r#"{"a":"1","d":"Busy"}"#, Reported::NoAnswer),
        (r#"{"a":"1","d":"NA","c":404}"#, Reported::NoAnswer),
        (r#"{"a":"1","d":"Mystery","c":404}"#, Reported::Dropped),
    ] {
        assert_eq!(call(&mapping, body).meant.outcome, outcome, "{body}");
    }
}

#[test]
fn faults_of_a_body_name_the_field() {
    use FieldCode as C;
    let mapping = mapping(CAUSED);
    let long = format!(r#"{{"a":"{}","d":"NA"}}"#, "x".repeat(65));
    for (body, field, code) in [
        ("{}", "disposition", C::Missing),
        (r#"{"a":"1","d":" "}"#, "disposition", C::Missing),
        (r#"{"a":"1","d":[]}"#, "disposition", C::Missing),
        (r#"{"d":"NA"}"#, "account_id", C::Missing),
        (r#"{"a":{},"d":"NA"}"#, "account_id", C::WrongType),
        (r#"{"a":1.5,"d":"NA"}"#, "account_id", C::WrongType),
        (&long, "account_id", C::TooLong),
        (
            r#"{"a":"1","d":"NA","t":"noon"}"#,
            "occurred_at",
            C::InvalidInstant,
        ),
        (r#"{"a":"1","d":"NA","s":"long"}"#, "duration", C::WrongType),
    ] {
        assert_eq!(
            read(&mapping, body),
            Err(FieldError::of(field, code)),
            "{body}"
        );
    }
}

fn report(
    body: &str,
    id: Option<&str>,
    now: i64,
) -> Result<crate::wire::disposition::Disposition, FieldError> {
    let call = call(&mapping(CAUSED), body);
    let now = UnixSeconds(now);
    let message = Message {
        id,
        body: body.as_bytes(),
        now,
    };
    call.report("d", message)
}

#[test]
fn a_call_without_an_id_gets_one_that_its_repeats_get_again() {
    let id = |body: &str, message, now| report(body, message, now).unwrap().call_id.unwrap();
    let (plain, timed) = (
        r#"{"a":"1","d":"NA"}"#,
        r#"{"a":"1","d":"NA","t":"2026-05-05T18:00:00Z"}"#,
    );
    assert_eq!(
        &*id(r#"{"a":"1","d":"NA","id":"C-1"}"#, Some("m"), 0),
        "C-1"
    );
    assert_eq!(
        id(plain, Some("m"), 0),
        id(timed, Some("m"), 9_999),
        "the message's id decides"
    );
    assert_ne!(id(plain, Some("m"), 0), id(plain, Some("n"), 0));
    assert_eq!(
        id(timed, None, 0),
        id(timed, None, 9_999),
        "its instant tells it apart"
    );
    assert_eq!(id(plain, None, 0), id(plain, None, 299));
    assert_ne!(
        id(plain, None, 0),
        id(plain, None, 300),
        "the same words later are another call"
    );
    assert!(id(plain, None, 0).len() <= 64);
}

#[test]
fn numbers_are_read_and_a_hidden_one_needs_an_account() {
    let number = |phone: &str| report(&format!(r#"{{"a":"1","d":"NA","p":"{phone}"}}"#), None, 0);
    assert!(number("(818) 555-1234").unwrap().phone.is_some());
    assert_eq!(number("anonymous").unwrap().phone, None);
    let invalid = FieldError::of("phone", FieldCode::InvalidPhone);
    assert_eq!(number("555-12"), Err(invalid));
    assert_eq!(
        report(r#"{"d":"NA","p":"anonymous"}"#, None, 0),
        Err(invalid)
    );
}

#[test]
fn a_mapping_reads_back_as_it_is_written() {
    let credential = "[credential]\nkind = \"basic\"\nuser = \"u\"\nsecret_files = [\"a\"]\nsecret_env = \"B\"\n";
    let credited = format!("{CAUSED}{credential}");
    for text in [FIVE9, CONVOSO, GENERIC, CAUSED, &credited] {
        let first = mapping(text);
        assert_eq!(DialerMapping::from_value(first.form()), Ok(first.clone()));
        assert_eq!(mapping(&first.to_toml().unwrap()), first);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of faults")]
fn every_fault_of_a_mapping_is_named_by_its_key() {
    for (old, new, key, what) in [
        ("tenant = \"a\"", "", "tenant", "is required"),
        ("tenant = \"a\"", "tenant = 7", "tenant", "is not a text"),
        (
            "\"generic\"",
            "\"other\"",
            "kind",
            "is not one of its words",
        ),
        (
            "_s = 30",
            "_s = 0",
            "conversation_after_s",
            "is not a whole number in 1..=3600",
        ),
        ("[fields]", "x = 1\n[fields]", "x", "unknown key"),
        ("[fields]", "[fields]\nx = \"y\"", "fields.x", "unknown key"),
        (
            "[fields]",
            "time_zone = \"Nowhere\"\n[fields]",
            "time_zone",
            "is not an IANA zone name",
        ),
        (
            "[\"a\"]",
            "[\"a..b\"]",
            "fields.account_id",
            "a place has an empty key",
        ),
        (
            "[\"a\"]",
            "[7]",
            "fields.account_id",
            "is not a list of texts",
        ),
        (
            "disposition = [\"d\", \"e\"]",
            "",
            "fields.disposition",
            "is required",
        ),
        (
            "[outcomes]",
            "[outcomes]\nbored = [\"x\"]",
            "outcomes.bored",
            "unknown key",
        ),
        (
            "[\"Busy\"]",
            "[\"Busy\", \"n-a\"]",
            "outcomes.no_answer",
            "a name stands there twice",
        ),
        (
            "[\"Busy\"]",
            "[\"*\"]",
            "outcomes.busy",
            "a star stands only at the end of a name",
        ),
        (
            "cause = [\"c\"]",
            "",
            "causes",
            "has no effect without fields.cause",
        ),
        (
            "[causes]\nnot_connected = [\"404\", \"486\"]",
            "",
            "causes",
            "is required where fields.cause is given",
        ),
        (
            "duration = [\"s\"]",
            "",
            "conversation_after_s",
            "has no effect without fields.duration",
        ),
    ] {
        assert!(CAUSED.contains(old), "{old}");
        let findings = DialerMapping::from_toml(&CAUSED.replacen(old, new, 1)).unwrap_err();
        let found = findings
            .0
            .iter()
            .any(|one| one.key == key && one.what == what);
        assert!(found, "{new}: {findings}");
    }
    let both = CAUSED
        .replace("tenant = \"a\"", "x = 1")
        .replace("\"generic\"", "\"g\"");
    assert_eq!(DialerMapping::from_toml(&both).unwrap_err().0.len(), 3);
}

#[test]
fn credentials_hold_what_their_kind_reads_and_nothing_else() {
    for (credential, key) in [
        ("kind = \"hmac\"", "credential.secret_files"),
        ("kind = \"none\"\nsecret_env = \"A\"", "credential.kind"),
        ("kind = \"token\"\nsecret_env = \"A\"", "credential.header"),
        (
            "kind = \"token\"\nheader = \"a\"\nquery = \"b\"\nsecret_env = \"A\"",
            "credential.header",
        ),
        (
            "kind = \"token\"\nheader = \"a b\"\nsecret_env = \"A\"",
            "credential.header",
        ),
        (
            "kind = \"hmac\"\nquery = \"a\"\nsecret_env = \"A\"",
            "credential.query",
        ),
        (
            "kind = \"hmac\"\nuser = \"a\"\nsecret_env = \"A\"",
            "credential.user",
        ),
        ("kind = \"basic\"\nsecret_env = \"A\"", "credential.user"),
        (
            "kind = \"basic\"\nuser = \"a:b\"\nsecret_env = \"A\"",
            "credential.user",
        ),
        (
            "kind = \"hmac\"\nsecret = \"whsec_AAAA\"",
            "credential.secret",
        ),
    ] {
        let text = format!("{CAUSED}[credential]\n{credential}\n");
        let findings = DialerMapping::from_toml(&text).unwrap_err();
        assert!(
            findings.0.iter().any(|one| one.key == key),
            "{credential}: {findings}"
        );
        assert!(!findings.to_string().contains("AAAA"), "DIALER-3");
    }
}

/// Names invariant DIALER-3: not even a line that is no TOML is shown.
#[test]
fn what_is_no_toml_is_told_by_its_line() {
    let findings = DialerMapping::from_toml("a = 1\nsecret = whsec_x\n").unwrap_err();
    assert_eq!(findings.to_string(), "line 2: is not TOML");
    let not_object = DialerMapping::from_value(json!([])).unwrap_err();
    assert_eq!(not_object.to_string(), "is not an object");
}
