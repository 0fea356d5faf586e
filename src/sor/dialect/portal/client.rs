//! Clients as the portal's bodies hold them.

use crate::domain::phone::PhoneNumber;
use crate::sor::call::Call;
use crate::sor::dialect::field_map::{Found, Tree, named, number};
use crate::wire::email;
use crate::wire::query::percent_decoded;

/// How deep lists lie in lists: `data` holds pages that hold `data`.
const LISTS_DEEP_MAX: usize = 4;

/// Values under a name of an object itself; a name that stands twice gives both.
pub(super) fn values<'t>(tree: &'t Tree, name: &str) -> Vec<&'t Tree> {
    let same = tree.fields().iter().filter(|(known, _)| **known == *name);
    same.map(|(_, value)| value).collect()
}

/// Texts under a name.
pub(super) fn texts<'t>(tree: &'t Tree, name: &str) -> Vec<&'t str> {
    values(tree, name)
        .into_iter()
        .filter_map(Tree::text)
        .collect()
}

/// The one text under a name.
pub(super) fn only_text<'t>(tree: &'t Tree, name: &str) -> Option<&'t str> {
    match values(tree, name).as_slice() {
        [value] => value.text(),
        _ => None,
    }
}

/// The client of `/clients/{client}`.
pub(super) fn in_path(call: &Call<'_>) -> Option<Box<str>> {
    let (name, _) = call.params.first()?;
    named(call.param(name)?.trim())
}

/// The client that is told of, under `data` or by itself.
pub(super) fn card(tree: &Tree) -> Option<&Tree> {
    if is_client(tree) {
        return Some(tree);
    }
    match values(tree, "data").as_slice() {
        [card] if is_client(card) => Some(card),
        _ => None,
    }
}

/// A client has an id and something of a person's.
fn is_client(tree: &Tree) -> bool {
    let has = |name| !values(tree, name).is_empty();
    has("id")
        && ["email", "mobilephone", "attributes", "clientkey"]
            .into_iter()
            .any(has)
}

/// Every client a list holds; `None` when it is no list.
pub(super) fn all(tree: &Tree) -> Option<Vec<&Tree>> {
    let is_list =
        tree.items().is_some() || values(tree, "data").iter().any(|d| d.items().is_some());
    let mut found = Vec::new();
    collect(tree, LISTS_DEEP_MAX, &mut found);
    is_list.then_some(found)
}

fn collect<'t>(tree: &'t Tree, deep: usize, into: &mut Vec<&'t Tree>) {
    if is_client(tree) {
        into.push(tree);
        return;
    }
    let Some(deeper) = deep.checked_sub(1) else {
        return;
    };
    if let Some(items) = tree.items() {
        for item in items {
            collect(item, deeper, into);
        }
    }
    for list in values(tree, "data") {
        collect(list, deeper, into);
    }
}

/// The ids of a list; `None` when it is none, or a client in it has no id.
pub(super) fn listed(tree: &Tree) -> Option<Vec<Box<str>>> {
    let clients = all(tree)?.into_iter();
    clients
        .map(|client| named(only_text(client, "id")?))
        .collect()
}

/// The last page of a list, as the list itself says.
pub(super) fn last_page(tree: &Tree) -> Option<u32> {
    let meta = values(tree, "meta").into_iter();
    let mut pages = meta.filter_map(|meta| only_text(meta, "lastpage")?.parse().ok());
    pages.next()
}

/// What was searched for, by the request that searched.
pub(super) fn searched(path: &str) -> Option<String> {
    let (_, query) = path.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == "search")?;
    percent_decoded(value).map(std::borrow::Cow::into_owned)
}

/// The one client whose number or address is this. The list also finds what only resembles it.
pub(super) fn holder(tree: &Tree, point: &str) -> Option<Box<str>> {
    let holders = all(tree)?
        .into_iter()
        .filter(|client| has_point(client, point));
    let ids: Option<Vec<Box<str>>> = holders
        .map(|client| named(only_text(client, "id")?))
        .collect();
    Found::of(ids?).one()
}

fn has_point(client: &Tree, point: &str) -> bool {
    let address = email::normalise(point);
    let wanted = number(point);
    let same_address =
        address.is_some_and(|wanted| addresses(client).iter().any(|known| **known == *wanted));
    same_address || wanted.is_some_and(|wanted| numbers(client).contains(&wanted))
}

/// A client's numbers: its own, and those among its attributes.
pub(super) fn numbers(client: &Tree) -> Vec<PhoneNumber> {
    let own = texts(client, "mobilephone");
    let names = ["mobilephone", "phone", "homephone", "otherphone", "mobile"];
    let more = values(client, "attributes").into_iter();
    let more =
        more.flat_map(|attributes| names.into_iter().flat_map(|name| texts(attributes, name)));
    Found::of(own.into_iter().chain(more).filter_map(number)).all()
}

/// A client's addresses, likewise.
pub(super) fn addresses(client: &Tree) -> Vec<Box<str>> {
    let own = texts(client, "email");
    let more = values(client, "attributes").into_iter();
    let more = more.flat_map(|attributes| texts(attributes, "email"));
    let all = own.into_iter().chain(more).filter_map(email::normalise);
    Found::of(all.map(|address| Box::<str>::from(&*address))).all()
}
