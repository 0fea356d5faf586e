//! Area codes: which country, state and zones a telephone number speaks for.
//!
//! Source: NANPA's report of area codes (facts only), `config/rules/npa.csv`.

use super::jurisdiction::{JurisdictionSet, StateCode};
use crate::domain::phone::PhoneNumber;
use crate::domain::time::ZoneId;

/// What kind of service an area code carries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NpaKind {
    /// Numbers of a region.
    Geographic,
    /// Free to the caller; says nothing of where the called person is.
    TollFree,
    /// Personal and other numbers bound to no region.
    NonGeographic,
    /// Services of long-distance carriers.
    InterexchangeCarrier,
    /// The federal government's own.
    UsGovernment,
    /// Paid services.
    Premium,
}

/// What a number's area code says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NpaClass<'a> {
    /// A number of a US state, the District or a territory.
    UsGeographic {
        /// The state.
        state: StateCode,
        /// Every zone of the area, sorted.
        zones: &'a [ZoneId],
    },
    /// A US number without a region; suggests no place.
    UsNonGeographic(NpaKind),
    /// A number of another country of the numbering plan: not one a US gate may pass.
    Foreign {
        /// Every zone of the area, sorted; empty for non-geographic codes.
        zones: &'a [ZoneId],
    },
    /// No such area code, or not yet in service.
    Unassigned,
}

impl NpaClass<'_> {
    /// Whether the number can be a valid US number.
    pub const fn is_us(self) -> bool {
        matches!(self, Self::UsGeographic { .. } | Self::UsNonGeographic(_))
    }
}

/// What the table holds of one area code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NpaEntry {
    /// See [`NpaClass::UsGeographic`]; `city` is set when the code suggests a city with own law.
    UsGeographic {
        /// The state.
        state: StateCode,
        /// Every zone of the area, sorted.
        zones: Box<[ZoneId]>,
        /// State, and the city if the code is one of the city's.
        jurisdictions: JurisdictionSet,
    },
    /// See [`NpaClass::UsNonGeographic`].
    UsNonGeographic(NpaKind),
    /// See [`NpaClass::Foreign`].
    Foreign {
        /// Every zone of the area, sorted.
        zones: Box<[ZoneId]>,
    },
}

/// All area codes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NpaTable {
    /// By area code minus 200; `None` = not assigned.
    entries: Box<[Option<NpaEntry>]>,
}

impl NpaTable {
    /// The table of these codes; codes outside `200..=999` are dropped.
    pub fn from_entries(codes: impl IntoIterator<Item = (u16, NpaEntry)>) -> Self {
        let mut entries = vec![None; 800];
        for (code, entry) in codes {
            let slot = code
                .checked_sub(200)
                .and_then(|at| entries.get_mut(usize::from(at)));
            if let Some(slot) = slot {
                *slot = Some(entry);
            }
        }
        Self {
            entries: entries.into_boxed_slice(),
        }
    }

    /// What a number's area code says of it.
    pub fn classify(&self, phone: PhoneNumber) -> NpaClass<'_> {
        match self.entry(phone) {
            Some(NpaEntry::UsGeographic { state, zones, .. }) => NpaClass::UsGeographic {
                state: *state,
                zones,
            },
            Some(NpaEntry::UsNonGeographic(kind)) => NpaClass::UsNonGeographic(*kind),
            Some(NpaEntry::Foreign { zones }) => NpaClass::Foreign { zones },
            None => NpaClass::Unassigned,
        }
    }

    pub(super) fn entry(&self, phone: PhoneNumber) -> Option<&NpaEntry> {
        let at = phone.area_code().checked_sub(200)?;
        self.entries.get(usize::from(at))?.as_ref()
    }
}
