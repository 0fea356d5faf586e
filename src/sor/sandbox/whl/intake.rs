//! What brings accounts: files, and placements.

use serde_json::{Value, json};

use super::{Act, accounts};
use crate::sor::sandbox::asked::Asked;
use crate::sor::sandbox::reply::{Refusal, Reply};
use crate::sor::sandbox::store::Books;

pub(super) const ACTS: &[(&str, &str, Act)] = &[
    ("POST", "/api/queue/ingest", csv),
    ("POST", "/api/queue/ingest/json", json_records),
    ("POST", "/api/data-enrichment/rdn/placement", placement),
];

/// Accounts of a file in JSON: an array, or `records` or `accounts` of an object.
fn json_records(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let lists = ["records", "accounts"];
    let list = lists.iter().find_map(|name| asked.body.get(*name));
    let records = list.unwrap_or(&asked.body).as_array();
    take_all(asked, books, records.map_or(&[], Vec::as_slice))
}

/// Accounts of a file in CSV, by itself or as the part of a form. A cell is text under its column's
/// name; the column `phone` becomes the account's number.
fn csv(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let body = &asked.knock.body;
    let content = part(body).unwrap_or(body);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(content);
    let names = reader
        .headers()
        .map_err(|_unreadable| Refusal::NoJson)?
        .clone();
    let mut records = Vec::new();
    for row in reader.records().map_while(Result::ok) {
        let cells = names
            .iter()
            .zip(row.iter())
            .map(|(name, cell)| (name.trim().to_lowercase(), Value::from(cell.trim())));
        let mut record = Value::Object(cells.collect());
        if let Some(phone) = record["phone"].as_str().map(str::to_owned) {
            record["phones"] = json!([{ "number": phone }]);
        }
        records.push(record);
    }
    take_all(asked, books, &records)
}

/// What stands in the first part of a form that has several: behind its head, before the boundary.
fn part(body: &[u8]) -> Option<&[u8]> {
    let boundary_end = body.windows(2).position(|pair| pair == b"\r\n")?;
    let boundary = body.get(..boundary_end)?;
    if !boundary.starts_with(b"--") {
        return None;
    }
    let head_end = body.windows(4).position(|four| four == b"\r\n\r\n")?;
    let content = body.get(head_end + 4..)?;
    let end = content
        .windows(boundary.len())
        .position(|window| window == boundary)?;
    content.get(..end)
}

/// A file longer than the sandbox reads brings nothing and is told so.
fn take_all(asked: &Asked<'_>, books: &mut Books, records: &[Value]) -> Result<Reply, Refusal> {
    let mut accepted = 0;
    for record in records {
        accepted += usize::from(accounts::take_in(books, record)?.is_some());
    }
    let told = json!({
        "received": records.len(), "accepted": accepted,
        "rejected": records.len() - accepted, "received_bytes": asked.knock.body_bytes,
        "read": asked.knock.body.len() as u64 == asked.knock.body_bytes,
    });
    Ok(Reply::json(202, &told))
}

fn placement(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    let id = accounts::take_in(books, &asked.body)?.ok_or(Refusal::Field("account_id"))?;
    Ok(Reply::json(
        201,
        &json!({ "account_id": id, "placed": true }),
    ))
}
