//! Accounts nobody has confirmed for long, some rows at a time.

use super::SURVEY_ROWS_MAX;
use crate::domain::facts::Account;
use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;
use crate::domain::words::AccountStatus;
use crate::engine::Engine;

impl Engine {
    /// The tenant's open accounts among [`SURVEY_ROWS_MAX`] rows that were not confirmed since, and the
    /// row to go on from.
    pub(super) fn stale(
        &self,
        tenant: TenantNo,
        from: u32,
        since: UnixSeconds,
    ) -> (Vec<Box<str>>, Option<u32>) {
        let state = &self.state;
        let end = from.saturating_add(SURVEY_ROWS_MAX);
        let is_stale = |account: &&Account| {
            let is_open = account.status == AccountStatus::Open;
            let confirmed = account.facts_at.get();
            let old = confirmed.is_none_or(|at| at < since);
            account.tenant == tenant && account.id.is_some() && is_open && old
        };
        let accounts = (from..end).filter_map(|row| state.accounts.get(row).filter(is_stale));
        let names = accounts.map(|account| state.strings.get(account.id).into());
        let more = (end as usize) < state.accounts.len();
        (names.collect(), more.then_some(end))
    }
}
