//! What a ZIP code or a state says of place, and what all facts together suggest.
//!
//! 12 CFR part 1006, Supplement I, comment 6(b)(1)(i)-2: when the facts point to several places, a
//! contact must suit every one of them. So facts only ever add places; only what the consumer says
//! of their own zone replaces what was guessed, and it replaces zones alone, not law.

use super::jurisdiction::{Jurisdiction, JurisdictionSet, StateCode};
use super::npa::{NpaEntry, NpaTable};
use super::places::Places;
use super::zip::Zip5;
use crate::domain::phone::PhoneNumber;
use crate::domain::time::ZoneId;

/// What is known of one ZIP prefix or state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Area {
    /// States the area lies in.
    pub states: JurisdictionSet,
    /// Every zone of the area, sorted; none for military mail, whose address has no geography.
    pub zones: Box<[ZoneId]>,
}

/// A city that makes law of its own, and what suggests it besides its area codes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct City {
    /// The city.
    pub jurisdiction: Jurisdiction,
    /// The state it lies in.
    pub state: StateCode,
    /// Three-digit ZIP prefixes that suggest it, sorted.
    pub zip_prefixes: Box<[u16]>,
    /// Single ZIP codes that suggest it, sorted.
    pub zips: Box<[Zip5]>,
    /// Whether its state alone, without a ZIP, suggests it.
    pub state_without_zip: bool,
}

/// Tables from facts to places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceTable {
    zip_prefixes: Box<[Option<Area>]>,
    states: Box<[Area]>,
    city: City,
    npas: NpaTable,
}

impl PlaceTable {
    /// The table of these areas; prefixes above 999 are dropped, a state without an area has no
    /// zones.
    pub fn new(
        zip_prefixes: impl IntoIterator<Item = (u16, Area)>,
        states: impl IntoIterator<Item = (StateCode, Box<[ZoneId]>)>,
        city: City,
        npas: NpaTable,
    ) -> Self {
        let mut by_prefix = vec![None; 1_000];
        for (prefix, area) in zip_prefixes {
            if let Some(slot) = by_prefix.get_mut(usize::from(prefix)) {
                *slot = Some(area);
            }
        }
        let mut by_state: Vec<Area> = StateCode::all()
            .map(|state| Area {
                states: JurisdictionSet::EMPTY.with(Jurisdiction::of_state(state)),
                zones: Box::default(),
            })
            .collect();
        for (state, zones) in states {
            if let Some(area) = by_state.get_mut(usize::from(state.raw())) {
                area.zones = zones;
            }
        }
        Self {
            zip_prefixes: by_prefix.into_boxed_slice(),
            states: by_state.into_boxed_slice(),
            city,
            npas,
        }
    }

    /// The area codes.
    pub const fn npas(&self) -> &NpaTable {
        &self.npas
    }

    /// Every place the facts suggest: the address, and the area code of every phone not known to
    /// be wrong. A stated zone replaces all zones and no jurisdiction. Allocates: for intake, not
    /// for decisions.
    pub fn suggest(
        &self,
        zip: Option<Zip5>,
        state: Option<StateCode>,
        stated_zone: Option<ZoneId>,
        phones: impl IntoIterator<Item = PhoneNumber>,
    ) -> Places {
        let mut zones = Vec::new();
        let residence = self.residence(zip, state);
        let mut jurisdictions = residence;
        self.add_address_zones(zip, state, &mut zones);
        for phone in phones {
            match self.npas.entry(phone) {
                Some(NpaEntry::UsGeographic {
                    zones: more,
                    jurisdictions: theirs,
                    ..
                }) => {
                    zones.extend_from_slice(more);
                    jurisdictions = jurisdictions.union(*theirs);
                }
                Some(NpaEntry::Foreign { zones: more }) => zones.extend_from_slice(more),
                Some(NpaEntry::UsNonGeographic(_)) | None => {}
            }
        }
        if let Some(stated) = stated_zone {
            zones.clear();
            zones.push(stated);
        }
        Places::new(zones, jurisdictions, residence)
    }

    /// The jurisdictions of the address alone.
    ///
    /// A prefix that lies in several states counts as all of them unless the state is one of them.
    /// A state that contradicts the ZIP is added to it.
    pub fn residence(&self, zip: Option<Zip5>, state: Option<StateCode>) -> JurisdictionSet {
        let stated = state.map(|state| JurisdictionSet::EMPTY.with(Jurisdiction::of_state(state)));
        let area = zip.and_then(|zip| self.area_of(zip));
        let mut found = match (area, stated) {
            (Some(area), Some(stated)) if area.states.intersection(stated).is_empty() => {
                area.states.union(stated)
            }
            (_, Some(stated)) => stated,
            (Some(area), None) => area.states,
            (None, None) => JurisdictionSet::EMPTY,
        };
        if self.is_city(zip, state) {
            found = found.with(self.city.jurisdiction);
        }
        found
    }

    fn add_address_zones(
        &self,
        zip: Option<Zip5>,
        state: Option<StateCode>,
        zones: &mut Vec<ZoneId>,
    ) {
        let by_zip = zip.and_then(|zip| self.area_of(zip));
        if let Some(area) = by_zip {
            zones.extend_from_slice(&area.zones);
        }
        let Some(state) = state else { return };
        let settled =
            by_zip.is_some_and(|area| area.states.contains(Jurisdiction::of_state(state)));
        if !settled && let Some(area) = self.states.get(usize::from(state.raw())) {
            zones.extend_from_slice(&area.zones);
        }
    }

    fn is_city(&self, zip: Option<Zip5>, state: Option<StateCode>) -> bool {
        zip.map_or_else(
            || self.city.state_without_zip && state == Some(self.city.state),
            |zip| {
                self.city.zip_prefixes.binary_search(&zip.prefix()).is_ok()
                    || self.city.zips.binary_search(&zip).is_ok()
            },
        )
    }

    fn area_of(&self, zip: Zip5) -> Option<&Area> {
        self.zip_prefixes.get(usize::from(zip.prefix()))?.as_ref()
    }
}
