//! WHL: bodies of ours to define, because its documents define none (docs/sandbox.md).

mod accounts;
mod contact;
mod disputes;
mod intake;
mod payments;

use serde_json::{Value, json};

use super::asked::{Asked, text_of};
use super::auth;
use super::collection::{self, Kind, Page, Place};
use super::money;
use super::reply::{Refusal, Reply};
use super::seed::{Person, Sign};
use super::store::Books;
use crate::domain::time::UnixSeconds;

/// Accounts, by `account_id`.
pub(super) const ACCOUNTS: &str = "whl accounts";
/// Rows of a page, unless a call says otherwise.
const PER_PAGE: usize = 50;

/// What a route does, where it does more than keep documents.
type Act = fn(&Asked<'_>, &mut Books) -> Result<Reply, Refusal>;

/// The answer of a call.
pub(super) fn answer(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let tables = [
        accounts::ACTS,
        contact::ACTS,
        disputes::ACTS,
        intake::ACTS,
        payments::ACTS,
        SESSIONS,
    ];
    let (method, template) = (&*asked.route.method, &*asked.route.template);
    let mut acts = tables.iter().flat_map(|table| table.iter());
    match acts.find(|(has, at, _)| *has == method && *at == template) {
        Some((_, _, act)) => act(asked, books),
        None => generic(asked, books),
    }
}

/// Logging in.
const SESSIONS: &[(&str, &str, Act)] = &[
    ("POST", "/api/login", login),
    ("POST", "/auth/token", login),
    ("POST", "/api/login/refresh", login),
    ("GET", "/api/login/me", me),
    ("GET", "/auth/me", me),
    ("GET", "/api/oauth/google/login", redirect),
    ("GET", "/api/oauth/microsoft/login", redirect),
];

/// Anybody is let in who says who they are.
fn login(asked: &Asked<'_>, _: &mut Books) -> Result<Reply, Refusal> {
    let names = ["username", "email", "api_key", "apikey", "client_id"];
    let subject = names.iter().find_map(|name| asked.text(name));
    let subject = match subject {
        Some(subject) => subject,
        None if asked.knock.authorization.is_some() => "sandbox".to_owned(),
        None => return Err(Refusal::Field("username")),
    };
    Ok(Reply::ok(&auth::granted(&subject, asked.now)))
}

#[expect(clippy::unnecessary_wraps, reason = "an entry of the table")]
fn me(_: &Asked<'_>, _: &mut Books) -> Result<Reply, Refusal> {
    let me = json!({ "user_id": "sandbox", "tenant_id": "sandbox", "roles": ["admin"] });
    Ok(Reply::ok(&me))
}

#[expect(clippy::unnecessary_wraps, reason = "an entry of the table")]
fn redirect(asked: &Asked<'_>, _: &mut Books) -> Result<Reply, Refusal> {
    let back = asked
        .route
        .template
        .replace("/login", "/callback?code=sandbox");
    Ok(Reply::json(302, &json!({ "location": back })).with("location", back))
}

/// What every route does that does nothing of its own.
fn generic(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let place = Place::of(asked);
    let id = asked.last_param();
    Ok(match collection::kind(asked.catalogue, asked.route) {
        Kind::Item => match place.get(books, id)? {
            Some(document) => Reply::ok(&document),
            // Nothing creates such things: it is a report about one.
            None if !is_collection(asked) => Reply::ok(&report(asked, json!({ "id": id }))),
            None => return Err(Refusal::NotFound),
        },
        Kind::List => listed(asked, place.all(books)?),
        Kind::Report => {
            let page = page(asked, place.all(books)?);
            Reply::ok(&report(asked, page))
        }
        Kind::Create => Reply::json(201, &place.create(books, asked.fields())?),
        Kind::Change => Reply::ok(&place.change(books, id, asked.fields())?),
        Kind::Remove => {
            place.remove(books, id)?;
            Reply::ok(&json!({ "id": id, "deleted": true }))
        }
        Kind::Clear => {
            place.clear(books)?;
            Reply::ok(&json!({ "deleted": true }))
        }
        Kind::ReadSingle => Reply::ok(&collection::single(asked, books)?),
        Kind::WriteSingle => Reply::ok(&collection::write_single(asked, books)?),
        Kind::Action => {
            let mut noted = place.create(books, asked.fields())?;
            noted["received_bytes"] = asked.knock.body_bytes.into();
            Reply::ok(&noted)
        }
    })
}

/// Whether something lists or creates what the path names one of.
fn is_collection(asked: &Asked<'_>) -> bool {
    let template = &*asked.route.template;
    let parent = template.rsplit_once('/').map_or("", |(parent, _)| parent);
    let mut routes = asked.catalogue.routes().iter();
    routes.any(|route| &*route.template == parent)
}

fn report(asked: &Asked<'_>, mut content: Value) -> Value {
    let words = asked.route.template.split('/');
    let name = words.rev().find(|word| !word.starts_with('{'));
    content["report"] = name.unwrap_or_default().into();
    content["generated_at"] = asked.stamp();
    content
}

/// A page of a list: `items`, `total`, `page`, `per_page`.
fn page(asked: &Asked<'_>, all: Vec<Value>) -> Value {
    let page = Page::of(all, asked, PER_PAGE);
    json!({
        "items": page.rows, "total": page.total, "page": page.at, "per_page": page.size,
    })
}

fn listed(asked: &Asked<'_>, all: Vec<Value>) -> Reply {
    Reply::ok(&page(asked, all))
}

/// An account that has to be there.
fn account(books: &Books, id: &str) -> Result<Value, Refusal> {
    books.get(ACCOUNTS, id)?.ok_or(Refusal::NotFound)
}

/// The account that a body names and that has to be there.
fn named_account(asked: &Asked<'_>, books: &Books) -> Result<(String, Value), Refusal> {
    let id = asked.needed("account_id")?;
    let account = account(books, &id)?;
    Ok((id, account))
}

/// A document with a number of its own, as `PREFIX-0001`, in its collection.
fn numbered(
    books: &mut Books,
    collection: &str,
    (field, prefix): (&str, &str),
    mut document: Value,
) -> Result<Value, Refusal> {
    let n = books.number(collection)?;
    let id = format!("{prefix}-{n:04}");
    document[field] = id.as_str().into();
    books.put(collection, &id, &document)?;
    Ok(document)
}

/// A collection, of one account and status where that is asked.
fn filtered(asked: &Asked<'_>, books: &Books, collection: &str) -> Result<Vec<Value>, Refusal> {
    let mut rows = books.all(collection)?;
    for name in ["account_id", "status"] {
        if let Some(wanted) = asked.query(name) {
            rows.retain(|row| text_of(row, name).as_deref() == Some(wanted));
        }
    }
    Ok(rows)
}

/// One of the portfolio, with a dispute or an attempt where it has one.
pub(super) fn seed(books: &mut Books, person: &Person, now: UnixSeconds) -> Result<(), Refusal> {
    let id = format!("ACC-{:03}", person.n + 1);
    let status = match person.sign {
        Some(Sign::Closed) => "closed",
        Some(Sign::Bankrupt) => "bankruptcy",
        Some(Sign::Deceased) => "deceased",
        Some(Sign::Disputed) => "disputed",
        None => "open",
    };
    let account = json!({
        "account_id": id,
        "first_name": person.first,
        "last_name": person.last,
        "status": status,
        "state": person.state,
        "city": person.city,
        "zip": person.zip,
        "creditor": "Sandbox Bank",
        "portfolio": "SANDBOX-2026",
        "balance": money::spelt(person.balance),
        "phones": person.phone_documents(),
        "emails": [person.email],
        "disputed": person.sign == Some(Sign::Disputed),
        "bankruptcy": person.sign == Some(Sign::Bankrupt),
        "deceased": person.sign == Some(Sign::Deceased),
        "cease_and_desist": false,
        "attorney_represented": false,
    });
    books.put(ACCOUNTS, &id, &account)?;
    if person.sign == Some(Sign::Disputed) {
        let opened = now.minus(5 * 86_400);
        disputes::open(books, &id, json!({ "type": "validation" }), opened)?;
    }
    if person.n.is_multiple_of(4) {
        let attempt = json!({
            "account_id": id, "outcome": "voicemail", "channel": "phone", "direction": "outbound",
            "phone": person.phones.first(),
            "occurred_at": now.minus(9 * 86_400).rfc3339().as_str(),
        });
        numbered(books, contact::ATTEMPTS, ("attempt_id", "ATT"), attempt)?;
    }
    Ok(())
}
