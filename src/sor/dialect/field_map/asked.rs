//! What a call says in its query and its body.

use super::{Field, FieldMap, Found, Tree};
use crate::sor::call::Call;

/// Query and body of a call, as the system will read them.
#[derive(Debug)]
pub(in crate::sor::dialect) struct Asked {
    /// Query and body as one list.
    pub(in crate::sor::dialect) tree: Tree,
    /// Whether all of it could be read: what could not may name somebody else.
    pub(in crate::sor::dialect) is_whole: bool,
}

impl Asked {
    /// Reads both. The body is read as what the caller says it is; a system takes it as the same.
    pub(in crate::sor::dialect) fn of(call: &Call<'_>) -> Self {
        let mut parts = Vec::new();
        let mut is_whole = true;
        let mut take = |part: Option<Tree>| match part {
            Some(tree) => parts.push(tree),
            None => is_whole = false,
        };
        if !call.query.is_empty() {
            take(Tree::of_form(call.query));
        }
        if !call.body.is_empty() {
            take(body(call));
        }
        let tree = Tree::List(parts);
        Self { tree, is_whole }
    }
}

fn body(call: &Call<'_>) -> Option<Tree> {
    let kind = call.content_type.split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/x-www-form-urlencoded" => Tree::of_form(std::str::from_utf8(call.body).ok()?),
        "" | "application/json" => Tree::of_json(call.body),
        json if json.ends_with("+json") => Tree::of_json(call.body),
        _ => None,
    }
}

impl FieldMap {
    /// The accounts a call names: in its path, else in its query and body.
    pub(in crate::sor::dialect) fn accounts_of(
        &self,
        call: &Call<'_>,
        asked: &Asked,
    ) -> Found<Box<str>> {
        let in_path = call.params.iter().find(|(name, _)| {
            let name = super::bare(name);
            self.is_called(&name, Field::AccountId)
        });
        match in_path {
            Some((name, _)) => {
                let named = call.param(name).and_then(|text| super::named(text.trim()));
                named.map_or(Found::Several(Vec::new()), Found::One)
            }
            None => self.accounts(&asked.tree),
        }
    }
}
