//! Every account, by the bulk export.
//!
//! An export tells which accounts there are and no more: it has neither alerts nor calls, and an
//! account that is known by half could be contacted for what is not known. So each is read by itself.

use super::{Whl, account};
use crate::sor::call::{Heard, Request};
use crate::sor::dialect::field_map::{Field, Tree, bare};
use crate::sor::dialect::status::verdict;
use crate::sor::dialect::{Place, Step, Verdict, requests};
use crate::sor::route::Duty;

/// Columns of a CSV export at most.
const COLUMNS_MAX: usize = 512;

/// The export, from a place on where the system pages it.
pub(super) fn request(whl: &Whl, place: &Place) -> Option<Request> {
    let request = whl.request(Duty::AllAccounts, &[])?;
    let mut query = vec![("format", "json")];
    if !place.0.is_empty() {
        query.push(("cursor", &place.0));
    }
    Some(requests::with_query(request, &query))
}

/// The accounts of an answer in JSON, JSON a line, or CSV.
pub(super) fn step(whl: &Whl, heard: &Heard) -> Option<Step> {
    if verdict(heard.status) != Verdict::Done {
        return None;
    }
    let tree = Tree::of_json(&heard.body)
        .or_else(|| lines(&heard.body))
        .or_else(|| cells(whl, &heard.body))?;
    let mut rows = whl.map.rows(&tree);
    if !whl.map.is_listing(&tree) {
        rows.push(&tree);
    }
    let mut accounts: Vec<Box<str>> = rows
        .iter()
        .filter_map(|row| account::id_of(&whl.map, row))
        .collect();
    // Rows, and not one with an account: this is no export that can be read.
    if accounts.is_empty() && !rows.is_empty() {
        return None;
    }
    accounts.dedup();
    let next = whl
        .map
        .name(&tree, Field::NextPage)
        .filter(|_| tree.items().is_none());
    Some(Step {
        lines: Vec::new(),
        accounts,
        next: next.map(|next| Place(next.into())),
    })
}

/// One JSON value a line.
fn lines(body: &[u8]) -> Option<Tree> {
    let lines = body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    let rows: Option<Vec<Tree>> = lines.map(Tree::of_json).collect();
    rows.map(Tree::List)
}

/// CSV with a header.
fn cells(whl: &Whl, body: &[u8]) -> Option<Tree> {
    let mut reader = csv::Reader::from_reader(body);
    let names: Vec<Box<str>> = reader.headers().ok()?.iter().map(bare).collect();
    let is_id = |name: &str| {
        let mut fields = [Field::AccountId, Field::OwnId].into_iter();
        fields.any(|field| whl.map.is_called(name, field))
    };
    if names.len() > COLUMNS_MAX || !names.iter().any(|name| is_id(name)) {
        return None;
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.ok()?;
        let cells = record.iter().map(|cell| Tree::Text(cell.into()));
        rows.push(Tree::Object(names.iter().cloned().zip(cells).collect()));
    }
    Some(Tree::List(rows))
}
