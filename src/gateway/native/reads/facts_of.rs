//! What the gate holds of an account, and the rows it came from.

use super::NO_PARAMETERS;
use crate::gateway::door::{Caller, Errand};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::running::Gateway;
use crate::gateway::work::Delivered;
use crate::wire::compliance::bytes;
use crate::wire::compliance::file::FactsOf;
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

impl Gateway {
    pub(super) async fn facts_of(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        Params::read(errand.query, &NO_PARAMETERS).map_err(Problem::of_field)?;
        let file = self.file(desk, caller, errand).await?;
        let told = FactsOf::of(&caller.tenant_name, &file);
        Ok(Reply::json(200, bytes(&told)))
    }
}
