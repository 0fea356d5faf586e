//! Amounts: cents, spelt `809.00`.

use serde_json::Value;

/// Cents of an amount in a number or a text; `None` when it is neither.
pub(super) fn cents(value: Option<&Value>) -> Option<i64> {
    let text = match value? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text
            .chars()
            .filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
            .collect(),
        _ => return None,
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut part: String = part.chars().take(2).collect();
    while part.len() < 2 {
        part.push('0');
    }
    format!("{whole}{part}").parse().ok()
}

/// As it is spelt.
pub(super) fn spelt(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_are_read_as_they_are_spelt() {
        for (told, read) in [
            (json!("$7,000"), 700_000),
            (json!("809.5"), 80_950),
            (json!(15), 1_500),
            (json!(9.01), 901),
            (json!("-0.05"), -5),
        ] {
            assert_eq!(cents(Some(&told)), Some(read), "{told}");
        }
        assert_eq!(cents(Some(&json!(null))), None);
        assert_eq!(spelt(80_905), "809.05");
        assert_eq!(spelt(-5), "-0.05");
    }
}
