//! Places: what ZIP codes, states and area codes suggest about zones and law.

mod jurisdiction;
mod npa;
mod places;
mod table;
mod zip;

pub use jurisdiction::{Jurisdiction, JurisdictionSet, StateCode};
pub use npa::{NpaClass, NpaEntry, NpaKind, NpaTable};
pub use places::{PLACES_MAX, Places, PlacesFull, PlacesId, PlacesTable};
pub use table::{Area, City, PlaceTable};
pub use zip::Zip5;
