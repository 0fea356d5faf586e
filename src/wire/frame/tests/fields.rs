//! FRAME-3: an intent in a frame is what it is in JSON, and refused as it is there.

use serde_json::{Map, Value};

use super::*;
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::intent::{self, AskRequest};

fn asked(intent: &Intent<'_>) -> Result<AskRequest, FieldError> {
    let payload = payload(Kind::Intent, intent);
    open_intent(&payload, false).unwrap().asked
}

/// The same intent as a JSON body.
fn json(intent: &Intent<'_>) -> Vec<u8> {
    let texts = [
        ("account_id", &intent.account_id),
        ("phone", &intent.phone),
        ("channel", &intent.channel),
        ("action_type", &intent.action_type),
        ("source_system", &intent.source_system),
        ("request_id", &intent.request_id),
        ("person_id", &intent.person_id),
        ("party_role", &intent.party_role),
        ("dial_mode", &intent.dial_mode),
        ("purpose", &intent.purpose),
        ("in_response_to", &intent.in_response_to),
        ("to_place", &intent.to_place),
        ("campaign_id", &intent.campaign_id),
        ("agent_id", &intent.agent_id),
        ("email", &intent.email),
    ];
    let said = texts.into_iter().filter_map(|(name, text)| {
        let text = text.as_ref()?.clone().into_owned();
        Some((name.to_owned(), Value::String(text)))
    });
    let mut body: Map<String, Value> = said.collect();
    let debts: Vec<Value> = (intent.debt_ids.iter())
        .map(|text| Value::String(text.clone().into_owned()))
        .collect();
    body.insert("debt_ids".to_owned(), Value::Array(debts));
    body.insert("dry_run".to_owned(), Value::Bool(intent.dry_run));
    serde_json::to_vec(&body).unwrap()
}

/// Everything but what a key binds: bytes of the one are not bytes of the other.
fn alike(intent: &Intent<'_>) {
    let (framed, in_json) = (asked(intent), intent::decode(&json(intent), None, false));
    match (framed, in_json) {
        (Ok(framed), Ok(in_json)) => {
            let spelt = |ask: &AskRequest| format!("{:?}", ask.intent);
            assert_eq!(spelt(&framed), spelt(&in_json));
            assert_eq!(framed.echo, in_json.echo);
            assert_eq!(
                framed.key.map(|key| key.text),
                in_json.key.map(|key| key.text)
            );
            assert_eq!(framed.request_id, in_json.request_id);
            assert_eq!(framed.campaign_id, in_json.campaign_id);
            assert_eq!(framed.agent_id, in_json.agent_id);
            assert_eq!(framed.to_place, in_json.to_place);
        }
        (framed, in_json) => assert_eq!(framed.unwrap_err(), in_json.unwrap_err()),
    }
}

/// Each text field of an intent.
fn texts<'i>(intent: &'i mut Intent<'static>) -> [&'i mut Option<Cow<'static, str>>; 15] {
    [
        &mut intent.account_id,
        &mut intent.phone,
        &mut intent.channel,
        &mut intent.action_type,
        &mut intent.source_system,
        &mut intent.request_id,
        &mut intent.person_id,
        &mut intent.party_role,
        &mut intent.dial_mode,
        &mut intent.purpose,
        &mut intent.in_response_to,
        &mut intent.to_place,
        &mut intent.campaign_id,
        &mut intent.agent_id,
        &mut intent.email,
    ]
}

#[test]
fn every_field_lands_where_that_of_json_does() {
    alike(&sample());
    for at in 0..15 {
        for text in ["", "sms", "email", "P-1", "spouse", "preview", "reply"] {
            let mut one = sample();
            *texts(&mut one)[at] = said(text);
            alike(&one);
        }
        let mut without = sample();
        *texts(&mut without)[at] = None;
        alike(&without);
    }
    alike(&Intent::default());
    alike(&Intent {
        debt_ids: vec!["D-1".into(), "D-2".into()],
        dry_run: true,
        purpose: said("reminder"),
        to_place: said("school"),
        ..sample()
    });
}

#[test]
fn texts_of_64_bytes_pass_and_65_do_not() {
    for at in 0..15 {
        for length in [64, 65] {
            let mut one = sample();
            *texts(&mut one)[at] = Some("x".repeat(length).into());
            alike(&one);
            let refused = asked(&one).is_err_and(|error| error.code == FieldCode::TooLong);
            assert_eq!(refused, length == 65, "field {at}");
        }
    }
    let debts = |count: usize, bytes: usize| Intent {
        debt_ids: vec![Cow::Owned("d".repeat(bytes)); count],
        ..sample()
    };
    assert!(asked(&debts(32, 64)).is_ok());
    for (count, bytes) in [(32, 64), (33, 1), (1, 65), (33, 65)] {
        alike(&debts(count, bytes));
    }
}

#[test]
fn a_key_binds_the_payload_alone_and_in_a_batch() {
    let keyed = Intent {
        request_id: said("r-1"),
        ..sample()
    };
    let bytes = payload(Kind::Intent, &keyed);
    let key = |bytes: &[u8]| open_intent(bytes, false).unwrap().asked.unwrap().key;
    let alone = key(&bytes).unwrap();
    assert_eq!(&*alone.text, "r-1");
    let batch = framed(
        Kind::Intents,
        1,
        &Intents {
            intents: vec![payload(Kind::Intent, &sample()), bytes],
        },
    );
    let (frames, _) = read(&[&batch]);
    let Ok(Said::Intents(batch)) = Said::open(&frames[0]) else {
        panic!("no batch");
    };
    assert_eq!(key(&batch.intents[0]), None);
    assert_eq!(key(&batch.intents[1]), Some(alone.clone()));
    let other = Intent {
        dry_run: true,
        ..keyed
    };
    let other = key(&payload(Kind::Intent, &other)).unwrap();
    assert_eq!(other.text, alone.text);
    assert_ne!(other.body, alone.body);
}

#[test]
fn exceptions_come_from_the_credential_and_texts_from_the_frame() {
    let explain = Intent {
        explain: true,
        ..sample()
    };
    let bytes = payload(Kind::Intent, &explain);
    let opened = open_intent(&bytes, true).unwrap();
    assert!(opened.explain && opened.asked.unwrap().intent.exception_scope);
    let bytes = payload(Kind::Intent, &sample());
    let opened = open_intent(&bytes, false).unwrap();
    assert!(!opened.explain && !opened.asked.unwrap().intent.exception_scope);
}
