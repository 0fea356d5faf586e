//! Whatever the body: no panic; what is accepted is within its bounds; the answer is JSON that
//! repeats the caller's spelling and, without a decision, allows nothing.

#![no_main]

use dialgate::wire::answer::{self, Fault};
use dialgate::wire::limits::{CALLER_TEXT_BYTES_MAX, DEBT_IDS_MAX};
use dialgate::wire::{disposition, intent};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    drop(disposition::decode(body));
    let key = body.get(..body.len().min(70));
    let Ok(ask) = intent::decode(body, key.filter(|key| key.len() > 8), false) else {
        return;
    };
    let texts = [
        Some(&*ask.intent.account_id),
        Some(&*ask.intent.source_system),
        Some(ask.echo.channel()),
        ask.request_id.as_deref(),
        ask.campaign_id.as_deref(),
        ask.agent_id.as_deref(),
        ask.to_place.as_deref(),
        ask.key.as_ref().map(|key| &*key.text),
    ];
    for text in texts.into_iter().flatten() {
        assert!(text.len() <= CALLER_TEXT_BYTES_MAX);
    }
    assert!(ask.intent.debt_ids.len() <= DEBT_IDS_MAX);
    assert!(!ask.intent.exception_scope);

    let fault = Fault {
        code: "FUZZ",
        field: None,
        message: "fuzz",
    };
    let answer = answer::system_error(Some("t"), Some(&ask.echo), &fault, "r");
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("answers are JSON");
    assert_eq!(answer["allow"], false);
    assert_eq!(answer["account_id"], *ask.intent.account_id);
    assert_eq!(answer["channel"], *ask.echo.channel());
    assert_eq!(answer["source_system"], *ask.intent.source_system);
});
