//! What Scollect is told.

use serde_json::{Value, json};

use super::{ACCOUNTS, american, done, failed, nothing, result, rfc1123, rows_of};
use crate::domain::time::UnixSeconds;
use crate::sor::sandbox::asked::{Asked, digits, text_of};
use crate::sor::sandbox::collection::merge;
use crate::sor::sandbox::money;
use crate::sor::sandbox::reply::{Refusal, Reply};
use crate::sor::sandbox::samples::{laid_over, row};
use crate::sor::sandbox::store::Books;

const NO_FILE: &str = "Data not found for this filenumber";

/// The answer of a write; `None`: it is none.
pub(super) fn answer(
    template: &str,
    asked: &Asked<'_>,
    books: &mut Books,
) -> Result<Option<Reply>, Refusal> {
    let filenumber = asked
        .text("filenumber")
        .or_else(|| asked.text("FileNumber"));
    let account = match &filenumber {
        Some(filenumber) => books.get(ACCOUNTS, filenumber)?,
        None => None,
    };
    let reply = match (template, account) {
        ("/insertphone", Some(account)) => insert_phone(asked, books, &account)?,
        ("/updatephone", Some(account)) => update_phone(asked, books, &account)?,
        ("/insertattempt", Some(account)) => {
            keep_attempt(books, &account, &asked.body, asked.now)?;
            done("Attempt inserted successfully")
        }
        ("/InsertNoteline", Some(account)) => {
            keep_note(asked, books, &account)?;
            done("Noteline inserted successfully")
        }
        ("/updatepermissions", Some(account)) => permit(asked, books, &account)?,
        ("/updatedbase", Some(account)) => change_account(asked, books, account)?,
        ("/insert_payplan_external" | "/insert_payments_external", Some(account)) => {
            keep_payments(asked, books, &account)?;
            let told = json!({ "state": "SUCCESS", "message": "Payment successfully inserted" });
            Reply::ok(&told)
        }
        ("/run_payment_external", Some(account)) => {
            keep_payments(asked, books, &account)?;
            Reply::ok(&json!({ "result": "APPROVED", "approvalcode": "SANDBOX", "error": "" }))
        }
        ("/update_payment_external", Some(account)) => update_payments(asked, books, &account)?,
        ("/createCallback", Some(account)) => {
            keep(books, "callbacks", &file(&account), &asked.body)?;
            result(&json!({ "Success": "Callback has been uploaded" }))
        }
        ("/send_email_c2c", _) => send_email(asked, books)?,
        ("/send_text", Some(account)) => {
            keep(books, "texts", &file(&account), &asked.body)?;
            result(&json!({ "success": true }))
        }
        ("/send_text", None) => result(&json!({ "success": false })),
        ("/insertphone" | "/updatepermissions", None) => failed(NO_FILE, None),
        ("/updatephone" | "/insertattempt" | "/InsertNoteline" | "/updatedbase", None) => {
            failed(NO_FILE, Some(400))
        }
        ("/insert_payplan_external" | "/insert_payments_external", None) => failed("", None),
        ("/run_payment_external" | "/createCallback", None) => nothing(),
        ("/update_payment_external", None) => no_payments(filenumber.as_deref()),
        _ => return Ok(None),
    };
    Ok(Some(reply))
}

fn file(account: &Value) -> String {
    text_of(account, "filenumber").unwrap_or_default()
}

/// A row of an account, at the end of its kind.
fn keep(books: &mut Books, kind: &str, filenumber: &str, row: &Value) -> Result<(), Refusal> {
    let collection = rows_of(kind, filenumber);
    let n = books.number(&collection)?;
    books.put(&collection, &n.to_string(), row)
}

/// A number of an account, by its digits.
pub(super) fn keep_phone(
    books: &mut Books,
    account: &Value,
    filenumber: &str,
    number: &str,
    now: UnixSeconds,
) -> Result<(), Refusal> {
    let id = books.number("scollect/phones")?;
    let phone = json!({
        "id": id, "maindatabaseid": account["id"], "filenumber": filenumber,
        "firstname": account["firstname"], "lastname": account["lastname"],
        "phonenumber": number, "phonestatus": "Good Number", "phonetype": "UNKNOWN",
        "isagoodnumber": "UNKNOWN", "lastchange": rfc1123(now, true), "source": "LOAD",
    });
    let collection = rows_of("phones", filenumber);
    books.put(
        &collection,
        &digits(number),
        &laid_over(row("phone"), &phone),
    )
}

fn insert_phone(asked: &Asked<'_>, books: &mut Books, account: &Value) -> Result<Reply, Refusal> {
    let Some(number) = asked.text("phonenumber") else {
        return Ok(failed("phonenumber is required", Some(400)));
    };
    let filenumber = file(account);
    keep_phone(books, account, &filenumber, &number, asked.now)?;
    change_phone(asked, books, &filenumber, &number)?;
    Ok(done("Phone number inserted successfully"))
}

fn update_phone(asked: &Asked<'_>, books: &mut Books, account: &Value) -> Result<Reply, Refusal> {
    if asked
        .text("phonetype")
        .or_else(|| asked.text("phonestatus"))
        .is_none()
    {
        let told = "You need to provide at least one field to update";
        return Ok(failed(told, Some(400)));
    }
    let number = asked.text("phonenumber").unwrap_or_default();
    if change_phone(asked, books, &file(account), &number)? {
        Ok(done("Phone number updated successfully"))
    } else {
        Ok(failed(NO_FILE, Some(400)))
    }
}

/// What the call says of a number; whether there is one.
fn change_phone(
    asked: &Asked<'_>,
    books: &mut Books,
    filenumber: &str,
    number: &str,
) -> Result<bool, Refusal> {
    let collection = rows_of("phones", filenumber);
    let id = digits(number);
    let Some(mut phone) = books.get(&collection, &id)? else {
        return Ok(false);
    };
    for name in ["phonetype", "phonestatus", "source"] {
        if let Some(text) = asked.text(name) {
            phone[name] = text.into();
        }
    }
    phone["lastchange"] = rfc1123(asked.now, true).into();
    books.put(&collection, &id, &phone)?;
    Ok(true)
}

/// An attempt, stamped by the system itself.
pub(super) fn keep_attempt(
    books: &mut Books,
    account: &Value,
    said: &Value,
    at: UnixSeconds,
) -> Result<(), Refusal> {
    let minute = at.0.rem_euclid(86_400) / 60;
    let mut attempt = json!({ "agent": "SYSTEM", "type": "MANUAL", "dispo": "" });
    let stamped = json!({
        "filenumber": file(account), "maindatabaseid": account["id"],
        "date": rfc1123(at, false), "time": format!("{:02}:{:02}", minute / 60, minute % 60),
        "direction": "Outbound",
    });
    for fields in [said, &stamped] {
        merge(
            &mut attempt,
            fields.as_object().cloned().unwrap_or_default(),
        );
    }
    let attempt = laid_over(row("attempt"), &attempt);
    keep(books, "attempts", &file(account), &attempt)
}

fn keep_note(asked: &Asked<'_>, books: &mut Books, account: &Value) -> Result<(), Refusal> {
    let id = books.number("scollect/notes")?;
    let minute = asked.now.0.rem_euclid(86_400) / 60;
    let (hour, half) = (minute / 60, if minute < 720 { "AM" } else { "PM" });
    let time = format!("{}:{:02} {half}", (hour + 11) % 12 + 1, minute % 60);
    let date = american(asked.now);
    let note = json!({
        "id": id, "filenumber": file(account), "log.filenumber": account["id"].to_string(),
        "collectorname": asked.text("collectorname").unwrap_or_default(),
        "logmessage": asked.text("logmessage").unwrap_or_default(),
        "logdate": date, "logtime": time, "logdateandtime": format!("{date} AT {time}"),
    });
    keep(
        books,
        "notes",
        &file(account),
        &laid_over(row("note"), &note),
    )
}

/// One permission a call. They can be written and, in the documents, not read.
fn permit(asked: &Asked<'_>, books: &mut Books, account: &Value) -> Result<Reply, Refusal> {
    let field = asked.text("fieldname").unwrap_or_default();
    let known = row("permissions").as_array().into_iter().flatten();
    if !known.into_iter().any(|name| name.as_str() == Some(&field)) {
        let told = format!("The field {field} does not exist in the permissions table.");
        return Ok(failed(&told, None));
    }
    let filenumber = file(account);
    let held = books.get("scollect/permissions", &filenumber)?;
    let mut permissions = held.unwrap_or_else(|| json!({}));
    permissions[field] = asked.text("fieldvalue").unwrap_or_default().into();
    books.put("scollect/permissions", &filenumber, &permissions)?;
    Ok(done("Account permissions table updated successfully"))
}

/// One column a call. What identifies the account stays.
fn change_account(
    asked: &Asked<'_>,
    books: &mut Books,
    mut account: Value,
) -> Result<Reply, Refusal> {
    let field = asked.text("fieldname").unwrap_or_default();
    let is_key = matches!(field.as_str(), "id" | "filenumber");
    if is_key || account.get(&field).is_none() {
        let told = format!("The field {field} does not exist in the dbase table.");
        return Ok(failed(&told, Some(404)));
    }
    let filenumber = file(&account);
    account[field] = asked.text("fieldvalue").unwrap_or_default().into();
    books.put(ACCOUNTS, &filenumber, &account)?;
    Ok(done("Dbase table updated successfully"))
}

/// One payment, or those of `paymentdata`; what is dated for later is a plan.
fn keep_payments(asked: &Asked<'_>, books: &mut Books, account: &Value) -> Result<(), Refusal> {
    let listed = asked.body.get("paymentdata").and_then(Value::as_array);
    let each = listed.cloned().unwrap_or_else(|| vec![asked.body.clone()]);
    for one in &each {
        let said = |name: &str| text_of(one, name).or_else(|| asked.text(name));
        let payment = json!({
            "filenumber": file(account), "portfolio": account["portfolio"],
            "datetaken": american(asked.now),
            "paymentdate": said("paymentdate").unwrap_or_default(),
            "paymentamount": money::spelt(money::cents(one.get("paymentamount")).unwrap_or(0)),
            "paymentmethod": said("paymentmethod"),
            "typeofpayment": said("typeofpayment").unwrap_or_else(|| "Online".to_owned()),
        });
        let payment = laid_over(row("payment"), &payment);
        keep(books, "payments", &file(account), &payment)?;
    }
    Ok(())
}

fn update_payments(
    asked: &Asked<'_>,
    books: &mut Books,
    account: &Value,
) -> Result<Reply, Refusal> {
    let mut said = asked.fields();
    said.remove("filenumber");
    if said.is_empty() {
        let told = "At least one update field must be provided.";
        return Ok(Reply::ok(&json!({ "state": "TIMEOUT", "status": told })));
    }
    let filenumber = file(account);
    let collection = rows_of("payments", &filenumber);
    let payments = books.all(&collection)?;
    if payments.is_empty() {
        return Ok(no_payments(Some(&filenumber)));
    }
    for (n, payment) in (1_u64..).zip(payments) {
        let changed = laid_over(&payment, &Value::Object(said.clone()));
        books.put(&collection, &n.to_string(), &changed)?;
    }
    Ok(done("Payments have been updated."))
}

fn no_payments(filenumber: Option<&str>) -> Reply {
    let file = filenumber.unwrap_or_default();
    let told = format!("No payment info found with filenumber {file}");
    failed(&told, Some(400))
}

/// Exactly one account is written to.
fn send_email(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let named = asked.body.get("referenceNumbers").and_then(Value::as_array);
    let one = match named.map(Vec::as_slice) {
        Some([one]) => one.as_str().unwrap_or_default(),
        _ => "",
    };
    let account = books.get(ACCOUNTS, one)?;
    let is_sent = account.is_some();
    if is_sent {
        let id = books.number("scollect/emails")?;
        let to = account.map(|account| account["emailaddress"].clone());
        let email = json!({
            "id": id, "ReferenceNumber": one, "ToAddress": to, "TrackingType": "OkToSend",
            "Subject": asked.text("emailTemplate").unwrap_or_default(),
            "DateLoaded": rfc1123(asked.now, true), "EmailID": format!("sandbox-{id}"),
        });
        keep(books, "emails", one, &laid_over(row("email"), &email))?;
    }
    let told = (!is_sent).then_some("Exactly one known reference number is needed");
    Ok(result(&json!({
        "response": {
            "ErrorMessage": told, "Errors": null, "ResultObject": null,
            "Success": is_sent, "SuccessRedirectUrl": null,
        },
        "success": is_sent,
    })))
}
