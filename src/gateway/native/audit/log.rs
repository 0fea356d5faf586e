//! `GET /api/dialer/call-log` and `GET /api/compliance/unmatched`: outcomes as they were reported.

use super::list::{Listed, phone};
use super::{of_account, of_phone, phone_key};
use crate::domain::outcome::Reported;
use crate::domain::words::Outcome;
use crate::engine::account_key;
use crate::gateway::door::{Caller, Errand};
use crate::gateway::running::Gateway;
use crate::gateway::trail::Source;
use crate::wire::audit::{CallLogItem, RowSeen};
use crate::wire::marks::{Class, Marks, RowKind};
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

const NAMES: [&str; 9] = [
    "dialer", "agent", "phone", "account", "outcome", "from", "to", "cursor", "limit",
];
const UNMATCHED: [&str; 4] = ["from", "to", "cursor", "limit"];

impl Gateway {
    /// Outcomes of the caller's tenant, newest first. Cancellation safe.
    pub(in crate::gateway::native) async fn call_log(
        &self,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let params = Params::read(errand.query, &NAMES).map_err(Problem::of_field)?;
        let listed = Listed::read(caller, "/api/dialer/call-log", &params, &NAMES);
        let listed = listed.map_err(Problem::of_field)?;
        let number = phone(&params).map_err(Problem::of_field)?;
        let word = params.word("outcome", outcome).map_err(Problem::of_field)?;
        let text = |name: &str| params.text(name).map(str::to_owned);
        let (dialer, agent, account) = (text("dialer"), text("agent"), text("account"));
        let tenant = caller.tenant;
        let key = match (&account, number) {
            (Some(id), _) => account_key(tenant, id),
            (None, Some(number)) => phone_key(tenant, number),
            (None, None) => Class::Kind(RowKind::Outcome).key(),
        };
        let same =
            |said: &Option<String>, wanted: &Option<String>| wanted.is_none() || said == wanted;
        let take = move |row: &RowSeen<'_>, marks: &Marks<'_>| {
            if marks.kind != RowKind::Outcome {
                return None;
            }
            let item = CallLogItem::of(row, marks)?;
            let account = account.as_deref();
            let said = item.account_id.as_deref();
            let fits = word.is_none_or(|word| marks.outcome == Some(word))
                && same(&item.dialer, &dialer)
                && same(&item.agent_id, &agent)
                && account.is_none_or(|id| of_account(row, said, id))
                && number.is_none_or(|no| of_phone(tenant, row, item.phone.as_deref(), no));
            fits.then_some(item)
        };
        let source = Source::Posted(vec![key]);
        let walked = self.walked(caller, listed, source, take).await?;
        listed.page(walked)
    }

    /// Outcomes of accounts nobody knows, newest first. Cancellation safe.
    pub(in crate::gateway::native) async fn unmatched(
        &self,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let params = Params::read(errand.query, &UNMATCHED).map_err(Problem::of_field)?;
        let listed = Listed::read(caller, "/api/compliance/unmatched", &params, &UNMATCHED);
        let listed = listed.map_err(Problem::of_field)?;
        let take = |row: &RowSeen<'_>, marks: &Marks<'_>| {
            let item = CallLogItem::of(row, marks)?;
            marks.unmatched.then_some(item)
        };
        let source = Source::Posted(vec![Class::Unmatched.key()]);
        let walked = self.walked(caller, listed, source, take).await?;
        listed.page(walked)
    }
}

/// A word an outcome row may have: as it was reported, or as earlier rows have it.
fn outcome(text: &str) -> Option<&'static str> {
    let reported = Reported::parse(text).map(Reported::as_str);
    reported.or_else(|| Outcome::parse(text).map(Outcome::as_str))
}
