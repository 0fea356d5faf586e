//! Disputes: open, changed, escalated, resolved. While one is open its account is disputed.

use serde_json::{Value, json};

use super::{ACCOUNTS, Act, account, filtered, listed, named_account, numbered};
use crate::domain::time::UnixSeconds;
use crate::sor::sandbox::asked::{Asked, text_of};
use crate::sor::sandbox::collection::merge;
use crate::sor::sandbox::reply::{Refusal, Reply};
use crate::sor::sandbox::store::Books;

const DISPUTES: &str = "whl disputes";
const TYPES: [&str; 4] = ["validation", "not_mine", "amount", "identity_theft"];
const STATUSES: [&str; 4] = ["open", "escalated", "resolved", "withdrawn"];

pub(super) const ACTS: &[(&str, &str, Act)] = &[
    ("POST", "/api/disputes", opened),
    ("POST", "/api/consumer/dispute", opened),
    ("GET", "/api/disputes", list),
    ("GET", "/api/consumer/disputes", list),
    ("GET", "/api/disputes/types", types),
    ("GET", "/api/disputes/statuses", statuses),
    ("GET", "/api/disputes/stats", stats),
    ("GET", "/api/disputes/{dispute_id}", one),
    ("PUT", "/api/disputes/{dispute_id}", changed),
    ("POST", "/api/disputes/{dispute_id}/resolve", resolved),
    ("POST", "/api/disputes/{dispute_id}/escalate", escalated),
    (
        "POST",
        "/api/consumer/disputes/{dispute_id}/resolve",
        resolved,
    ),
];

/// A dispute about an account, which it marks.
pub(super) fn open(
    books: &mut Books,
    account_id: &str,
    mut dispute: Value,
    at: UnixSeconds,
) -> Result<Value, Refusal> {
    dispute["account_id"] = account_id.into();
    dispute["status"] = "open".into();
    if dispute.get("opened_at").is_none() {
        dispute["opened_at"] = at.rfc3339().as_str().into();
    }
    let kept = numbered(books, DISPUTES, ("dispute_id", "DSP"), dispute)?;
    mark(books, account_id)?;
    Ok(kept)
}

/// An account is disputed while one of its disputes is neither resolved nor withdrawn.
fn mark(books: &mut Books, account_id: &str) -> Result<(), Refusal> {
    let mut held = account(books, account_id)?;
    let disputes = books.of(DISPUTES, "account_id", account_id)?;
    let is_disputed = disputes
        .iter()
        .any(|dispute| dispute["status"] != "resolved" && dispute["status"] != "withdrawn");
    held["disputed"] = is_disputed.into();
    match (is_disputed, text_of(&held, "status").as_deref()) {
        (true, Some("open")) => held["status"] = "disputed".into(),
        (false, Some("disputed")) => held["status"] = "open".into(),
        _ => {}
    }
    books.put(ACCOUNTS, account_id, &held)
}

fn opened(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let (id, _) = named_account(asked, books)?;
    let kept = open(books, &id, Value::Object(asked.fields()), asked.now)?;
    Ok(Reply::json(201, &kept))
}

fn list(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(listed(asked, filtered(asked, books, DISPUTES)?))
}

#[expect(clippy::unnecessary_wraps, reason = "an entry of the table")]
fn types(_: &Asked<'_>, _: &mut Books) -> Result<Reply, Refusal> {
    Ok(Reply::ok(&json!({ "types": TYPES })))
}

#[expect(clippy::unnecessary_wraps, reason = "an entry of the table")]
fn statuses(_: &Asked<'_>, _: &mut Books) -> Result<Reply, Refusal> {
    Ok(Reply::ok(&json!({ "statuses": STATUSES })))
}

fn stats(_: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let all = books.all(DISPUTES)?;
    let count = |status: &str| all.iter().filter(|one| one["status"] == status).count();
    let counts = STATUSES.map(|status| (status.to_owned(), Value::from(count(status))));
    let counts = Value::Object(counts.into_iter().collect());
    Ok(Reply::ok(
        &json!({ "total": all.len(), "by_status": counts }),
    ))
}

fn held(asked: &Asked<'_>, books: &Books) -> Result<Value, Refusal> {
    let held = books.get(DISPUTES, asked.param("dispute_id"))?;
    held.ok_or(Refusal::NotFound)
}

fn one(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(Reply::ok(&held(asked, books)?))
}

fn changed(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let status = asked.text("status");
    if status.is_some_and(|status| !STATUSES.contains(&status.as_str())) {
        return Err(Refusal::Field("status"));
    }
    let dispute = held(asked, books)?;
    keep(asked, books, dispute)
}

fn resolved(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let mut dispute = held(asked, books)?;
    if dispute["status"] == "resolved" {
        return Err(Refusal::Conflict("already resolved"));
    }
    dispute["resolved_at"] = asked.stamp();
    set(asked, books, dispute, "resolved")
}

fn escalated(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let dispute = held(asked, books)?;
    set(asked, books, dispute, "escalated")
}

fn set(
    asked: &Asked<'_>,
    books: &mut Books,
    mut dispute: Value,
    status: &str,
) -> Result<Reply, Refusal> {
    merge(&mut dispute, asked.fields());
    dispute["status"] = status.into();
    write(asked, books, &dispute)
}

fn keep(asked: &Asked<'_>, books: &mut Books, mut dispute: Value) -> Result<Reply, Refusal> {
    let account = dispute["account_id"].clone();
    merge(&mut dispute, asked.fields());
    dispute["account_id"] = account;
    if dispute["status"] == "resolved" && dispute.get("resolved_at").is_none() {
        dispute["resolved_at"] = asked.stamp();
    }
    write(asked, books, &dispute)
}

fn write(asked: &Asked<'_>, books: &mut Books, dispute: &Value) -> Result<Reply, Refusal> {
    books.put(DISPUTES, asked.param("dispute_id"), dispute)?;
    if let Some(account) = text_of(dispute, "account_id") {
        // An erased account has nothing left to mark.
        match mark(books, &account) {
            Ok(()) | Err(Refusal::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(Reply::ok(dispute))
}
