//! Credentials, and what is none.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::credential::{Presented, holder};
use super::signature::WINDOW_S;
use crate::domain::time::UnixSeconds;
use crate::gateway::dialers::{Dialer, DialerFolder, DialerSet, WebhookPath};
use crate::wire::dialer::DialerKind;

/// The example of the Standard Webhooks specification and its reference libraries.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// A dialer whose credential is `credential`, its secret in the file `secret`.
fn dialers(all: &[(&str, &str, &str)]) -> Vec<Arc<Dialer>> {
    let dir = tempfile::tempdir().unwrap();
    for (id, credential, secret) in all {
        let own = dir.path().join("secrets/a");
        std::fs::create_dir_all(&own).unwrap();
        std::fs::write(own.join(id), secret).unwrap();
        let text = format!(
            "tenant = \"a\"\nkind = \"generic\"\n[fields]\nphone = \"p\"\ndisposition = \"d\"\n[outcomes]\n\
             no_answer = \"NA\"\n[credential]\n{credential}\nsecret_files = [\"{id}\"]\n"
        );
        std::fs::write(dir.path().join(format!("{id}.toml")), text).unwrap();
    }
    let folder = DialerFolder {
        dir: dir.path().to_owned(),
        secrets_dir: dir.path().join("secrets"),
        variable: |_| None,
    };
    let set: DialerSet = folder.look().read.unwrap();
    let path = WebhookPath::Kind(DialerKind::Generic);
    set.on_path(path).cloned().collect()
}

fn headers(all: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in all {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn found(
    dialers: &[Arc<Dialer>],
    sent: &[(&str, &str)],
    query: &str,
    body: &[u8],
    now: i64,
) -> Option<String> {
    let presented = Presented {
        headers: &headers(sent),
        query,
        body,
        now: UnixSeconds(now),
    };
    holder(&presented, dialers).map(|dialer| dialer.id.to_string())
}

fn signed(id: &str, at: &str, body: &[u8]) -> String {
    let key = STANDARD
        .decode(SECRET.strip_prefix("whsec_").unwrap())
        .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let bytes = [id.as_bytes(), b".", at.as_bytes(), b".", body].concat();
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, &bytes)))
}

#[test]
fn the_published_vector_is_believed_and_one_byte_more_is_not() {
    let all = dialers(&[("h", "kind = \"hmac\"", SECRET)]);
    let at = AT.to_string();
    let sent = [
        ("webhook-id", ID),
        ("webhook-timestamp", &at),
        ("webhook-signature", SIGNATURE),
    ];
    assert_eq!(signed(ID, &at, BODY), SIGNATURE);
    assert_eq!(found(&all, &sent, "", BODY, AT).as_deref(), Some("h"));
    for n in 0..BODY.len() {
        let mut body = BODY.to_vec();
        body[n] ^= 1;
        assert_eq!(found(&all, &sent, "", &body, AT), None, "byte {n}");
    }
    assert_eq!(found(&all, &sent, "", &BODY[1..], AT), None);
    assert_eq!(found(&[], &sent, "", BODY, AT), None);
}

#[test]
fn the_window_is_five_minutes_either_way() {
    let all = dialers(&[("h", "kind = \"hmac\"", SECRET)]);
    let at = AT.to_string();
    let sent = [
        ("webhook-id", ID),
        ("webhook-timestamp", &at),
        ("webhook-signature", SIGNATURE),
    ];
    for (offset, believed) in [
        (0, true),
        (WINDOW_S, true),
        (-WINDOW_S, true),
        (WINDOW_S + 1, false),
        (-WINDOW_S - 1, false),
    ] {
        assert_eq!(
            found(&all, &sent, "", BODY, AT + offset).is_some(),
            believed,
            "{offset}"
        );
    }
}

#[test]
fn one_good_signature_among_several_is_enough_and_a_bad_header_is_not() {
    let all = dialers(&[("h", "kind = \"hmac\"", SECRET)]);
    let at = AT.to_string();
    let believed = |sent: &[(&str, &str)]| found(&all, sent, "", BODY, AT).is_some();
    let with = |signature: &str| {
        believed(&[
            ("webhook-id", ID),
            ("webhook-timestamp", &at),
            ("webhook-signature", signature),
        ])
    };
    let other = format!("v1,{}", STANDARD.encode([7; 32]));
    assert!(with(&format!("{other} v1a,x {SIGNATURE}")));
    for bad in [
        "",
        "v1,",
        "v1",
        &other,
        &SIGNATURE.replace("v1,", "v2,"),
        &format!("{SIGNATURE},"),
        SIGNATURE.get(..40).unwrap(),
    ] {
        assert!(!with(bad), "{bad}");
    }
    let many = format!("{} {SIGNATURE}", vec![other.as_str(); 16].join(" "));
    assert!(!with(&many), "only sixteen are looked at");
    let good = [
        ("webhook-id", ID),
        ("webhook-timestamp", &*at),
        ("webhook-signature", SIGNATURE),
    ];
    assert!(believed(&good));
    for missing in 0..3 {
        let mut sent = good.to_vec();
        let twice = sent.remove(missing);
        assert!(!believed(&sent), "{missing} missing");
        sent.extend([twice, twice]);
        assert!(!believed(&sent), "{missing} twice");
    }
    for at in [
        "",
        "x",
        "+1614265330",
        "1614265330.0",
        "99999999999999999999",
    ] {
        let signature = signed(ID, at, BODY);
        assert!(
            !believed(&[
                ("webhook-id", ID),
                ("webhook-timestamp", at),
                ("webhook-signature", &signature)
            ]),
            "{at}"
        );
    }
}

#[test]
fn tokens_stand_in_the_header_or_parameter_named_and_nowhere_else() {
    let secret = "a-token-of-24-characters".to_owned();
    let header = dialers(&[("t", "kind = \"token\"\nheader = \"X-Dialer\"", &secret)]);
    let in_header =
        |name: &str, value: &str| found(&header, &[(name, value)], "", BODY, AT).is_some();
    assert!(in_header("x-dialer", &secret));
    assert!(in_header("x-dialer", &format!("Bearer {secret}")));
    assert!(!in_header("x-dialer", secret.get(1..).unwrap()));
    assert!(!in_header("x-dialer", &format!("{secret}x")));
    assert!(!in_header("x-other", &secret));
    assert_eq!(
        found(
            &header,
            &[("x-dialer", &secret), ("x-dialer", &secret)],
            "",
            BODY,
            AT
        ),
        None
    );
    let query = dialers(&[("q", "kind = \"token\"\nquery = \"key\"", &secret)]);
    for (text, believed) in [
        (format!("key={secret}"), true),
        (format!("a=b&k%65y={secret}&c"), true),
        (format!("key={secret}&key={secret}"), false),
        (format!("Key={secret}"), false),
        ("key=".to_owned(), false),
        (String::new(), false),
    ] {
        assert_eq!(
            found(&query, &[], &text, BODY, AT).is_some(),
            believed,
            "{text}"
        );
    }
    assert_eq!(found(&query, &[("key", &secret)], "", BODY, AT), None);
}

#[test]
fn basic_is_user_and_password() {
    let all = dialers(&[(
        "b",
        "kind = \"basic\"\nuser = \"five9\"",
        "a-password-of-24-letters",
    )]);
    let sent = |scheme: &str, pair: &str| {
        let value = format!("{scheme} {}", STANDARD.encode(pair));
        found(&all, &[("authorization", &value)], "", BODY, AT).is_some()
    };
    assert!(sent("Basic", "five9:a-password-of-24-letters"));
    assert!(sent("basic", "five9:a-password-of-24-letters"));
    for pair in [
        "five9:",
        "five8:a-password-of-24-letters",
        "a-password-of-24-letters",
        "five9:a-password-of-24-letter",
    ] {
        assert!(!sent("Basic", pair), "{pair}");
    }
    assert!(!sent("Bearer", "five9:a-password-of-24-letters"));
    assert_eq!(
        found(&all, &[("authorization", "Basic %")], "", BODY, AT),
        None
    );
}

#[test]
fn of_several_dialers_the_credential_chooses() {
    let all = dialers(&[
        (
            "one",
            "kind = \"token\"\nheader = \"k\"",
            "token-of-the-first-one",
        ),
        (
            "two",
            "kind = \"token\"\nheader = \"k\"",
            "token-of-the-second-one",
        ),
        ("three", "kind = \"hmac\"", SECRET),
    ]);
    assert_eq!(
        found(&all, &[("k", "token-of-the-first-one")], "", BODY, AT).as_deref(),
        Some("one")
    );
    assert_eq!(
        found(&all, &[("k", "token-of-the-second-one")], "", BODY, AT).as_deref(),
        Some("two")
    );
    assert_eq!(
        found(&all, &[("k", "token-of-the-third-one")], "", BODY, AT),
        None
    );
}

/// WEBHOOK-2: whoever fits first, the others of the path are tried, too: the last that fits is taken.
#[test]
fn all_dialers_of_a_path_are_tried() {
    let token = "kind = \"token\"\nheader = \"k\"";
    let secret = "token-of-whoever-has-it";
    let mut all = dialers(&[("one", token, secret)]);
    all.extend(dialers(&[("two", token, secret)]));
    all.extend(dialers(&[("three", token, "another-token-than-that")]));
    assert_eq!(
        found(&all, &[("k", secret)], "", BODY, AT).as_deref(),
        Some("two")
    );
}

/// WEBHOOK-2: secrets, digests and signatures are compared by one function, whose time tells nothing of
/// them, and no loop over them ends early. Time itself is not measured here.
#[test]
fn secrets_are_compared_in_constant_time_and_all() {
    let credential = include_str!("credential.rs");
    let signature = include_str!("signature.rs");
    let body = |text: &'static str, name: &str| {
        let (_, rest) = text.split_once(name).unwrap();
        let (_, rest) = rest.split_once("for ").unwrap();
        rest.split_once("\n}").unwrap().0
    };
    let compares = "verify_slices_are_equal(";
    let of_dialer = body(credential, "fn is_of(");
    let of_signature = body(signature, "fn is_of(");
    assert_eq!(of_dialer.matches(compares).count(), 1);
    assert_eq!(of_signature.matches(compares).count(), 1);
    for looped in [of_dialer, of_signature, body(credential, "fn holder(")] {
        for early in ["return", "break", "==", "any(", "find(", "||", "?"] {
            assert!(!looped.contains(early), "{early} in {looped}");
        }
    }
}
