//! What a call says in its query and its body.

use super::{Field, FieldMap, Found, Tree};
use crate::sor::call::Call;

/// Parts of a multipart body that are looked at.
const FORM_PARTS_MAX: usize = 256;

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
        // The fields beside files, as far as they can be told: enough to restrict, and not to permit.
        parts.extend(multipart(call));
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

/// Fields of a multipart body (RFC 7578); files and fields with a type of their own are passed over.
fn multipart(call: &Call<'_>) -> Option<Tree> {
    let (kind, rest) = call.content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix("boundary="))?;
    let delimiter = format!("--{}", boundary.trim_matches('"'));
    let text = String::from_utf8_lossy(call.body);
    let fields = text
        .split(&*delimiter)
        .take(FORM_PARTS_MAX)
        .filter_map(|part| {
            let (head, value) = part.split_once("\r\n\r\n")?;
            let (_, name) = head.split_once(" name=\"")?;
            let (name, behind) = name.split_once('"')?;
            let is_file =
                behind.contains("filename") || head.to_ascii_lowercase().contains("content-type");
            let value = value.strip_suffix("\r\n")?;
            (!is_file).then(|| (super::bare(name), Tree::Text(value.into())))
        });
    Some(Tree::Object(fields.collect()))
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
