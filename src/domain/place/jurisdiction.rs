//! Who makes law for a place: states, the District, territories, and the one city with its own.

use std::fmt;

/// USPS codes in order: fifty states, the District of Columbia, territories, freely associated
/// states, and the three military mail regions (which have laws of none).
const CODES: [&str; 62] = [
    "AA", "AE", "AK", "AL", "AP", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "FM", "GA",
    "GU", "HI", "IA", "ID", "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MH", "MI", "MN", "MO",
    "MP", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR",
    "PW", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY",
];

/// A USPS state code, by its number in the sorted list. Numbers are part of the stored format.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    rkyv::Archive,
    rkyv::Serialize,
    rkyv::Deserialize,
)]
pub struct StateCode(u8);

/// A maker of law: a state or New York City.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Jurisdiction(u8);

/// A set of jurisdictions, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct JurisdictionSet(u128);

impl StateCode {
    /// How many there are.
    pub const COUNT: u8 = 62;

    /// Reads a USPS code, letter case ignored.
    pub fn parse(text: &str) -> Option<Self> {
        let [first, second] = *text.as_bytes() else {
            return None;
        };
        let wanted = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
        let position = CODES
            .binary_search_by(|code| code.as_bytes().cmp(&wanted))
            .ok()?;
        u8::try_from(position).ok().map(Self)
    }

    /// The state with this number.
    pub const fn from_raw(raw: u8) -> Option<Self> {
        if raw < Self::COUNT {
            Some(Self(raw))
        } else {
            None
        }
    }

    /// The number, below [`StateCode::COUNT`].
    pub const fn raw(self) -> u8 {
        self.0
    }

    /// The USPS code.
    pub fn as_str(self) -> &'static str {
        CODES.get(usize::from(self.0)).copied().unwrap_or("")
    }

    /// Every code in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }
}

impl Jurisdiction {
    /// How many there are: the states and the city.
    pub const COUNT: u8 = StateCode::COUNT + 1;
    /// New York City, written `US-NY-NYC`.
    pub const NEW_YORK_CITY: Self = Self(StateCode::COUNT);

    /// The jurisdiction of a state.
    pub const fn of_state(state: StateCode) -> Self {
        Self(state.0)
    }

    /// Reads a USPS code or `US-NY-NYC`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "US-NY-NYC" {
            return Some(Self::NEW_YORK_CITY);
        }
        StateCode::parse(text).map(Self::of_state)
    }

    /// The jurisdiction with this number.
    pub const fn from_raw(raw: u8) -> Option<Self> {
        if raw < Self::COUNT {
            Some(Self(raw))
        } else {
            None
        }
    }

    /// The number, below [`Jurisdiction::COUNT`].
    pub const fn raw(self) -> u8 {
        self.0
    }

    /// The state, unless it is the city.
    pub const fn state(self) -> Option<StateCode> {
        StateCode::from_raw(self.0)
    }

    /// USPS code or `US-NY-NYC`.
    pub fn as_str(self) -> &'static str {
        self.state().map_or("US-NY-NYC", StateCode::as_str)
    }
}

impl JurisdictionSet {
    /// The set of none.
    pub const EMPTY: Self = Self(0);

    /// This set and `one`.
    #[must_use]
    pub const fn with(self, one: Jurisdiction) -> Self {
        Self(self.0 | 1 << one.0)
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `one` is in the set.
    pub const fn contains(self, one: Jurisdiction) -> bool {
        self.0 >> one.0 & 1 == 1
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many are in the set.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// The bits, for storage.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// The set with these bits; bits of no jurisdiction are dropped.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits & ((1 << Jurisdiction::COUNT) - 1))
    }

    /// The members in order.
    pub fn iter(self) -> impl Iterator<Item = Jurisdiction> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let raw = u8::try_from(left.trailing_zeros()).ok()?;
            left &= left.wrapping_sub(1);
            Jurisdiction::from_raw(raw)
        })
    }
}

impl FromIterator<Jurisdiction> for JurisdictionSet {
    fn from_iter<I: IntoIterator<Item = Jurisdiction>>(members: I) -> Self {
        members.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Display for StateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_nothing_else_does() {
        for state in StateCode::all() {
            assert_eq!(StateCode::parse(state.as_str()), Some(state));
            assert_eq!(
                StateCode::parse(&state.as_str().to_lowercase()),
                Some(state)
            );
            assert_eq!(
                Jurisdiction::parse(state.as_str()),
                Some(Jurisdiction::of_state(state))
            );
        }
        for text in ["", "N", "XX", "NYC", "N Y", "ny ", "US-NY"] {
            assert_eq!(StateCode::parse(text), None, "{text}");
        }
        assert_eq!(
            Jurisdiction::parse("US-NY-NYC"),
            Some(Jurisdiction::NEW_YORK_CITY)
        );
        assert_eq!(Jurisdiction::NEW_YORK_CITY.to_string(), "US-NY-NYC");
        assert_eq!(Jurisdiction::NEW_YORK_CITY.state(), None);
        assert_eq!(StateCode::from_raw(62), None);
        assert_eq!(Jurisdiction::from_raw(63), None);
        assert_eq!(
            Jurisdiction::from_raw(62),
            Some(Jurisdiction::NEW_YORK_CITY)
        );
    }

    #[test]
    fn sets_hold_their_members() {
        let members =
            ["CA", "US-NY-NYC", "AA", "WY"].map(|text| Jurisdiction::parse(text).unwrap());
        let set: JurisdictionSet = members.into_iter().collect();
        assert_eq!(set.len(), 4);
        let listed: Vec<_> = set.iter().map(Jurisdiction::as_str).collect();
        assert_eq!(listed, ["AA", "CA", "WY", "US-NY-NYC"]);
        assert!(!set.contains(Jurisdiction::parse("NV").unwrap()));
        assert_eq!(JurisdictionSet::from_bits(u128::MAX).len(), 63);
        assert_eq!(JurisdictionSet::EMPTY.iter().next(), None);
    }
}
