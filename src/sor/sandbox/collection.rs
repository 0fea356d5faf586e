//! Collections by template: what most routes of a system of record are.
//!
//! `GET /things` lists, `POST /things` creates, `GET`, `PUT` and `DELETE /things/{id}` read, change and
//! remove. `PUT /thing` without a parameter at its end keeps one document that `GET /thing` reads.
//! `POST /things/{id}/verb` is noted as a document of the collection that its path names. A `GET` that
//! is none of these is a report: what was noted under its path.
//!
//! A collection nobody has written to has two documents, 1 and 2, so that a read finds something; with
//! the first write they become real, and can be changed and removed like others.

use serde_json::{Map, Value, json};

use super::asked::Asked;
use super::reply::Refusal;
use super::store::Books;
use crate::domain::time::UnixSeconds;
use crate::sor::catalogue::{Catalogue, Route};
use crate::sor::route::System;
use crate::wire::limits::SANDBOX_PAGE_MAX;

/// Documents of a collection before anybody wrote to it.
const EXAMPLES: u64 = 2;
/// Where documents without a collection lie.
const SINGLES: &str = "singles";

/// What a route is to its collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Item,
    List,
    Create,
    Change,
    Remove,
    /// Everything of a collection goes.
    Clear,
    ReadSingle,
    WriteSingle,
    /// Something is done to or with a thing.
    Action,
    Report,
}

/// What a route is.
pub(super) fn kind(catalogue: &Catalogue, route: &Route) -> Kind {
    let template = &*route.template;
    let is_one = template.ends_with('}');
    let has = |method: &str, same: &str| {
        let mut routes = catalogue.routes().iter();
        routes.any(|other| &*other.method == method && &*other.template == same)
    };
    match &*route.method {
        "GET" if is_one => Kind::Item,
        "GET" if has("PUT", template) => Kind::ReadSingle,
        "GET" if has("POST", template) || has_items(catalogue, template) => Kind::List,
        "GET" => Kind::Report,
        "POST" if is_one => Kind::Action,
        "POST" if has("GET", template) || has_items(catalogue, template) => Kind::Create,
        "PUT" if is_one => Kind::Change,
        "PUT" => Kind::WriteSingle,
        "DELETE" if is_one => Kind::Remove,
        "DELETE" => Kind::Clear,
        _ => Kind::Action,
    }
}

/// Whether a template has one parameter more somewhere: then it is a collection.
fn has_items(catalogue: &Catalogue, template: &str) -> bool {
    catalogue.routes().iter().any(|route| {
        let rest = route.template.strip_prefix(template);
        rest.is_some_and(|rest| {
            rest.starts_with("/{") && !rest.trim_start_matches('/').contains('/')
        })
    })
}

/// One collection.
#[derive(Debug)]
pub(super) struct Place {
    /// Its name in the store.
    pub(super) name: String,
    /// How it is called in its documents.
    noun: String,
    now: UnixSeconds,
    has_examples: bool,
}

impl Place {
    /// The collection a call is about; of an item, the one it lies in.
    pub(super) fn of(asked: &Asked<'_>) -> Self {
        let kind = kind(asked.catalogue, asked.route);
        let segments = asked.route.template.split('/').skip(1).count();
        let is_item = matches!(kind, Kind::Item | Kind::Change | Kind::Remove);
        let path = asked.filled(if is_item { segments - 1 } else { segments });
        // A customer's view is of the same things.
        let path = path.strip_prefix("/customer-portal").unwrap_or(&path);
        // What is noted one by one is read as many.
        let many = if path.ends_with("/comment") { "s" } else { "" };
        let noun = path.rsplit('/').next().unwrap_or_default();
        Self {
            name: format!("{}{path}{many}", asked.catalogue.system.as_str()),
            noun: noun.trim_end_matches('s').replace('-', " "),
            now: asked.now,
            has_examples: is_item
                || matches!(kind, Kind::List | Kind::Create | Kind::Clear)
                // What the portal reports is rows, though nothing is ever noted under its path.
                || (kind == Kind::Report && asked.catalogue.system == System::Portal),
        }
    }

    fn example(&self, n: u64) -> Value {
        let at = self.now.rfc3339();
        json!({
            "id": n,
            "name": format!("{} {n}", self.noun),
            "status": "active",
            "created_at": at.as_str(),
            "updated_at": at.as_str(),
        })
    }

    /// Every document.
    pub(super) fn all(&self, books: &Books) -> Result<Vec<Value>, Refusal> {
        if self.has_examples && !books.is_begun(&self.name)? {
            return Ok((1..=EXAMPLES).map(|n| self.example(n)).collect());
        }
        Ok(books.all(&self.name)?)
    }

    /// One document.
    pub(super) fn get(&self, books: &Books, id: &str) -> Result<Option<Value>, Refusal> {
        if self.has_examples && !books.is_begun(&self.name)? {
            let n = id.parse().ok().filter(|n| (1..=EXAMPLES).contains(n));
            return Ok(n.map(|n| self.example(n)));
        }
        Ok(books.get(&self.name, id)?)
    }

    /// Makes the examples real, before the first write.
    fn begin(&self, books: &mut Books) -> Result<(), Refusal> {
        if self.has_examples && !books.is_begun(&self.name)? {
            for _ in 0..EXAMPLES {
                let n = books.number(&self.name)?;
                books.put(&self.name, &n.to_string(), &self.example(n))?;
            }
        }
        Ok(())
    }

    /// A new document of these fields; its number is its `id`.
    pub(super) fn create(
        &self,
        books: &mut Books,
        fields: Map<String, Value>,
    ) -> Result<Value, Refusal> {
        self.begin(books)?;
        let n = books.number(&self.name)?;
        let mut document = json!({ "status": "active" });
        merge(&mut document, fields);
        let at = self.now.rfc3339();
        document["id"] = n.into();
        document["created_at"] = at.as_str().into();
        document["updated_at"] = at.as_str().into();
        books.put(&self.name, &n.to_string(), &document)?;
        Ok(document)
    }

    /// A document with these fields changed; its `id` stays.
    pub(super) fn change(
        &self,
        books: &mut Books,
        id: &str,
        fields: Map<String, Value>,
    ) -> Result<Value, Refusal> {
        self.begin(books)?;
        let mut document = books.get(&self.name, id)?.ok_or(Refusal::NotFound)?;
        let held = document.get("id").cloned();
        merge(&mut document, fields);
        document["updated_at"] = self.now.rfc3339().as_str().into();
        if let Some(held) = held {
            document["id"] = held;
        }
        books.put(&self.name, id, &document)?;
        Ok(document)
    }

    /// Takes a document out.
    pub(super) fn remove(&self, books: &mut Books, id: &str) -> Result<(), Refusal> {
        self.begin(books)?;
        if books.remove(&self.name, id)? {
            Ok(())
        } else {
            Err(Refusal::NotFound)
        }
    }

    /// Takes every document out.
    pub(super) fn clear(&self, books: &mut Books) -> Result<(), Refusal> {
        self.begin(books)?;
        for document in books.all(&self.name)? {
            if let Some(id) = super::asked::text_of(&document, "id") {
                books.remove(&self.name, &id)?;
            }
        }
        Ok(())
    }
}

/// The document kept under a call's path.
pub(super) fn single(asked: &Asked<'_>, books: &Books) -> Result<Value, Refusal> {
    let held = books.get(SINGLES, &Place::of(asked).name)?;
    Ok(held.unwrap_or_else(|| json!({ "updated_at": null })))
}

/// The same, changed by the body.
pub(super) fn write_single(asked: &Asked<'_>, books: &mut Books) -> Result<Value, Refusal> {
    let mut document = single(asked, books)?;
    merge(&mut document, asked.fields());
    document["updated_at"] = asked.stamp();
    books.put(SINGLES, &Place::of(asked).name, &document)?;
    Ok(document)
}

/// Fields into an object; what is no object becomes one.
pub(super) fn merge(document: &mut Value, fields: Map<String, Value>) {
    if let Some(held) = document.as_object_mut() {
        held.extend(fields);
    } else {
        *document = Value::Object(fields);
    }
}

/// A part of a list.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) rows: Vec<Value>,
    /// Its number, from 1.
    pub(super) at: usize,
    /// Rows of a whole one.
    pub(super) size: usize,
    pub(super) total: usize,
}

impl Page {
    /// The page a call asks for by `page` and `per_page` or `limit`.
    pub(super) fn of(all: Vec<Value>, asked: &Asked<'_>, per_page: usize) -> Self {
        let wanted = asked.number("per_page").or_else(|| asked.number("limit"));
        let per_page = wanted.unwrap_or(per_page).clamp(1, SANDBOX_PAGE_MAX);
        let page = asked.number("page").unwrap_or(1).max(1);
        let total = all.len();
        let skipped = (page - 1).saturating_mul(per_page);
        let rows = all.into_iter().skip(skipped).take(per_page).collect();
        Self {
            rows,
            at: page,
            size: per_page,
            total,
        }
    }

    /// The last page's number.
    pub(super) fn last(&self) -> usize {
        self.total.div_ceil(self.size).max(1)
    }
}
