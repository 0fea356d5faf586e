//! CSV intake: never panics, and how the bytes are cut changes nothing (INGEST-1).
#![no_main]

use dialgate::wire::ingest::{CsvReader, Numbered, Refused, Rejected};
use libfuzzer_sys::fuzz_target;

type Lines = Vec<Result<Numbered, Rejected>>;

fn read(text: &[u8], chunk: usize) -> Result<Lines, Refused> {
    let (mut reader, mut lines) = (CsvReader::default(), Vec::new());
    let mut sink = |line| lines.push(line);
    for part in text.chunks(chunk) {
        reader.push(part, &mut sink)?;
    }
    reader.finish(&mut sink)?;
    Ok(lines)
}

fuzz_target!(|input: (u8, &[u8])| {
    let (chunk, row) = input;
    // A header of every kind of column, so that the bytes are cells.
    let mut text = b"record,account_id,state,zip,phone_1,phone_1_type,email_1,debt_1,deceased,\
        cease_at,do_not_call_1,text_consent_1_at,reason,fact,at,debts,periods,gates\n"
        .to_vec();
    text.extend_from_slice(row);
    let whole = read(&text, text.len());
    assert_eq!(whole, read(&text, usize::from(chunk) + 1));
    // And the bytes as a file of their own.
    assert_eq!(
        read(row, row.len().max(1)),
        read(row, usize::from(chunk) + 1)
    );
});
