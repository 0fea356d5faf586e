//! One fact on its own: in the live lane, so that whoever states it hears at once that it holds.

use super::Engine;
use super::commands::{FactAnswer, Item, RowSink, Stated};
use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;

impl Engine {
    /// Applies one item. Unlike an upload's, it makes no account: a misspelt id would otherwise put
    /// a restriction on an account that nobody ever asks about.
    pub fn state_fact(
        &mut self,
        tenant: TenantNo,
        item: &Item,
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> FactAnswer {
        if let Stated::Account(record) = &item.what {
            let id = record.account_id.as_ref();
            if id.is_none_or(|id| self.state.account(tenant, id.as_str()).is_none()) {
                return FactAnswer::UnknownAccount;
            }
        }
        let result = self.apply_items(tenant, std::slice::from_ref(item), now, rows);
        if let Some((_, field, why)) = result.rejected.first() {
            return FactAnswer::Refused(field, *why);
        }
        match self.tenant(tenant) {
            // The only row made since is its own.
            Some(tenant) if result.applied > 0 => FactAnswer::Applied(tenant.seq),
            _ => FactAnswer::Unchanged,
        }
    }
}
