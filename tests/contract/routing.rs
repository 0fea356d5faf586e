//! The first column: where a request goes, who may send it, and what its class does with it.

use dialgate::sor::route::{Class, Duty, System};
use dialgate::sor::sandbox::API_KEY;
use dialgate::wire::limits::SOR_BODY_BYTES_MAX;

use crate::gate::{EXCHANGED, Gate};
use crate::http::{Reply, Request};
use crate::recorder::{MARK, Seen, answer_to};
use crate::rows::Row;

/// Bytes that mean nothing to anybody and have to arrive. What contacts somebody has none: a dialect
/// may take a query for something that is said of the contact.
fn query(row: &Row) -> &'static str {
    if row.route.class == Class::Guarded {
        ""
    } else {
        "?a=%7e%2F+%20;b=//..&&c"
    }
}

/// Says what is wrong, where something is.
macro_rules! must {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err(format!($($what)+));
        }
    };
}

/// Proves one route, or says what is wrong with it.
pub(crate) fn prove(gate: &Gate, row: &Row) -> Result<(), String> {
    match row.route.class {
        Class::Hot => answered_here(gate, row),
        Class::Denied => denied(gate, row),
        class => {
            arrives(gate, row)?;
            only_for_whom_it_may(gate, row)?;
            match class {
                Class::Guarded => {
                    stopped_on_block(gate, row)?;
                    held_whole(gate, row)
                }
                Class::Tapped => held_whole(gate, row),
                Class::Upload => passes_large(gate, row),
                _ => Ok(()),
            }
        }
    }
}

/// The route's call, marked.
fn call(row: &Row) -> Request {
    let request = Request::new(
        row.method(),
        format!("{}{}", row.at_the_gateway(), query(row)),
    );
    let request = request.with(MARK, mark(row));
    match &row.body {
        Some(body) => request.typed(body.kind, body.text.clone()),
        None => request,
    }
}

fn mark(row: &Row) -> String {
    format!("{}-{}", row.system.as_str(), row.route.no)
}

/// The same by who may everything.
fn allowed(gate: &Gate, row: &Row) -> Request {
    let call = call(row);
    if row.route.public {
        call
    } else {
        call.token(gate.token(row.system))
    }
}

fn answered_here(gate: &Gate, row: &Row) -> Result<(), String> {
    let method = row.method();
    let request = |token: Option<&str>| {
        let request = Request::new(method, row.at_the_gateway()).with(MARK, mark(row));
        let request = match &row.body {
            Some(body) => request.typed(body.kind, body.text.clone()),
            None => request,
        };
        match token {
            Some(token) => request.token(token),
            None => request,
        }
    };
    let heard = gate.ask(&request(Some(gate.token(row.system))));
    let code = heard.json()["code"].clone();
    let native = !matches!(heard.status, 404 | 405 | 500..) && heard.header("x-recorder").is_none();
    must!(native, "answered {} {code}", heard.status);
    let path = &row.path;
    if !path.starts_with("/api/health") && path != "/api/version" {
        refused(&gate.ask(&request(None)), 401, "")?;
    }
    nothing_arrived(gate, row)
}

fn denied(gate: &Gate, row: &Row) -> Result<(), String> {
    let heard = gate.ask(&call(row).token(gate.token(row.system)));
    refused(&heard, 403, "ROUTE_DENIED")?;
    nothing_arrived(gate, row)
}

/// It arrives once, byte for byte, and the answer comes back byte for byte.
fn arrives(gate: &Gate, row: &Row) -> Result<(), String> {
    let heard = gate.ask(&allowed(gate, row));
    let seen = arrived_once(gate, row, &heard)?;
    let line = format!("{} {}{} HTTP/1.1", row.route.method, row.path, query(row));
    must!(seen.line == line, "arrived as {}", seen.line);
    let body = row.body.as_ref().map_or("", |body| &body.text);
    must!(seen.body == body.as_bytes(), "arrived with another body");
    let back = heard.status == 200 && heard.header("x-recorder") == Some("yes");
    must!(back, "answered {}", heard.status);
    must!(
        heard.body == answer_to(&seen).to_string().as_bytes(),
        "answered with another body"
    );
    credential(gate, row, &seen)
}

/// What it carries to be believed is what the tenant's binding says.
fn credential(gate: &Gate, row: &Row, seen: &Seen) -> Result<(), String> {
    let (bearer, key) = (seen.header("authorization"), seen.header("x-api-key"));
    let own = format!("Bearer {}", gate.token(row.system));
    let exchanged = format!("Bearer {EXCHANGED}");
    let expected: (Vec<&str>, Vec<&str>) = match (row.route.public, row.system) {
        (true, System::Portal) => (vec![], vec![API_KEY]),
        (true, _) => (vec![], vec![]),
        (false, System::Whl) => (vec![&own], vec![]),
        (false, System::Scollect) => (vec![&exchanged], vec![]),
        (false, System::Portal) => (vec![&own], vec![API_KEY]),
    };
    must!((bearer, key) == expected, "arrived with another credential");
    Ok(())
}

/// Without a credential, with another tenant's, or without a scope it needs, nothing arrives.
fn only_for_whom_it_may(gate: &Gate, row: &Row) -> Result<(), String> {
    if row.route.public {
        return Ok(());
    }
    refused(&gate.ask(&call(row)), 401, "")?;
    if !matches!(row.route.duty, Some(Duty::IngestCsv | Duty::IngestJson)) {
        // Another tenant's upload is its own, and stays here.
        let other = System::ALL
            .iter()
            .find(|system| **system != row.system)
            .unwrap();
        let heard = gate.ask(&call(row).token(gate.token(*other)));
        refused(&heard, 404, "NO_SYSTEM_OF_RECORD")?;
    }
    let changes = row.system != System::Whl && &*row.route.method != "GET";
    if changes || row.route.class == Class::Guarded {
        refused(
            &gate.ask(&call(row).token(gate.reader(row.system))),
            403,
            "",
        )?;
    }
    nothing_arrived(gate, row)
}

/// The gate's BLOCK is the answer, and nothing arrives.
fn stopped_on_block(gate: &Gate, row: &Row) -> Result<(), String> {
    let heard = gate.ask(&allowed(gate, &row.about_nobody()));
    let told = heard.json().to_string();
    must!(
        heard.status == 403 && told.contains("BLOCK"),
        "an unknown account was answered {}",
        heard.status
    );
    nothing_arrived(gate, row)
}

/// Beyond the limit of what is held whole it is refused, and nothing arrives.
fn held_whole(gate: &Gate, row: &Row) -> Result<(), String> {
    let heard =
        gate.ask(&allowed(gate, row).typed("application/json", vec![b' '; SOR_BODY_BYTES_MAX + 1]));
    refused(&heard, 413, "")?;
    nothing_arrived(gate, row)
}

/// Twice the limit of what is held whole passes, unless it is what brings a portfolio, which has
/// bounds of its own.
fn passes_large(gate: &Gate, row: &Row) -> Result<(), String> {
    if row.route.duty != Some(Duty::Noted) {
        return Ok(());
    }
    let body: Vec<u8> = (0..=250_u8).cycle().take(2 * SOR_BODY_BYTES_MAX).collect();
    let heard = gate.ask(&allowed(gate, row).typed("application/octet-stream", body.clone()));
    let seen = arrived_once(gate, row, &heard)?;
    must!(seen.body == body, "a large body arrived as another");
    Ok(())
}

fn arrived_once(gate: &Gate, row: &Row, heard: &Reply) -> Result<Seen, String> {
    let mut arrived = gate.arrived(row.system);
    let (count, code) = (arrived.len(), heard.json()["code"].clone());
    must!(
        count == 1,
        "arrived {count} times, answered {} {code}",
        heard.status
    );
    let seen = arrived.remove(0);
    must!(seen.header(MARK) == [mark(row)], "another request arrived");
    Ok(seen)
}

fn nothing_arrived(gate: &Gate, row: &Row) -> Result<(), String> {
    for system in System::ALL {
        let arrived = gate.arrived(*system);
        must!(
            arrived.is_empty(),
            "{} of {} arrived and must not",
            arrived.len(),
            mark(row)
        );
    }
    Ok(())
}

/// An answer of the gateway's own with this status and, where one is given, this code.
fn refused(heard: &Reply, status: u16, code: &str) -> Result<(), String> {
    let told = heard.json();
    let own = heard.header("x-recorder").is_none() && heard.status == status;
    let said = code.is_empty() || told["code"] == code;
    must!(
        own && said,
        "answered {} {} and not {status} {code}",
        heard.status,
        told["code"]
    );
    Ok(())
}
