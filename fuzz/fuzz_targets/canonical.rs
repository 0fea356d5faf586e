//! JSON intake and the canonical form: an accepted line is written, restored, and is the same; its
//! keys are sorted; none of its texts is in the chained bytes.
#![no_main]

use dialgate::domain::record::Line;
use dialgate::wire::ingest::{JsonReader, Numbered, Rejected, check};
use dialgate::wire::record::{restore, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let mut lines = Vec::new();
    let mut sink = |line: Result<Numbered, Rejected>| lines.extend(line.ok());
    let mut reader = JsonReader::default();
    if reader.push(text, &mut sink).is_err() || reader.finish(&mut sink).is_err() {
        return;
    }
    for Numbered { record, .. } in lines {
        let (mut body, mut subject) = (Vec::new(), Vec::new());
        assert_eq!(write(&record, &mut body, &mut subject), Ok(()));
        assert_eq!(restore::<Line>(&body, &subject).as_ref(), Ok(&record));
        let tree: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        assert_eq!(tree.to_string().as_bytes(), body);
        let mut again = record.clone();
        assert_eq!(check(&mut again), Ok(()));
        assert_eq!(again, record);
    }
    // Any two halves either restore or are refused.
    let (body, subject) = text.split_at(text.len() / 2);
    let _refused = restore::<Line>(body, subject);
});
