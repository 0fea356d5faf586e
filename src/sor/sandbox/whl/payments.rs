//! Plans and payments. A plan is one thing under two groups of routes.

use serde_json::{Value, json};

use super::{ACCOUNTS, Act, account, filtered, listed, named_account, numbered};
use crate::sor::sandbox::asked::{Asked, text_of};
use crate::sor::sandbox::collection::merge;
use crate::sor::sandbox::money::{cents, spelt};
use crate::sor::sandbox::reply::{Refusal, Reply};
use crate::sor::sandbox::store::Books;

const PLANS: &str = "whl plans";
const PAYMENTS: &str = "whl payments";

pub(super) const ACTS: &[(&str, &str, Act)] = &[
    ("POST", "/api/payments/plans", create),
    ("POST", "/api/payment-plans", create),
    ("GET", "/api/payments/plans", plans),
    ("GET", "/api/payment-plans/overdue/all", overdue),
    ("GET", "/api/payments/broken-promises", overdue),
    ("GET", "/api/agent/{agent_id}/promises", plans),
    ("GET", "/api/payment-plans/account/{account_id}", of_account),
    ("GET", "/api/payments/plans/{plan_id}", plan),
    ("GET", "/api/payment-plans/{plan_id}", plan),
    ("PUT", "/api/payment-plans/{plan_id}", change),
    ("DELETE", "/api/payment-plans/{plan_id}", cancel),
    ("POST", "/api/payments/plans/{plan_id}/payment", instalment),
    ("POST", "/api/payment-plans/{plan_id}/payment", instalment),
    ("POST", "/api/consumer/payment", payment),
    ("POST", "/api/consumer/webhook/stripe", reported),
    ("GET", "/api/consumer/payment-history", history),
    ("GET", "/api/payments/stats", stats),
];

/// A plan over what is owed, or over `amount`.
fn create(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let (id, held) = named_account(asked, books)?;
    let owed = cents(asked.body.get("amount")).or_else(|| cents(held.get("balance")));
    let mut plan = Value::Object(asked.fields());
    plan["account_id"] = id.into();
    plan["status"] = "active".into();
    plan["remaining"] = spelt(owed.unwrap_or(0)).into();
    plan["created_at"] = asked.stamp();
    let kept = numbered(books, PLANS, ("plan_id", "PLN"), plan)?;
    Ok(Reply::json(201, &kept))
}

fn plans(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(listed(asked, filtered(asked, books, PLANS)?))
}

/// Active plans whose `next_due` has passed.
fn overdue(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let today = asked.now.rfc3339().as_str().to_owned();
    let mut rows = filtered(asked, books, PLANS)?;
    rows.retain(|row| {
        let due = text_of(row, "next_due");
        row["status"] == "active" && due.is_some_and(|due| due < today)
    });
    Ok(listed(asked, rows))
}

fn of_account(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked.param("account_id");
    account(books, id)?;
    Ok(listed(asked, books.of(PLANS, "account_id", id)?))
}

fn held(asked: &Asked<'_>, books: &Books) -> Result<Value, Refusal> {
    let held = books.get(PLANS, asked.param("plan_id"))?;
    held.ok_or(Refusal::NotFound)
}

fn plan(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(Reply::ok(&held(asked, books)?))
}

fn change(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let mut plan = held(asked, books)?;
    let account = plan["account_id"].clone();
    merge(&mut plan, asked.fields());
    plan["account_id"] = account;
    plan["plan_id"] = asked.param("plan_id").into();
    books.put(PLANS, asked.param("plan_id"), &plan)?;
    Ok(Reply::ok(&plan))
}

fn cancel(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let mut plan = held(asked, books)?;
    if plan["status"] != "active" {
        return Err(Refusal::Conflict("not active"));
    }
    plan["status"] = "cancelled".into();
    books.put(PLANS, asked.param("plan_id"), &plan)?;
    Ok(Reply::ok(&plan))
}

fn instalment(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let mut plan = held(asked, books)?;
    if plan["status"] != "active" {
        return Err(Refusal::Conflict("not active"));
    }
    let paid = amount(asked)?;
    let left = cents(plan.get("remaining")).unwrap_or(0) - paid;
    plan["remaining"] = spelt(left.max(0)).into();
    if left <= 0 {
        plan["status"] = "completed".into();
    }
    books.put(PLANS, asked.param("plan_id"), &plan)?;
    if let Some(account) = text_of(&plan, "account_id") {
        take(asked, books, &account, paid)?;
    }
    Ok(Reply::json(201, &plan))
}

fn amount(asked: &Asked<'_>) -> Result<i64, Refusal> {
    let paid = cents(asked.body.get("amount")).filter(|paid| *paid > 0);
    paid.ok_or(Refusal::Field("amount"))
}

fn payment(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let (id, _) = named_account(asked, books)?;
    let kept = take(asked, books, &id, amount(asked)?)?;
    Ok(Reply::json(201, &kept))
}

/// A payment the processor reports; of what names no account nothing follows.
fn reported(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let object = asked.body.pointer("/data/object").unwrap_or(&asked.body);
    let metadata = object.get("metadata").unwrap_or(object);
    if let (Some(id), Some(paid)) = (
        text_of(metadata, "account_id"),
        object.get("amount").and_then(Value::as_i64),
    ) {
        account(books, &id)?;
        take(asked, books, &id, paid)?;
    }
    Ok(Reply::ok(&json!({ "received": true })))
}

/// Money for an account: what is owed becomes less, and at nothing the account is paid.
fn take(asked: &Asked<'_>, books: &mut Books, id: &str, paid: i64) -> Result<Value, Refusal> {
    let mut held = account(books, id)?;
    let left = (cents(held.get("balance")).unwrap_or(0) - paid).max(0);
    held["balance"] = spelt(left).into();
    if left == 0 {
        held["status"] = "paid".into();
    }
    books.put(ACCOUNTS, id, &held)?;
    let payment = json!({
        "account_id": id, "amount": spelt(paid), "status": "completed", "paid_at": asked.stamp(),
    });
    numbered(books, PAYMENTS, ("payment_id", "PAY"), payment)
}

fn history(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(listed(asked, filtered(asked, books, PAYMENTS)?))
}

fn stats(_: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let payments = books.all(PAYMENTS)?;
    let sum: i64 = payments
        .iter()
        .filter_map(|one| cents(one.get("amount")))
        .sum();
    Ok(Reply::ok(
        &json!({ "count": payments.len(), "total": spelt(sum) }),
    ))
}
