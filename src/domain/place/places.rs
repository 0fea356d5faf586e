//! The places of one account, kept once for all accounts that share them.

use std::collections::BTreeMap;

use super::jurisdiction::JurisdictionSet;
use crate::domain::time::ZoneId;

/// Most different [`Places`] a table keeps. Real portfolios have some thousands.
pub const PLACES_MAX: usize = 1 << 20;

/// Where a consumer may be, and whose law follows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Places {
    zones: Box<[ZoneId]>,
    jurisdictions: JurisdictionSet,
    residence: JurisdictionSet,
}

/// A position in a [`PlacesTable`].
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    rkyv::Archive,
    rkyv::Serialize,
    rkyv::Deserialize,
)]
pub struct PlacesId(u32);

/// The table is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("more than {PLACES_MAX} different combinations of places")]
pub struct PlacesFull;

/// Every combination of places in use. `PlacesId::NOWHERE` is always there.
#[derive(Clone, Debug)]
pub struct PlacesTable {
    by_id: Vec<Places>,
    ids: BTreeMap<Places, PlacesId>,
}

impl Places {
    /// Places with these zones (sorted and made unique here).
    pub fn new(
        mut zones: Vec<ZoneId>,
        jurisdictions: JurisdictionSet,
        residence: JurisdictionSet,
    ) -> Self {
        zones.sort_unstable();
        zones.dedup();
        Self {
            zones: zones.into_boxed_slice(),
            jurisdictions,
            residence,
        }
    }

    /// Every zone the consumer may be in, sorted; empty when no fact suggests one.
    pub fn zones(&self) -> &[ZoneId] {
        &self.zones
    }

    /// Every jurisdiction any fact suggests.
    pub const fn jurisdictions(&self) -> JurisdictionSet {
        self.jurisdictions
    }

    /// The jurisdictions of the address alone (tenant option `state_counts = "residence"`).
    pub const fn residence(&self) -> JurisdictionSet {
        self.residence
    }
}

impl PlacesId {
    /// No zone, no jurisdiction.
    pub const NOWHERE: Self = Self(0);

    /// The id with this number.
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// The number.
    pub const fn raw(self) -> u32 {
        self.0
    }
}

impl Default for PlacesTable {
    fn default() -> Self {
        Self::new()
    }
}

impl PlacesTable {
    /// A table that knows only [`PlacesId::NOWHERE`].
    pub fn new() -> Self {
        let ids = BTreeMap::from([(Places::default(), PlacesId::NOWHERE)]);
        Self {
            by_id: vec![Places::default()],
            ids,
        }
    }

    /// The id of these places, given out now if they are new. The same sequence of calls gives
    /// the same ids.
    ///
    /// # Errors
    /// [`PlacesFull`] beyond [`PLACES_MAX`].
    pub fn intern(&mut self, places: Places) -> Result<PlacesId, PlacesFull> {
        if let Some(known) = self.ids.get(&places) {
            return Ok(*known);
        }
        if self.by_id.len() >= PLACES_MAX {
            return Err(PlacesFull);
        }
        let id = PlacesId(u32::try_from(self.by_id.len()).map_err(|_too_many| PlacesFull)?);
        self.by_id.push(places.clone());
        self.ids.insert(places, id);
        Ok(id)
    }

    /// The places with this id; `None` for an id of another table.
    pub fn get(&self, id: PlacesId) -> Option<&Places> {
        self.by_id.get(usize::try_from(id.0).ok()?)
    }

    /// Every combination in order of id, for snapshots.
    pub fn iter(&self) -> impl Iterator<Item = &Places> {
        self.by_id.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_places_share_an_id() {
        let mut table = PlacesTable::new();
        let zone = |raw| ZoneId::from_raw(raw);
        let places = |zones: &[u16]| {
            Places::new(
                zones.iter().map(|&raw| zone(raw)).collect(),
                JurisdictionSet::EMPTY,
                JurisdictionSet::EMPTY,
            )
        };
        let first = table.intern(places(&[2, 1, 2])).unwrap();
        assert_eq!(table.intern(places(&[1, 2])).unwrap(), first);
        assert_eq!(table.get(first).unwrap().zones(), [zone(1), zone(2)]);
        assert_eq!(table.intern(Places::default()).unwrap(), PlacesId::NOWHERE);
        assert_ne!(table.intern(places(&[1])).unwrap(), first);
        assert_eq!(table.iter().count(), 3);
        assert_eq!(table.get(PlacesId::from_raw(3)), None);
    }
}
