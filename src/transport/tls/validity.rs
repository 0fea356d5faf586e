//! From when to when a certificate is valid (RFC 5280 section 4.1.2.5).
//!
//! Only the way to the two instants is read: rustls reads the rest, and clients judge it.

use crate::domain::time::UnixSeconds;

/// A certificate's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Not before this instant.
    pub not_before: UnixSeconds,
    /// Not after this instant.
    pub not_after: UnixSeconds,
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

impl Validity {
    /// The validity of a certificate in DER; `None` when it is none.
    pub fn of(certificate: &[u8]) -> Option<Self> {
        let (mut fields, _) = value(certificate, SEQUENCE)?;
        (fields, _) = value(fields, SEQUENCE)?;
        if fields.first() == Some(&VERSION) {
            (_, fields) = value(fields, VERSION)?;
        }
        // Serial number, signature algorithm, issuer.
        for tag in [INTEGER, SEQUENCE, SEQUENCE] {
            (_, fields) = value(fields, tag)?;
        }
        let (times, _) = value(fields, SEQUENCE)?;
        let (not_before, rest) = time(times)?;
        let (not_after, rest) = time(rest)?;
        (rest.is_empty() && not_before <= not_after).then_some(Self {
            not_before,
            not_after,
        })
    }

    /// Whether it holds at an instant.
    pub fn holds(&self, now: UnixSeconds) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }
}

/// The contents of the element of this tag, and what follows it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *found != tag {
        return None;
    }
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            let wider = |length: usize, byte: &u8| length << 8 | usize::from(*byte);
            (bytes.iter().fold(0, wider), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// An instant and what follows it. Both forms are UTC with seconds.
fn time(der: &[u8]) -> Option<(UnixSeconds, &[u8])> {
    let (text, rest, century) = match *der.first()? {
        UTC_TIME => {
            let (text, rest) = value(der, UTC_TIME)?;
            // Two digits of a year: 50 and later are of the last century.
            let century = if text.first()? >= &b'5' { "19" } else { "20" };
            (text, rest, century)
        }
        GENERALIZED_TIME => {
            let (text, rest) = value(der, GENERALIZED_TIME)?;
            (text, rest, "")
        }
        _ => return None,
    };
    let text = format!("{century}{}", std::str::from_utf8(text).ok()?);
    if text.len() != 15 || !text.is_ascii() {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to);
    let instant = format!(
        "{}-{}-{}T{}:{}:{}",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 15)?,
    );
    Some((UnixSeconds::parse(&instant).ok()?, rest))
}
