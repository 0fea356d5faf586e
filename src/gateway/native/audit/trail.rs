//! `GET /api/audit/trail`.

use super::list::{Listed, phone};
use super::{of_account, of_phone, phone_key};
use crate::domain::ids::TenantNo;
use crate::domain::phone::PhoneNumber;
use crate::domain::verdict::Code;
use crate::engine::account_key;
use crate::gateway::door::{Caller, Errand};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::running::Gateway;
use crate::gateway::trail::Source;
use crate::gateway::work::Delivered;
use crate::wire::audit::{RowSeen, TrailItem};
use crate::wire::field::FieldError;
use crate::wire::marks::{Class, Marks, RowKind};
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

const NAMES: [&str; 9] = [
    "account", "phone", "decision", "kind", "code", "from", "to", "cursor", "limit",
];

/// Which rows are wanted.
#[derive(Debug, Clone)]
struct Wanted {
    tenant: TenantNo,
    /// The account's id, and the number its rows go by.
    account: Option<(String, Option<u32>)>,
    phone: Option<PhoneNumber>,
    /// ALLOW?
    decision: Option<bool>,
    kind: Option<RowKind>,
    code: Option<&'static str>,
}

impl Gateway {
    /// Rows of the caller's tenant, newest first.
    ///
    /// Cancellation safe: it changes nothing.
    pub(in crate::gateway::native) async fn audit_trail(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let params = Params::read(errand.query, &NAMES).map_err(Problem::of_field)?;
        let listed = Listed::read(caller, "/api/audit/trail", &params, &NAMES);
        let listed = listed.map_err(Problem::of_field)?;
        let mut wanted = Wanted::read(caller.tenant, &params).map_err(Problem::of_field)?;
        if let Some((id, number)) = &mut wanted.account {
            *number = self.number_of(desk, (caller, errand), id).await?;
        }
        let source = wanted.source();
        let take = move |row: &RowSeen<'_>, marks: &Marks<'_>| wanted.item(row, marks);
        let walked = self.walked(caller, listed, source, take).await?;
        listed.page(walked)
    }
}

impl Wanted {
    fn read(tenant: TenantNo, params: &Params<'_, 9>) -> Result<Self, FieldError> {
        let verdict = |text: &str| match text {
            "ALLOW" => Some(true),
            "BLOCK" => Some(false),
            _ => None,
        };
        let code = |text: &str| {
            let mut codes = Code::ALL.iter().map(|code| code.as_str());
            codes.find(|code| *code == text)
        };
        Ok(Self {
            tenant,
            account: params.text("account").map(|id| (id.to_owned(), None)),
            phone: phone(params)?,
            decision: params.word("decision", verdict)?,
            kind: params.word("kind", RowKind::parse)?,
            code: params.word("code", code)?,
        })
    }

    /// The narrowest list that holds every row wanted.
    fn source(&self) -> Source {
        if let Some((id, number)) = &self.account {
            let mut keys = vec![account_key(self.tenant, id)];
            keys.extend(number.map(|number| Class::Account(number).key()));
            return Source::Posted(keys);
        }
        if let Some(number) = self.phone {
            return Source::Posted(vec![phone_key(self.tenant, number)]);
        }
        let class = match (self.kind, self.decision) {
            (_, Some(false)) => Class::Blocked,
            _ if self.code.is_some() => Class::Blocked,
            (Some(kind), _) if kind != RowKind::Decision => Class::Kind(kind),
            _ => return Source::Chain,
        };
        Source::Posted(vec![class.key()])
    }

    /// The row, if it is wanted.
    fn item(&self, row: &RowSeen<'_>, marks: &Marks<'_>) -> Option<TrailItem> {
        let decision = marks.kind == RowKind::Decision;
        let verdict = self
            .decision
            .is_none_or(|allow| decision && allow == (marks.blocked == 0));
        if !verdict || self.kind.is_some_and(|kind| kind != marks.kind) {
            return None;
        }
        let number = self.account.as_ref().and_then(|(_, number)| *number);
        let item = TrailItem::of(row, marks, number)?;
        if self.code.is_some_and(|code| !item.codes.contains(&code)) {
            return None;
        }
        if let Some((id, _)) = &self.account {
            let facts = marks.kind == RowKind::Facts;
            let said = item.account_id.as_deref();
            // A fact row is posted under the numbers of its accounts, so it is about this one when a
            // record of it is left; its first account may stand under its own key as well.
            let about = if facts {
                item.records != Some(0) && (number.is_some() || said == Some(id))
            } else {
                of_account(row, said, id)
            };
            if !about {
                return None;
            }
        }
        if let Some(number) = self.phone {
            let contact = item
                .facts
                .first()
                .and_then(|facts| facts.contact.as_deref());
            let said = item.phone.as_deref().or(contact);
            if !of_phone(self.tenant, row, said, number) {
                return None;
            }
        }
        Some(item)
    }
}
