//! Spellings of telephone numbers, and what is none.

use super::*;
use proptest::prelude::*;

#[test]
fn reads_the_usual_forms() {
    for text in [
        "(818) 555-1234",
        "+1 818 555 1234",
        "818.555.1234",
        "1-818-555-1234",
        "8185551234",
        "18185551234",
        "+18185551234",
        " +1 (818) 555-1234 ",
        "818/555-1234",
    ] {
        let number = PhoneNumber::parse(text).unwrap();
        assert_eq!(number.digits(), 8_185_551_234, "{text}");
        assert_eq!(number.area_code(), 818);
        assert_eq!(number.to_string(), "+18185551234");
    }
    assert_eq!(
        PhoneNumber::parse("212-555-0100").unwrap().digits(),
        2_125_550_100
    );
}

#[test]
fn refuses_the_rest_and_says_why() {
    use PhoneError as E;
    for (text, why) in [
        ("", E::Empty),
        (" ()-", E::Empty),
        ("+", E::Empty),
        ("818555123", E::DigitCount),
        ("81855512345", E::DigitCount),
        ("+8185551234", E::DigitCount),
        ("181855512345", E::DigitCount),
        ("+442071838750", E::CountryCode),
        ("+44207183875", E::CountryCode),
        ("818-555-1234 x5", E::Character),
        ("818-555-1234,5", E::Character),
        ("818-FLOWERS", E::Character),
        ("8185551234\u{200b}", E::Character),
        ("\u{0661}8185551234", E::Character),
        ("\u{ff0b}18185551234", E::Character),
        ("8185551234\0", E::Character),
        ("1+8185551234", E::Character),
        ("118-555-1234", E::AreaCode),
        ("911-555-1234", E::AreaCode),
        ("291-555-1234", E::AreaCode),
        ("211-555-1234", E::AreaCode),
        ("018-555-1234", E::AreaCode),
        ("818-155-1234", E::Exchange),
        ("818-911-1234", E::Exchange),
        ("818-055-1234", E::Exchange),
        ("818-555-1234                      ", E::TooLong),
    ] {
        assert_eq!(PhoneNumber::parse(text), Err(why), "{text:?}");
    }
    assert_eq!(PhoneNumber::from_digits(10_000_000_000), Err(E::DigitCount));
}

#[test]
fn both_sides_of_the_plan() {
    for (digits, valid) in [
        (2_002_000_000, true),
        (1_999_999_999, false),
        (9_899_999_999, true),
        (9_902_000_000, false),
        (8_181_999_999, false),
        (8_182_000_000, true),
        (8_182_109_999, true),
        (8_182_110_000, false),
        (8_182_120_000, true),
    ] {
        assert_eq!(PhoneNumber::from_digits(digits).is_ok(), valid, "{digits}");
    }
}

#[test]
fn debug_shows_no_digit() {
    let number = PhoneNumber::parse("8185551234").unwrap();
    assert_eq!(
        format!("{number:?} {:?}", number.e164()),
        "PhoneNumber(..) E164(..)"
    );
}

proptest! {
    #[test]
    fn never_panics_and_reads_its_own_print(text in "\\PC{0,40}", digits in 0..10_000_000_000_u64) {
        prop_assert!(PhoneNumber::parse(&text).is_err() || text.bytes().filter(u8::is_ascii_digit).count() >= 10);
        if let Ok(number) = PhoneNumber::from_digits(digits) {
            prop_assert_eq!(PhoneNumber::parse(number.e164().as_str()), Ok(number));
        }
    }
}
