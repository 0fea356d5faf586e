//! E-mail addresses, brought to one form at intake.
//!
//! Accepted is the ordinary form, `local@domain`: one `@`, a local part of visible ASCII without
//! quotes or brackets, a domain of at least two labels of letters, digits and inner hyphens. The
//! rare rest of RFC 5321 (quoted local parts, address literals, UTF-8) is refused: an address no
//! system agrees on cannot be matched against an opt-out.

use std::borrow::Cow;

/// Longest address, in bytes.
pub const EMAIL_BYTES_MAX: usize = 64;

/// The address in lower case, or `None` when it is not one. Allocates only if a letter changes.
pub fn normalise(text: &str) -> Option<Cow<'_, str>> {
    let (local, domain) = text.split_once('@')?;
    let fits = text.len() <= EMAIL_BYTES_MAX && is_local(local) && is_domain(domain);
    if !fits {
        return None;
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(Cow::Owned(text.to_ascii_lowercase()));
    }
    Some(Cow::Borrowed(text))
}

fn is_local(local: &str) -> bool {
    let outer_dot = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    !local.is_empty() && !outer_dot && local.bytes().all(plain)
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    domain.contains('.') && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_lowered() {
        assert_eq!(
            normalise("Ann.B+c@Mail.Example.ORG").unwrap(),
            "ann.b+c@mail.example.org"
        );
        assert!(matches!(normalise("a@b.co"), Some(Cow::Borrowed("a@b.co"))));
        let long = format!("{}@b.co", "a".repeat(59));
        assert_eq!(long.len(), EMAIL_BYTES_MAX);
        assert!(normalise(&long).is_some());
        assert_eq!(normalise(&format!("a{long}")), None);
    }

    #[test]
    fn the_rest_is_refused() {
        for text in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a@@b.co",
            "a@b@c.co",
            "a b@c.co",
            "a@b..co",
            "a@-b.co",
            "a@b-.co",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.co",
            "\"a\"@b.co",
            "ä@b.co",
            "a@bä.co",
            "a@b.co ",
        ] {
            assert_eq!(normalise(text), None, "{text}");
        }
    }
}
