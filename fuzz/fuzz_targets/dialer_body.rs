//! Whatever the body, as JSON and as a form, through each shipped mapping: no panic, and what is
//! accepted is within its bounds and names somebody. Whatever the text of a mapping: no panic, and
//! what is accepted reads back as it is written.

#![no_main]

use std::sync::LazyLock;

use dialgate::domain::time::UnixSeconds;
use dialgate::wire::dialer::{DialerMapping, Document, Encoding, Message, Read};
use dialgate::wire::limits::CALLER_TEXT_BYTES_MAX;
use libfuzzer_sys::fuzz_target;

static SHIPPED: LazyLock<Vec<DialerMapping>> = LazyLock::new(|| {
    let texts = [
        include_str!("../../config/dialers/five9.toml"),
        include_str!("../../config/dialers/convoso.toml"),
        include_str!("../../config/dialers/generic.toml"),
    ];
    let read = texts.map(|text| DialerMapping::from_toml(text).expect("what ships is right"));
    read.into()
});

fuzz_target!(|body: &[u8]| {
    for encoding in [Encoding::Json, Encoding::Form] {
        let Ok(document) = Document::read(body, encoding) else {
            continue;
        };
        for mapping in &*SHIPPED {
            let Ok(Read::Call(call)) = mapping.read(&document) else {
                continue;
            };
            let texts = [
                &call.call_id,
                &call.account_id,
                &call.phone,
                &call.email,
                &call.agent_id,
                &call.campaign_id,
                &call.cause,
                &call.meant.unmapped,
            ];
            for text in texts.into_iter().flatten() {
                assert!((1..=CALLER_TEXT_BYTES_MAX).contains(&text.len()));
            }
            assert!(call.account_id.is_some() || call.phone.is_some() || call.email.is_some());
            let message = Message {
                id: None,
                body,
                now: UnixSeconds(1_778_004_000),
            };
            if let Ok(said) = call.report("fuzz", message) {
                assert!(
                    said.call_id
                        .is_some_and(|id| id.len() <= CALLER_TEXT_BYTES_MAX)
                );
            }
        }
    }
    let Ok(text) = std::str::from_utf8(body) else {
        return;
    };
    if let Ok(mapping) = DialerMapping::from_toml(text) {
        let written = mapping.to_toml().expect("a mapping can be written");
        assert_eq!(DialerMapping::from_toml(&written), Ok(mapping));
    }
});
