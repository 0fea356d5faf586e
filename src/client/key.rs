//! Names that nobody else gives: what makes a repeat a repeat.

use std::fmt::Write as _;

use super::limits::KEY_BITS;

/// The machine gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the machine gives no random bytes")]
pub(super) struct NoChance;

/// A name of 128 random bits, in lower-case hex.
pub(super) fn fresh() -> Result<Box<str>, NoChance> {
    let mut bytes = [0_u8; KEY_BITS as usize / 8];
    fill(&mut bytes)?;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").map_err(|_never| NoChance)?;
    }
    Ok(text.into_boxed_str())
}

/// A number for spreading repeats in time. Zero where the machine gives none: the pauses are then
/// not spread, and nothing else depends on it.
pub(super) fn dice() -> u64 {
    let mut bytes = [0_u8; 8];
    fill(&mut bytes).map_or(0, |()| u64::from_le_bytes(bytes))
}

fn fill(bytes: &mut [u8]) -> Result<(), NoChance> {
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match rustix::rand::getrandom(rest, rustix::rand::GetRandomFlags::empty()) {
            Ok(0) => return Err(NoChance),
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(_refused) => return Err(NoChance),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_128_bits_of_hex_and_never_the_same() {
        let names: std::collections::BTreeSet<_> = (0..1_000).map(|_| fresh().unwrap()).collect();
        assert_eq!(names.len(), 1_000);
        let digits = |name: &str| name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(names.iter().all(|name| digits(name)));
    }
}
