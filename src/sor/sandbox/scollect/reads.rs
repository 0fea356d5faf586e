//! What Scollect tells.

use serde_json::{Map, Value, json};

use super::{ACCOUNTS, PORTFOLIO, failed, nothing, result, rows_of};
use crate::sor::sandbox::asked::{Asked, digits, text_of};
use crate::sor::sandbox::reply::{Refusal, Reply};
use crate::sor::sandbox::samples::{laid_over, row};
use crate::sor::sandbox::store::Books;

/// The answer of a read; `None`: it is none.
pub(super) fn answer(
    template: &str,
    asked: &Asked<'_>,
    books: &Books,
) -> Result<Option<Reply>, Refusal> {
    let filenumber = asked.param("filenumber");
    let rows = |kind: &str| books.all(&rows_of(kind, filenumber));
    let reply = match template {
        "/getportfoliolist" => {
            let portfolio = json!({ "client": "SANDBOX BANK", "id": 1, "portfolio": PORTFOLIO });
            result(&json!([laid_over(row("portfolio"), &portfolio)]))
        }
        "/getaccount/{filenumber}" => match books.get(ACCOUNTS, filenumber)? {
            Some(account) => result(&json!([account])),
            None => nothing(),
        },
        "/getaccountbysocial/{ssn}" => by_social(asked, books)?,
        "/get_accounts_in_portfolio" => in_portfolio(asked, books)?,
        "/getattempts/{filenumber}" => result(&json!({ "result": rows("attempts")? })),
        "/getphones/{filenumber}" => some(rows("phones")?, || {
            let told = format!("File number {filenumber} does not have associated phone numbers.");
            failed(&told, None)
        }),
        "/getnotes/{filenumber}" => some(rows("notes")?, || {
            let told =
                format!("File number {filenumber} does not have any notes or may not exist.");
            failed(&told, None)
        }),
        "/getpayments/{filenumber}" => match books.get(ACCOUNTS, filenumber)? {
            Some(_) => result(&rows("payments")?.into()),
            None => failed(
                &format!("File number {filenumber} does not exist."),
                Some(404),
            ),
        },
        "/getemails/{filenumber}" => some(rows("emails")?, nothing),
        "/getemailstats/{filenumber}" => match books.get(ACCOUNTS, filenumber)? {
            Some(_) => {
                let sent = json!({ "filenumber": filenumber, "sentcount": rows("emails")?.len() });
                result(&json!([laid_over(row("emailstats"), &sent)]))
            }
            None => nothing(),
        },
        "/getAlaccountdata" => card(asked, books)?,
        "/getAlpaymentdata" => pay_methods(asked, books)?,
        "/get_lastpayinfo" => {
            let file = asked.text("filenumber").unwrap_or_default();
            let last = books.all(&rows_of("payments", &file))?.pop();
            let told = last.map(|last| laid_over(row("lastpay"), &last));
            result(&json!({ "data": Vec::from_iter(told) }))
        }
        "/searchbyphone" => by_phone(asked, books)?,
        _ => return Ok(None),
    };
    Ok(Some(reply))
}

/// Rows, or what stands for none.
fn some(rows: Vec<Value>, none: impl FnOnce() -> Reply) -> Reply {
    if rows.is_empty() {
        none()
    } else {
        result(&rows.into())
    }
}

/// By the number, without a state, as its sample shows.
fn by_social(asked: &Asked<'_>, books: &Books) -> Result<Reply, Refusal> {
    let ssn = asked.param("ssn");
    let found = books.of(ACCOUNTS, "socialsecuritynumber", ssn)?;
    if found.is_empty() {
        return Ok(failed(&format!("SSN of {ssn} not found"), None));
    }
    Ok(Reply::ok(&json!({ "result": found })))
}

fn in_portfolio(asked: &Asked<'_>, books: &Books) -> Result<Reply, Refusal> {
    let Some(portfolio) = asked.text("portfolio") else {
        return Ok(failed("Missing portfolio", None));
    };
    let mut rows = Vec::new();
    for account in books.of(ACCOUNTS, "portfolio", &portfolio)? {
        let filenumber = text_of(&account, "filenumber").unwrap_or_default();
        let phones = books.all(&rows_of("phones", &filenumber))?;
        rows.push(laid_over(row("bulk"), &bulk(&account, &phones)));
    }
    Ok(result(&rows.into()))
}

/// An account by the other names this read has for its fields.
fn bulk(account: &Value, phones: &[Value]) -> Value {
    let names = [
        ("lotno", "filenumber"),
        ("lot_group", "portfolio"),
        ("MM State", "state"),
        ("MM Zip", "zip"),
        ("MM City", "city"),
        ("MM Address", "address"),
        ("E-Mail", "emailaddress"),
        ("SSN", "socialsecuritynumber"),
        ("DOB", "birthdate"),
        ("Current UPB", "currentbalance"),
        ("origacctno", "accountnumber"),
        ("creditor", "clientname"),
        ("firstname", "firstname"),
        ("lastname", "lastname"),
    ];
    let renamed = names
        .iter()
        .map(|(to, from)| ((*to).to_owned(), account[*from].clone()));
    let mut row: Map<String, Value> = renamed.collect();
    for (n, phone) in (1..=15).zip(phones) {
        row.insert(format!("phone{n}"), phone["phonenumber"].clone());
        row.insert(format!("phonestatus{n}"), phone["phonestatus"].clone());
    }
    Value::Object(row)
}

fn card(asked: &Asked<'_>, books: &Books) -> Result<Reply, Refusal> {
    let file = asked.text("FileNumber").unwrap_or_default();
    let Some(account) = books.get(ACCOUNTS, &file)? else {
        return Ok(failed(
            "This file number does not exist in the system",
            Some(404),
        ));
    };
    let phones = books.all(&rows_of("phones", &file))?;
    let phone = |n: usize| phones.get(n).map(|phone| phone["phonenumber"].clone());
    let mut told = account.clone();
    told["fullName"] = account["fullname"].clone();
    told["phone1"] = phone(0).unwrap_or_else(|| "".into());
    told["phone2"] = phone(1).unwrap_or_else(|| "".into());
    told["socialsecuritynumber"] = last_four(&account).into();
    Ok(result(
        &json!({ "success": [laid_over(row("card"), &told)] }),
    ))
}

fn last_four(account: &Value) -> String {
    let ssn = text_of(account, "socialsecuritynumber").unwrap_or_default();
    let from = ssn.len().saturating_sub(4);
    ssn.get(from..).unwrap_or_default().to_owned()
}

fn pay_methods(asked: &Asked<'_>, books: &Books) -> Result<Reply, Refusal> {
    let file = asked.text("FileNumber").unwrap_or_default();
    let method = asked.text("paymentMethod");
    let mut rows = books.all(&rows_of("payments", &file))?;
    rows.retain(|row| method.is_none() || text_of(row, "paymentmethod") == method);
    let Some(last) = rows.last() else {
        return Ok(failed(
            "The payment data based on your search criteria does not exist",
            Some(404),
        ));
    };
    Ok(result(
        &json!({ "success": [laid_over(row("paydata"), last)] }),
    ))
}

fn by_phone(asked: &Asked<'_>, books: &Books) -> Result<Reply, Refusal> {
    let wanted = digits(&asked.text("PhoneNumber").unwrap_or_default());
    let mut found = Vec::new();
    for account in books.all(ACCOUNTS)? {
        let filenumber = text_of(&account, "filenumber").unwrap_or_default();
        let phones = books.all(&rows_of("phones", &filenumber))?;
        let has =
            |phone: &Value| digits(&text_of(phone, "phonenumber").unwrap_or_default()) == wanted;
        if !wanted.is_empty() && phones.iter().any(has) {
            let mut told = account.clone();
            told["ssn"] = last_four(&account).into();
            found.push(laid_over(row("found"), &told));
        }
    }
    if found.is_empty() {
        return Ok(failed(
            "This phone number does not exist in the system",
            Some(404),
        ));
    }
    Ok(result(&json!({ "success": found })))
}
