//! Contacts: attempts, the do-not-call list, letters, e-mail, codes.

use serde_json::{Value, json};

use super::{Act, account, filtered, listed, named_account, numbered};
use crate::sor::sandbox::asked::{Asked, digits, text_of};
use crate::sor::sandbox::collection::merge;
use crate::sor::sandbox::reply::{Refusal, Reply};
use crate::sor::sandbox::store::Books;

pub(super) const ATTEMPTS: &str = "whl attempts";
const LISTED: &str = "whl do not call";
const LETTERS: &str = "whl letters";
const MAILED: &str = "whl mailed";
const EMAILS: &str = "whl emails";
/// The code that is always the right one.
const CODE: &str = "123456";

pub(super) const ACTS: &[(&str, &str, Act)] = &[
    (
        "POST",
        "/api/queue/account/{account_id}/disposition",
        disposition,
    ),
    ("POST", "/api/widget/{account_id}/disposition", disposition),
    (
        "POST",
        "/api/connectors/dialer/{dialer_id}/disposition",
        attempt,
    ),
    ("POST", "/api/compliance/record-attempt", attempt),
    ("GET", "/api/dialer/call-log", call_log),
    ("POST", "/api/compliance/dnc/add", list_number),
    ("POST", "/api/compliance/dnc/remove", unlist_number),
    ("GET", "/api/compliance/dnc/check/{phone}", is_listed),
    ("POST", "/api/letters/generate", generate),
    ("GET", "/api/letters", letters),
    ("GET", "/api/letters/queue", letters),
    ("GET", "/api/letters/{letter_id}", letter),
    ("POST", "/api/letters/{letter_id}/send", send_letter),
    ("POST", "/api/letters/mail", mail),
    ("GET", "/api/letters/mail/history", mailed),
    ("GET", "/api/letters/mail/{delivery_id}/status", delivery),
    ("POST", "/api/email/send", send_email),
    ("GET", "/api/email/queue", emails),
    ("POST", "/api/consumer/verify/send", send_code),
    ("POST", "/api/consumer/verify/check", check_code),
];

fn disposition(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked.param("account_id").to_owned();
    account(books, &id)?;
    keep_attempt(asked, books, &id)
}

fn attempt(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let (id, _) = named_account(asked, books)?;
    keep_attempt(asked, books, &id)
}

/// The same call told twice is one attempt.
fn keep_attempt(asked: &Asked<'_>, books: &mut Books, account: &str) -> Result<Reply, Refusal> {
    let outcome = asked.text("outcome").or_else(|| asked.text("disposition"));
    let outcome = outcome.ok_or(Refusal::Field("outcome"))?;
    let call = asked.text("call_id");
    if call.is_some() {
        let calls = books.of(ATTEMPTS, "account_id", account)?;
        let same = calls
            .into_iter()
            .find(|row| text_of(row, "call_id") == call);
        if let Some(same) = same {
            return Ok(Reply::ok(&same));
        }
    }
    let mut row =
        json!({ "channel": "phone", "direction": "outbound", "occurred_at": asked.stamp() });
    merge(&mut row, asked.fields());
    row["account_id"] = account.into();
    row["outcome"] = outcome.into();
    let kept = numbered(books, ATTEMPTS, ("attempt_id", "ATT"), row)?;
    Ok(Reply::json(201, &kept))
}

fn call_log(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(listed(asked, filtered(asked, books, ATTEMPTS)?))
}

/// The numbers a body names: `phone`, or `phones`.
fn numbers(asked: &Asked<'_>) -> Result<Vec<String>, Refusal> {
    let many = asked.body.get("phones").and_then(Value::as_array);
    let many = many.into_iter().flatten().filter_map(Value::as_str);
    let one = asked.text("phone");
    let mut all: Vec<String> = many.map(digits).collect();
    all.extend(one.map(|one| digits(&one)));
    all.retain(|number| !number.is_empty());
    if all.is_empty() {
        return Err(Refusal::Field("phone"));
    }
    Ok(all)
}

fn list_number(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let numbers = numbers(asked)?;
    for number in &numbers {
        let entry = json!({
            "phone": number, "reason": asked.text("reason"), "added_at": asked.stamp(),
        });
        books.put(LISTED, number, &entry)?;
    }
    Ok(Reply::ok(&json!({ "added": numbers.len() })))
}

fn unlist_number(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let mut removed = 0;
    for number in numbers(asked)? {
        removed += usize::from(books.remove(LISTED, &number)?);
    }
    Ok(Reply::ok(&json!({ "removed": removed })))
}

fn is_listed(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let number = digits(asked.param("phone"));
    let held = books.get(LISTED, &number)?;
    let told = json!({
        "phone": number,
        "do_not_call": held.is_some(),
        "reason": held.map(|held| held["reason"].clone()),
    });
    Ok(Reply::ok(&told))
}

fn generate(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    named_account(asked, books)?;
    let mut letter = Value::Object(asked.fields());
    letter["status"] = "generated".into();
    letter["created_at"] = asked.stamp();
    let kept = numbered(books, LETTERS, ("letter_id", "LET"), letter)?;
    Ok(Reply::json(201, &kept))
}

fn letters(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let mut rows = filtered(asked, books, LETTERS)?;
    if asked.route.template.ends_with("/queue") {
        rows.retain(|row| row["status"] == "generated");
    }
    Ok(listed(asked, rows))
}

fn held_letter(books: &Books, id: &str) -> Result<Value, Refusal> {
    books.get(LETTERS, id)?.ok_or(Refusal::NotFound)
}

fn letter(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(Reply::ok(&held_letter(books, asked.param("letter_id"))?))
}

fn send_letter(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = asked.param("letter_id");
    let mut letter = held_letter(books, id)?;
    if letter["status"] == "sent" {
        return Err(Refusal::Conflict("already sent"));
    }
    letter["status"] = "sent".into();
    letter["sent_at"] = asked.stamp();
    books.put(LETTERS, id, &letter)?;
    Ok(Reply::ok(&letter))
}

/// A letter on its way by post: one that was generated, or what the body says to an account.
fn mail(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let account = match asked.text("letter_id") {
        Some(id) => held_letter(books, &id)?["account_id"].clone(),
        None => named_account(asked, books)?.0.into(),
    };
    let delivery = json!({
        "account_id": account, "letter_id": asked.text("letter_id"), "status": "mailed",
        "mailed_at": asked.stamp(),
    });
    let kept = numbered(books, MAILED, ("delivery_id", "DEL"), delivery)?;
    Ok(Reply::json(202, &kept))
}

fn mailed(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(listed(asked, filtered(asked, books, MAILED)?))
}

fn delivery(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let held = books.get(MAILED, asked.param("delivery_id"))?;
    Ok(Reply::ok(&held.ok_or(Refusal::NotFound)?))
}

fn send_email(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let to = asked.text("to").or_else(|| asked.text("email"));
    let mut email = Value::Object(asked.fields());
    email["to"] = to.ok_or(Refusal::Field("to"))?.into();
    email["status"] = "queued".into();
    email["queued_at"] = asked.stamp();
    let kept = numbered(books, EMAILS, ("email_id", "EML"), email)?;
    Ok(Reply::json(202, &kept))
}

fn emails(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    Ok(listed(asked, filtered(asked, books, EMAILS)?))
}

fn send_code(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let (id, _) = named_account(asked, books)?;
    Ok(Reply::ok(&json!({ "account_id": id, "sent": true })))
}

fn check_code(asked: &Asked<'_>, _: &mut Books) -> Result<Reply, Refusal> {
    let is_right = asked.needed("code")? == CODE;
    Ok(Reply::ok(&json!({ "verified": is_right })))
}
