//! The phone normaliser: whatever the text, it answers without a panic; what it accepts has ten
//! digits in the text, lies in the numbering plan, and reads back from its own print.

#![no_main]

use dialgate::domain::phone::{PHONE_TEXT_BYTES_MAX, PhoneNumber};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(number) = PhoneNumber::parse(text) else {
        return;
    };
    assert!(text.len() <= PHONE_TEXT_BYTES_MAX);
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let last_ten = digits
        .len()
        .checked_sub(10)
        .and_then(|from| digits.get(from..));
    let value = last_ten
        .unwrap_or(&[])
        .iter()
        .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    assert_eq!(number.digits(), value);
    assert!((200..=989).contains(&number.area_code()));
    assert_eq!(PhoneNumber::from_digits(number.digits()), Ok(number));
    assert_eq!(PhoneNumber::parse(number.e164().as_str()), Ok(number));
});
