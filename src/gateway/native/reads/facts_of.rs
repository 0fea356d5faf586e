//! What the gate holds of an account, and the rows it came from.

use super::NO_PARAMETERS;
use crate::domain::facts::AccountFile;
use crate::engine::account_key;
use crate::gateway::door::{Caller, Errand};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::native::audit::page_of;
use crate::gateway::running::Gateway;
use crate::gateway::trail::Source;
use crate::gateway::work::Delivered;
use crate::wire::audit::{RowSeen, TrailItem};
use crate::wire::compliance::bytes;
use crate::wire::compliance::file::FactsOf;
use crate::wire::limits::FACT_ROWS_MAX;
use crate::wire::marks::{Class, Marks, RowKind};
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
        let rows = self.rows_of(caller, &file).await?;
        let told = FactsOf::of(&caller.tenant_name, &file, rows);
        Ok(Reply::json(200, bytes(&told)))
    }

    /// The newest rows that brought facts or outcomes of the account, none newer than its file, and
    /// whether there are more.
    async fn rows_of(
        &self,
        caller: &Caller,
        file: &AccountFile,
    ) -> Result<(Vec<TrailItem>, bool), Problem> {
        let (_, trail, newest) = self.trail(caller)?;
        let (tenant, below) = (caller.tenant, file.seq.min(newest) + 1);
        let (id, number) = (file.id.clone(), file.no.0);
        let keys = [account_key(tenant, &id), Class::Account(number).key()];
        let source = Source::Posted(keys.into());
        let read = trail.read((tenant, newest), move |reading| {
            let mut take = |row: &RowSeen<'_>, marks: &Marks<'_>| item(row, marks, (&id, number));
            page_of(
                reading,
                (tenant, &source),
                (1, below),
                FACT_ROWS_MAX,
                &mut take,
            )
        });
        let walked = read.await.map_err(|error| error.problem())?;
        Ok((walked.items, walked.next.is_some()))
    }
}

/// The row, if it brought something of the account. Keys are hashes, so its words decide; one whose
/// words were destroyed is told as it is posted.
fn item(row: &RowSeen<'_>, marks: &Marks<'_>, (id, number): (&str, u32)) -> Option<TrailItem> {
    if !matches!(marks.kind, RowKind::Facts | RowKind::Outcome) {
        return None;
    }
    let item = TrailItem::of(row, marks, Some(number))?;
    let about = if marks.kind == RowKind::Facts {
        item.records != Some(0)
    } else {
        let said = item.account_id.as_deref();
        said.map_or(item.erased, |said| said == id)
    };
    about.then_some(item)
}
