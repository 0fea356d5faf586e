//! Scollect: every answer an envelope, and an error as much as a success inside 200.

mod reads;
mod writes;

use serde_json::{Value, json};

use super::asked::Asked;
use super::auth;
use super::money;
use super::reply::{Refusal, Reply};
use super::samples::{laid_over, row};
use super::seed::{Person, Sign};
use super::store::Books;
use crate::domain::time::UnixSeconds;

/// Accounts, by file number.
const ACCOUNTS: &str = "scollect/accounts";
/// The one portfolio they lie in.
const PORTFOLIO: &str = "SANDBOX 2026";

/// Rows of an account: a collection each.
fn rows_of(kind: &str, filenumber: &str) -> String {
    format!("scollect/{kind}/{filenumber}")
}

/// The answer of a call.
pub(super) fn answer(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let template = &*asked.route.template;
    if template == "/login" {
        return Ok(login(asked));
    }
    if let Some(reply) = reads::answer(template, asked, books)? {
        return Ok(reply);
    }
    if let Some(reply) = writes::answer(template, asked, books)? {
        return Ok(reply);
    }
    // What nobody documents, the query builder among it.
    Ok(failed("Not available in a sandbox", None))
}

fn login(asked: &Asked<'_>) -> Reply {
    let text = |name| asked.text(name).unwrap_or_default();
    auth::exchanged(&text("apikey"), &text("pin"), asked.now).map_or_else(
        || failed("Invalid API Credentials.", Some(401)),
        |token| result(&json!({ "access_token": token })),
    )
}

/// A result in its envelope.
fn result(result: &Value) -> Reply {
    Reply::ok(&json!({ "result": result, "state": "SUCCESS" }))
}

/// A success by its words.
fn done(message: &str) -> Reply {
    result(&json!({ "success": message }))
}

/// An error by its words: an object, or a pair with a status inside where the documents show that.
fn failed(message: &str, status: Option<u16>) -> Reply {
    match status {
        None => result(&json!({ "error": message })),
        Some(status) => result(&json!([{ "error": message }, status])),
    }
}

/// What a read of nothing says, and what several reads say of an unknown account.
fn nothing() -> Reply {
    result(&json!({ "result": [] }))
}

/// `Sat, 21 Nov 2026 10:11:12 GMT`.
fn rfc1123(at: UnixSeconds, with_time: bool) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let date = at.utc_date();
    let (year, month, day) = date.ymd();
    let second = if with_time {
        at.0.rem_euclid(86_400)
    } else {
        0
    };
    // 1970-01-01 was a Thursday.
    let weekday = usize::try_from((date.days() + 3).rem_euclid(7)).unwrap_or(0);
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        DAYS.get(weekday).unwrap_or(&""),
        MONTHS.get(usize::from(month) - 1).unwrap_or(&""),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// `11/21/2026`.
fn american(at: UnixSeconds) -> String {
    let (year, month, day) = at.utc_date().ymd();
    format!("{month}/{day}/{year}")
}

/// One of the portfolio, with numbers and an attempt.
pub(super) fn seed(books: &mut Books, person: &Person, now: UnixSeconds) -> Result<(), Refusal> {
    let filenumber = format!("R{}", 1000 + person.n);
    let mut account = laid_over(
        row("account"),
        &json!({
            "id": person.n + 1,
            "filenumber": filenumber,
            "accountnumber": format!("{}", 40_000_000 + person.n),
            "firstname": person.first,
            "lastname": person.last,
            "fullname": format!("{} {}", person.first, person.last),
            "socialsecuritynumber": format!("900-00-{:04}", person.n),
            "address": format!("{} MAIN ST", person.n + 1),
            "city": person.city.to_uppercase(),
            "state": person.state,
            "zip": person.zip,
            "emailaddress": person.email,
            "currentbalance": money::spelt(person.balance),
            "originalbalance": money::spelt(person.balance),
            "clientname": "SANDBOX BANK",
            "originalcreditor": "SANDBOX BANK",
            "portfolio": PORTFOLIO,
            "statusname": "OPEN",
            "statuteoflimdate": "Sun, 31 Dec 1899 00:00:00 GMT",
        }),
    );
    match person.sign {
        Some(Sign::Bankrupt) => {
            account["statusname"] = "Bankruptcy".into();
            account["bankruptcytype"] = "7".into();
            account["datefiled"] = american(now.minus(30 * 86_400)).into();
        }
        Some(Sign::Deceased) => account["deceased"] = "YES".into(),
        Some(Sign::Closed) => {
            account["closedreason"] = "CLOSED".into();
            account["dateclosed"] = now.utc_date().to_string().into();
        }
        Some(Sign::Disputed) => account["statusname"] = "DISPUTED".into(),
        None => {}
    }
    books.put(ACCOUNTS, &filenumber, &account)?;
    for number in &person.phones {
        writes::keep_phone(books, &account, &filenumber, &Person::dashed(number), now)?;
    }
    if person.n.is_multiple_of(4) {
        let number = person.phones.first().map(|number| Person::dashed(number));
        let attempt = json!({ "phonenumber": number, "dispo": "LEFT MESSAGE MACHINE" });
        writes::keep_attempt(books, &account, &attempt, now.minus(9 * 86_400))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_documents_write_them() {
        // 2024-02-20T00:00:01Z, a Tuesday.
        let at = UnixSeconds(1_708_387_201);
        assert_eq!(rfc1123(at, false), "Tue, 20 Feb 2024 00:00:00 GMT");
        assert_eq!(rfc1123(at, true), "Tue, 20 Feb 2024 00:00:01 GMT");
        assert_eq!(american(at), "2/20/2024");
    }
}
