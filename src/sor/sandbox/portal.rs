//! The portal: collections laid over the shapes its documents show.

use serde_json::{Map, Value, json};

use super::asked::{Asked, text_of};
use super::auth;
use super::collection::{self, Kind, Page, Place};
use super::reply::{JSON, Refusal, Reply};
use super::samples::{laid_over, portal as known};
use super::seed::Person;
use super::store::Books;
use crate::sor::route::Duty;

/// Where clients lie.
const CLIENTS: &str = "portal/clients";
/// Where correspondence lies.
const CORRESPONDENCE: &str = "portal/correspondence";
/// Rows of a page, unless a call says otherwise.
const PER_PAGE: usize = 15;

/// The answer of a call.
pub(super) fn answer(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    require(asked)?;
    match asked.route.duty {
        Some(Duty::Login) => return Ok(written(asked, &session(asked))),
        Some(Duty::CreateCorrespondence | Duty::SendCorrespondence) => {
            let row = correspondence(asked, books)?;
            return Ok(written(asked, &row));
        }
        Some(Duty::Attempts) => return page(asked, of_client(asked, books)?),
        Some(Duty::FindClients) => return page(asked, found_clients(asked, books)?),
        _ => {}
    }
    let place = Place::of(asked);
    let id = asked.last_param();
    match collection::kind(asked.catalogue, asked.route) {
        Kind::Item | Kind::List | Kind::Report if shows_many(asked) => {
            page(asked, place.all(books)?)
        }
        Kind::Item => {
            let found = place.get(books, id)?;
            // What is named by a word is no document of ours: the shape stands for it.
            let named = id.parse::<u64>().is_err().then(|| json!({ "name": id }));
            let document = found.or(named).ok_or(Refusal::NotFound)?;
            Ok(written(asked, &document))
        }
        Kind::List | Kind::Report => {
            let first = place.all(books)?.into_iter().next();
            Ok(written(asked, &first.unwrap_or(Value::Null)))
        }
        Kind::Create | Kind::Action => Ok(written(asked, &place.create(books, asked.fields())?)),
        Kind::Change => {
            let fields = changed(asked, place.get(books, id)?.as_ref());
            Ok(written(asked, &place.change(books, id, fields)?))
        }
        Kind::Remove => {
            place.remove(books, id)?;
            Ok(written(asked, &Value::Null))
        }
        Kind::Clear => {
            place.clear(books)?;
            Ok(written(asked, &Value::Null))
        }
        Kind::ReadSingle => Ok(written(asked, &collection::single(asked, books)?)),
        Kind::WriteSingle => Ok(written(asked, &collection::write_single(asked, books)?)),
    }
}

/// The fields an operation documents as required, all of them missing told at once.
fn require(asked: &Asked<'_>) -> Result<(), Refusal> {
    let required = known(asked.route.no).get("required");
    let names = required.and_then(Value::as_array).into_iter().flatten();
    let missing: Vec<String> = names
        .filter_map(Value::as_str)
        .filter(|name| asked.body.get(*name).is_none_or(Value::is_null))
        .map(str::to_owned)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Fields(missing))
    }
}

/// A document in the operation's shape, with its status.
fn written(asked: &Asked<'_>, document: &Value) -> Reply {
    let known = known(asked.route.no);
    let status = known.get("status").and_then(Value::as_u64);
    let status = status.and_then(|s| u16::try_from(s).ok()).unwrap_or(200);
    if status == 204 {
        return Reply::bytes(status, JSON, bytes::Bytes::new());
    }
    let body = match known.get("sample") {
        Some(Value::Array(shown)) => {
            let rows = shown.iter().take(1).map(|row| laid_over(row, document));
            rows.collect()
        }
        Some(shape) => laid_over(shape, document),
        None => json!({ "data": document }),
    };
    Reply::json(status, &body)
}

/// Whether an operation shows rows.
fn shows_many(asked: &Asked<'_>) -> bool {
    match known(asked.route.no).get("sample") {
        Some(Value::Array(_)) => true,
        Some(shape) => shape.get("data").is_some_and(Value::is_array),
        None => false,
    }
}

/// A page of rows in the operation's shape.
fn page(asked: &Asked<'_>, all: Vec<Value>) -> Result<Reply, Refusal> {
    let page = Page::of(all, asked, PER_PAGE);
    let shape = known(asked.route.no).get("sample");
    let shape = shape.ok_or(Refusal::NotFound)?;
    Ok(Reply::ok(&paged(shape, &page)))
}

/// The rows where the shape shows some: in a list, or in its innermost `data`.
fn paged(shape: &Value, page: &Page) -> Value {
    match shape {
        Value::Array(shown) => match shown.first() {
            Some(inner) if inner.get("data").is_some_and(Value::is_array) => {
                json!([paged(inner, page)])
            }
            Some(row) => page.rows.iter().map(|one| laid_over(row, one)).collect(),
            None => page.rows.clone().into(),
        },
        Value::Object(shown) => {
            let mut body = shown.clone();
            if let Some(rows) = body.get_mut("data") {
                *rows = paged(rows, page);
            }
            if let Some(meta) = body.get_mut("meta") {
                count(meta, page);
            }
            if let Some(links) = body.get_mut("links").and_then(Value::as_object_mut) {
                link(links, page);
            }
            Value::Object(body)
        }
        other => other.clone(),
    }
}

fn count(meta: &mut Value, page: &Page) {
    let before = (page.at - 1).saturating_mul(page.size);
    let counted = json!({
        "current_page": page.at,
        "from": before + 1,
        "last_page": page.last(),
        "per_page": page.size,
        "to": before + page.rows.len(),
        "total": page.total,
    });
    *meta = laid_over(meta, &counted);
}

/// The links that the shape has; where there is no page, there is none.
fn link(links: &mut Map<String, Value>, page: &Page) {
    for (name, link) in links {
        let to = match name.as_str() {
            "first" => Some(1),
            "last" => Some(page.last()),
            "next" => (page.at < page.last()).then_some(page.at + 1),
            "prev" => (page.at > 1).then(|| page.at - 1),
            _ => continue,
        };
        *link = to.map_or(Value::Null, |to| format!("?page={to}").into());
    }
}

/// What a login answers.
fn session(asked: &Asked<'_>) -> Value {
    let email = asked.text("email").unwrap_or_default();
    json!({
        "token": auth::token(&email, asked.now),
        "user": { "id": 1, "email": email, "first_name": "Sandy", "last_name": "Box" },
    })
}

/// A message to a client, kept.
fn correspondence(asked: &Asked<'_>, books: &mut Books) -> Result<Value, Refusal> {
    let kind = asked.needed("type")?;
    if let Some(client) = asked.text("client_id") {
        books.get(CLIENTS, &client)?.ok_or(Refusal::NotFound)?;
    }
    let mut row = asked.fields();
    let said = row.remove(&kind).or_else(|| row.remove("attributes"));
    let said = said.and_then(|said| said.as_object().cloned());
    let said = said
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(name, value)| {
            let value = text_of(&json!({ "value": value }), "value")?;
            Some(json!({ "name": name, "value": value }))
        });
    row.insert("attributes".to_owned(), said.collect());
    let id = books.number(CORRESPONDENCE)?;
    row.insert("id".to_owned(), id.into());
    row.insert("created_at".to_owned(), asked.stamp());
    row.insert("message".to_owned(), format!("Sent: {kind}").into());
    let row = Value::Object(row);
    books.put(CORRESPONDENCE, &id.to_string(), &row)?;
    Ok(row)
}

/// Correspondence, of one client and type where that is asked.
fn of_client(asked: &Asked<'_>, books: &Books) -> Result<Vec<Value>, Refusal> {
    let mut rows = books.all(CORRESPONDENCE)?;
    for name in ["client_id", "type"] {
        if let Some(wanted) = asked.query(name) {
            rows.retain(|row| text_of(row, name).as_deref() == Some(wanted));
        }
    }
    Ok(rows)
}

/// Clients of whom a rule's value is said. Rules of one field and `=` are understood; others hold for
/// everybody.
fn found_clients(asked: &Asked<'_>, books: &Books) -> Result<Vec<Value>, Refusal> {
    let mut clients = books.all(CLIENTS)?;
    let rules = asked.body.pointer("/conditions/rules");
    for rule in rules.and_then(Value::as_array).into_iter().flatten() {
        let (Some(field), Some(value)) = (text_of(rule, "field"), text_of(rule, "value")) else {
            continue;
        };
        let is_equal = text_of(rule, "operator").is_none_or(|op| op == "=");
        let is_known = clients.iter().any(|client| said(client, &field).is_some());
        if is_equal && is_known {
            clients.retain(|client| said(client, &field).as_deref() == Some(&value));
        }
    }
    Ok(clients)
}

/// A field of a client, or an attribute of that name.
fn said(client: &Value, field: &str) -> Option<String> {
    let attributes = client.get("attributes");
    let attribute = || attributes.and_then(|all| text_of(all, field));
    text_of(client, field).or_else(attribute)
}

/// The fields of a change; attributes are changed one by one.
fn changed(asked: &Asked<'_>, held: Option<&Value>) -> Map<String, Value> {
    let mut fields = asked.fields();
    let old = held.and_then(|held| held.get("attributes")?.as_object());
    if let (Some(old), Some(Value::Object(new))) = (old, fields.get_mut("attributes")) {
        for (name, value) in old {
            new.entry(name).or_insert_with(|| value.clone());
        }
    }
    fields
}

/// One of the portfolio as a client.
pub(super) fn seed(books: &mut Books, person: &Person) -> Result<(), Refusal> {
    let id = books.number(CLIENTS)?;
    let client = json!({
        "id": id,
        "client_key": format!("client-{id}"),
        "email": person.email,
        "mobile_phone": person.phones.first(),
        "salesforce_id": id,
        "joint_customer_sf_id": "",
        "ssn": 900_000_000 + id,
        "attributes": {
            "Id": format!("client-{id}"),
            "FirstName": person.first,
            "MiddleName": "",
            "LastName": person.last,
            "Email": person.email,
            "MailingState": person.state,
            "MailingPostalCode": person.zip,
            "MailingCity": person.city,
        },
    });
    books.put(CLIENTS, &id.to_string(), &client)
}
