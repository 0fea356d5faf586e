//! Names of dispositions and channels nobody mapped, as they are seen. Kept in memory: a restart
//! begins anew, the calls themselves are in the ledger.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::time::UnixSeconds;
use crate::wire::dialer::{DialerField, UnmappedName};

/// Names kept of a dialer.
const NAMES_A_DIALER_MAX: usize = 64;

/// Names by tenant and dialer.
#[derive(Debug, Default)]
pub(super) struct Unmapped(Mutex<HashMap<Whose, Seen>>);

/// Tenant and dialer.
type Whose = (Box<str>, Box<str>);

/// What was seen of one dialer.
#[derive(Debug, Default, Clone)]
struct Seen {
    names: Vec<UnmappedName>,
    others: u64,
}

impl Unmapped {
    /// Counts a name.
    pub(super) fn note(
        &self,
        (tenant, id): (&str, &str),
        (field, name): (DialerField, &str),
        now: UnixSeconds,
    ) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all.entry((tenant.into(), id.into())).or_default();
        let same = |known: &&mut UnmappedName| known.field == field.as_str() && known.name == name;
        if let Some(known) = seen.names.iter_mut().find(same) {
            known.count = known.count.saturating_add(1);
            known.last_seen = now;
        } else if seen.names.len() < NAMES_A_DIALER_MAX {
            seen.names.push(UnmappedName {
                field: field.as_str(),
                name: name.to_owned(),
                count: 1,
                first_seen: now,
                last_seen: now,
            });
        } else {
            seen.others = seen.others.saturating_add(1);
        }
    }

    /// The names of a dialer, the most frequent first, and how often others were seen.
    pub(super) fn of(&self, tenant: &str, id: &str) -> (Vec<UnmappedName>, u64) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all.get(&(tenant.into(), id.into())).cloned();
        let mut seen = seen.unwrap_or_default();
        drop(all);
        seen.names
            .sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name)));
        (seen.names, seen.others)
    }

    /// Forgets dialers that are no more.
    pub(super) fn keep(&self, is_there: impl Fn(&str, &str) -> bool) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(tenant, id), _| is_there(tenant, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DialerField as Field;

    #[test]
    fn names_are_counted_up_to_a_bound_and_others_as_one() {
        let unmapped = Unmapped::default();
        for n in 0..NAMES_A_DIALER_MAX + 3 {
            let name = format!("name {n}");
            unmapped.note(("t", "d"), (Field::Disposition, &name), UnixSeconds(1));
        }
        unmapped.note(("t", "d"), (Field::Disposition, "name 7"), UnixSeconds(9));
        // A channel of the same name is another, and finds no room.
        unmapped.note(("t", "d"), (Field::Channel, "name 7"), UnixSeconds(9));
        let (names, others) = unmapped.of("t", "d");
        assert_eq!((names.len(), others), (NAMES_A_DIALER_MAX, 4));
        let first = &names[0];
        assert_eq!((first.name.as_str(), first.count), ("name 7", 2));
        assert_eq!(
            (first.first_seen, first.last_seen),
            (UnixSeconds(1), UnixSeconds(9))
        );
        assert_eq!(unmapped.of("other", "d").0, []);
        unmapped.keep(|_, id| id != "d");
        assert_eq!(unmapped.of("t", "d").0, []);
    }
}
