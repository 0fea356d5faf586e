//! Accounts: cards, what stands in their way, who is next, and what takes them out.

use serde_json::{Value, json};

use super::{ACCOUNTS, Act, account, listed};
use crate::sor::sandbox::asked::{Asked, digits, text_of};
use crate::sor::sandbox::collection::merge;
use crate::sor::sandbox::reply::{Refusal, Reply};
use crate::sor::sandbox::store::Books;

/// Flags of an account that restrict.
const FLAGS: [&str; 5] = [
    "disputed",
    "bankruptcy",
    "deceased",
    "cease_and_desist",
    "attorney_represented",
];
/// Accounts an agent is given at once.
const BATCH: usize = 10;

pub(super) const ACTS: &[(&str, &str, Act)] = &[
    ("GET", "/api/queue/account/{account_id}", card),
    ("GET", "/api/widget/{account_id}", card),
    ("GET", "/api/data-enrichment/rdn/profile/{account_id}", card),
    (
        "GET",
        "/api/connectors/dialer/{dialer_id}/screen-pop/{account_id}",
        card,
    ),
    ("GET", "/api/consumer/lookup", looked_up),
    ("GET", "/api/widget/{account_id}/alerts", alerts),
    (
        "GET",
        "/api/data-enrichment/rdn/compliance/{account_id}",
        compliance,
    ),
    (
        "GET",
        "/api/data-enrichment/drn/contacts/{account_id}",
        contacts,
    ),
    ("GET", "/api/queue/next/{agent_id}", next),
    ("GET", "/api/queue/random", next),
    ("GET", "/api/queue/batch/{agent_id}", batch),
    ("GET", "/api/agent/{agent_id}/queue", batch),
    ("GET", "/api/queue/search", search),
    ("GET", "/api/widget/search", search),
    (
        "POST",
        "/api/data-enrichment/rdn/recall/{account_id}",
        recall,
    ),
    ("POST", "/api/data-enrichment/rdn/webhook", status_event),
    ("DELETE", "/api/consumer/data/{account_id}", erase),
    (
        "POST",
        "/api/data-enrichment/skip-trace/apply/{search_id}",
        apply_search,
    ),
];

fn card(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(Reply::ok(&account(books, asked.param("account_id"))?))
}

/// What a consumer sees of the account they name.
fn looked_up(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked
        .query("account_id")
        .ok_or(Refusal::Field("account_id"))?;
    let held = account(books, id)?;
    let seen = ["account_id", "balance", "creditor", "status"];
    let seen = seen.map(|name| (name.to_owned(), held[name].clone()));
    Ok(Reply::ok(&Value::Object(seen.into_iter().collect())))
}

fn alerts(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked.param("account_id");
    let held = account(books, id)?;
    let raised = FLAGS.iter().filter(|flag| held[**flag] == true);
    let alerts: Vec<Value> = raised
        .map(|flag| json!({ "type": flag, "active": true }))
        .collect();
    Ok(Reply::ok(&json!({ "account_id": id, "alerts": alerts })))
}

fn compliance(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked.param("account_id");
    let held = account(books, id)?;
    let mut told = json!({ "account_id": id, "checked_at": asked.stamp() });
    for flag in FLAGS {
        told[flag] = held[flag].clone();
    }
    Ok(Reply::ok(&told))
}

fn contacts(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked.param("account_id");
    let held = account(books, id)?;
    let told = json!({
        "account_id": id, "phones": held["phones"], "emails": held["emails"],
    });
    Ok(Reply::ok(&told))
}

fn open(books: &Books) -> Result<Vec<Value>, Refusal> {
    let mut all = books.all(ACCOUNTS)?;
    all.retain(|account| account["status"] == "open");
    Ok(all)
}

/// Whose turn it is: one after the other, and from the beginning again.
fn next(_: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let mut all = open(books)?;
    let turn = books.number("whl turns")?;
    let at = usize::try_from(turn).unwrap_or(0) % all.len().max(1);
    if at >= all.len() {
        return Err(Refusal::NotFound);
    }
    Ok(Reply::ok(&all.swap_remove(at)))
}

fn batch(_: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let mut all = open(books)?;
    all.truncate(BATCH);
    Ok(Reply::ok(&json!({ "accounts": all })))
}

/// Accounts whose id, name or number holds the text `q`.
fn search(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let wanted = asked.query("q").or_else(|| asked.query("query"));
    let wanted = wanted.unwrap_or_default().to_lowercase();
    let mut all = books.all(ACCOUNTS)?;
    all.retain(|account| {
        let names = ["account_id", "first_name", "last_name"];
        let texts = names.iter().filter_map(|name| text_of(account, name));
        let number = digits(&wanted);
        let phones = account["phones"].as_array().into_iter().flatten();
        texts
            .map(|text| text.to_lowercase())
            .any(|text| text.contains(&wanted))
            || phones
                .filter_map(|phone| text_of(phone, "number"))
                .any(|phone| phone == number)
    });
    Ok(listed(asked, all))
}

fn recall(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked.param("account_id");
    let mut held = account(books, id)?;
    if held["status"] == "recalled" {
        return Err(Refusal::Conflict("already recalled"));
    }
    held["status"] = "recalled".into();
    held["recalled_at"] = asked.stamp();
    books.put(ACCOUNTS, id, &held)?;
    Ok(Reply::ok(
        &json!({ "account_id": id, "status": "recalled" }),
    ))
}

/// A status that somebody else reports: it becomes the account's, and its flag where it has one.
fn status_event(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked.needed("account_id")?;
    let event = asked.text("status").or_else(|| asked.text("event"));
    let event = event.ok_or(Refusal::Field("status"))?;
    let mut held = account(books, &id)?;
    if FLAGS.contains(&event.as_str()) {
        held[event.as_str()] = true.into();
    }
    held["status"] = event.into();
    books.put(ACCOUNTS, &id, &held)?;
    Ok(Reply::ok(&json!({ "account_id": id, "received": true })))
}

fn erase(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked.param("account_id");
    if !books.remove(ACCOUNTS, id)? {
        return Err(Refusal::NotFound);
    }
    Ok(Reply::ok(&json!({ "account_id": id, "deleted": true })))
}

/// A number that was found becomes the account's.
fn apply_search(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let (id, mut held) = super::named_account(asked, books)?;
    if let Some(phone) = asked.text("phone")
        && let Some(phones) = held["phones"].as_array_mut()
    {
        phones.push(json!({ "number": digits(&phone), "status": "unverified" }));
    }
    books.put(ACCOUNTS, &id, &held)?;
    let search = asked.param("search_id");
    let told = json!({ "search_id": search, "account_id": id, "applied": true });
    Ok(Reply::ok(&told))
}

/// An account of these fields in the place of what it was; `None`: it names none.
pub(super) fn take_in(books: &mut Books, record: &Value) -> Result<Option<String>, Refusal> {
    let Some(id) = text_of(record, "account_id") else {
        return Ok(None);
    };
    let mut held = books.get(ACCOUNTS, &id)?.unwrap_or_else(
        || json!({ "status": "open", "balance": "0.00", "phones": [], "emails": [] }),
    );
    merge(&mut held, record.as_object().cloned().unwrap_or_default());
    books.put(ACCOUNTS, &id, &held)?;
    Ok(Some(id))
}
