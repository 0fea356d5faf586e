//! What the ledger holds of a tenant, for those who may read it: trail, figures, rows, the call log,
//! compliance events and outcomes nobody could place.

mod events;
mod list;
mod log;
mod row;
mod stats;
mod trail;

pub(in crate::gateway::native) use list::page_of;

use crate::domain::facts::ContactKey;
use crate::domain::ids::TenantNo;
use crate::domain::phone::PhoneNumber;
use crate::engine::contact_key;
use crate::engine::query::{Told, What};
use crate::gateway::door::{Caller, Errand};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::running::Gateway;
use crate::gateway::work::Delivered;
use crate::wire::audit::RowSeen;
use crate::wire::problem::Problem;

impl Gateway {
    /// The number the rows of an account go by; nothing: the tenant has no such account.
    async fn number_of(
        &self,
        desk: &Mailbox<Delivered>,
        (caller, errand): (&Caller, &Errand<'_>),
        id: &str,
    ) -> Result<Option<u32>, Problem> {
        let what = What::AccountNumber(id.into());
        let told = self.query(desk, caller, what, errand).await?;
        let Told::AccountNumber(number) = told else {
            return Ok(None);
        };
        Ok(number.map(|number| number.0))
    }
}

/// Whether a row is about the account called `id`. One whose texts were destroyed is posted under the
/// account and says no more.
fn of_account(row: &RowSeen<'_>, said: Option<&str>, id: &str) -> bool {
    said.map_or_else(|| row.erased(), |said| said == id)
}

/// Whether a row is about a number. Where it does not spell one, the key it was posted under tells.
fn of_phone(tenant: TenantNo, row: &RowSeen<'_>, said: Option<&str>, number: PhoneNumber) -> bool {
    match said.filter(|said| !said.is_empty()) {
        Some(said) => PhoneNumber::parse(said) == Ok(number),
        None => row.keys.contains(&phone_key(tenant, number)),
    }
}

/// What rows about a number are posted under.
fn phone_key(tenant: TenantNo, number: PhoneNumber) -> u64 {
    contact_key(tenant, ContactKey::phone(number))
}
