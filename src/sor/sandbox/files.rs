//! Downloads: small files of the right kind.

use bytes::Bytes;
use serde_json::{Value, json};

use super::asked::{Asked, text_of};
use super::reply::{Refusal, Reply};
use super::store::Books;
use super::whl::ACCOUNTS;
use crate::sor::route::{Class, System};

/// A page with nothing on it.
const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj\n\
    trailer<</Root 1 0 R>>\n%%EOF\n";
/// An archive with nothing in it.
const ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// A recording of nothing: the head of a WAV file of 8 kHz, 8 bit, one channel.
const WAV: &[u8] =
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\0\0\0";
/// Columns of an export of accounts.
const COLUMNS: [&str; 9] = [
    "account_id",
    "first_name",
    "last_name",
    "state",
    "zip",
    "phone",
    "status",
    "balance",
    "creditor",
];

/// A file, if the route is a download.
pub(super) fn asked_for(asked: &Asked<'_>, books: &Books) -> Result<Option<Reply>, Refusal> {
    let template = &*asked.route.template;
    if template == "/api/login/html" {
        let page = Bytes::from_static(b"<!doctype html><title>Sandbox</title><form method=post>");
        return Ok(Some(Reply::bytes(200, "text/html; charset=utf-8", page)));
    }
    if asked.route.class != Class::Stream {
        return Ok(None);
    }
    let has = |word: &str| template.contains(word);
    let reply = if asked.catalogue.system == System::Whl && has("/exports/accounts") {
        accounts(asked, books)?
    } else if has("/exports/full") {
        file("application/zip", Bytes::from_static(ZIP), "full.zip")
    } else if has("/exports/") || has("csv") || has("/export") {
        file(
            "text/csv",
            Bytes::from_static(b"id,name\r\n1,example\r\n"),
            "export.csv",
        )
    } else if has("/recordings/") {
        file("audio/wav", Bytes::from_static(WAV), "recording.wav")
    } else {
        file(
            "application/pdf",
            Bytes::from_static(PDF.as_bytes()),
            "document.pdf",
        )
    };
    Ok(Some(reply))
}

fn file(kind: &'static str, body: Bytes, name: &str) -> Reply {
    let disposition = format!("attachment; filename=\"{name}\"");
    Reply::bytes(200, kind, body).with("content-disposition", disposition)
}

/// Every account: CSV, or JSON by `?format=json`, in pages by `?cursor=` and `?limit=`.
fn accounts(asked: &Asked<'_>, books: &Books) -> Result<Reply, Refusal> {
    let all = books.all(ACCOUNTS)?;
    if asked.query("format") == Some("json") {
        let from = asked.number("cursor").unwrap_or(0);
        let page = super::collection::Page::of(all.into_iter().skip(from).collect(), asked, 200);
        let next = from + page.rows.len();
        let more = page.total > page.rows.len();
        return Ok(Reply::ok(&json!({
            "accounts": page.rows,
            "next_cursor": more.then(|| next.to_string()),
        })));
    }
    let mut text = COLUMNS.join(",") + "\r\n";
    for account in &all {
        let cells = COLUMNS.map(|name| cell(account, name));
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    Ok(file("text/csv", text.into(), "accounts.csv"))
}

fn cell(account: &Value, name: &str) -> String {
    let text = if name == "phone" {
        let first = account.pointer("/phones/0");
        first.and_then(|phone| text_of(phone, "number"))
    } else {
        text_of(account, name)
    };
    let text = text.unwrap_or_default();
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
