//! An intent's words as seven small numbers for its row: 0 = absent, n + 1 = word n, 99 = unknown.

use crate::domain::intent::{Asked, Intent};
use crate::domain::words::{Action, Channel, DialMode, Inbound, PartyRole, PlaceKind, Purpose};

const UNKNOWN: u64 = 99;

/// Packs the words.
pub(super) fn pack(intent: &Intent) -> [u64; 7] {
    [
        intent
            .channel
            .map_or(UNKNOWN, |w| u64::from(w.number()) + 1),
        intent.action.map_or(UNKNOWN, |w| u64::from(w.number()) + 1),
        asked(intent.role, PartyRole::number),
        asked(intent.dial_mode, DialMode::number),
        u64::from(intent.purpose.number()) + 1,
        intent
            .in_response_to
            .map_or(0, |w| u64::from(w.number()) + 1),
        asked(intent.to_place, PlaceKind::number),
    ]
}

/// Puts packed words back into an intent. `None` when a number is no word.
pub fn unpack(words: &[u64], intent: &mut Intent) -> Option<()> {
    let [channel, action, role, mode, purpose, response, place] = words else {
        return None;
    };
    intent.channel = known(*channel, Channel::from_number)?;
    intent.action = known(*action, Action::from_number)?;
    intent.role = back(*role, PartyRole::from_number)?;
    intent.dial_mode = back(*mode, DialMode::from_number)?;
    intent.purpose = known(*purpose, Purpose::from_number)??;
    intent.in_response_to = match response {
        0 => None,
        n => known(*n, Inbound::from_number)?,
    };
    intent.to_place = back(*place, PlaceKind::from_number)?;
    Some(())
}

fn asked<T>(word: Asked<T>, number: impl FnOnce(T) -> u8) -> u64 {
    match word {
        Asked::Absent => 0,
        Asked::Known(word) => u64::from(number(word)) + 1,
        Asked::Unknown => UNKNOWN,
    }
}

#[expect(
    clippy::option_option,
    reason = "no such number; a word that is none of ours"
)]
fn known<T>(number: u64, word: impl FnOnce(u8) -> Option<T>) -> Option<Option<T>> {
    match number {
        UNKNOWN => Some(None),
        n => Some(Some(word(u8::try_from(n.checked_sub(1)?).ok()?)?)),
    }
}

fn back<T>(number: u64, word: impl FnOnce(u8) -> Option<T>) -> Option<Asked<T>> {
    match number {
        0 => Some(Asked::Absent),
        UNKNOWN => Some(Asked::Unknown),
        n => Some(Asked::Known(word(u8::try_from(n - 1).ok()?)?)),
    }
}
