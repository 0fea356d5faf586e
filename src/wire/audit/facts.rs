//! The records of a fact row, with the texts of their subjects put back.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::RowSeen;

/// Records told of one row; how many there are stands beside them.
pub const RECORDS_SHOWN_MAX: usize = 20;
/// Facts told of one record.
const FACTS_SHOWN_MAX: usize = 40;

/// One record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FactsSaid {
    /// Account; `None`: of a number or address of the whole tenant, or erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Number or address of the whole tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Kinds of facts, in order; of those lifted, `lifted:` before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// Who stated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The document behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
    /// Why it was lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its texts were destroyed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
}

#[derive(Deserialize)]
struct Body<'b> {
    #[serde(borrow)]
    r: Vec<Landed<'b>>,
}

#[derive(Deserialize)]
struct Landed<'b> {
    a: Option<u32>,
    #[serde(borrow)]
    r: &'b RawValue,
}

/// Records of a fact row that `wanted` (an account's number) is about, or all; at most
/// [`RECORDS_SHOWN_MAX`], and how many there are.
pub(super) fn records(row: &RowSeen<'_>, wanted: Option<u32>) -> (Vec<FactsSaid>, usize) {
    let Ok(body) = serde_json::from_slice::<Body<'_>>(row.body) else {
        return (Vec::new(), 0);
    };
    let all = body.r.iter().enumerate();
    let mine = all.filter(|(_, landed)| wanted.is_none_or(|no| landed.a == Some(no)));
    let (mut told, mut many) = (Vec::new(), 0);
    for (at, landed) in mine {
        many += 1;
        if told.len() < RECORDS_SHOWN_MAX {
            let subject = row.subjects.get(at).copied().flatten();
            told.push(record(landed, subject));
        }
    }
    (told, many)
}

fn record(landed: &Landed<'_>, subject: Option<&[u8]>) -> FactsSaid {
    let record: Value = serde_json::from_str(landed.r.get()).unwrap_or_default();
    let texts: Vec<String> = subject
        .and_then(|bytes| serde_json::from_slice(bytes).ok())
        .unwrap_or_default();
    let text = |of: &Value, name: &str| {
        let text = of.get(name)?.as_str()?;
        let Some(at) = text.strip_prefix('$') else {
            return Some(text.to_owned());
        };
        texts.get(at.parse::<usize>().ok()?).cloned()
    };
    let many = record.get("facts").and_then(Value::as_array);
    let facts: Vec<&Value> = match many {
        Some(many) => many.iter().take(FACTS_SHOWN_MAX).collect(),
        None if landed.a.is_none() => vec![&record],
        None => Vec::new(),
    };
    let name = |fact: &&Value| {
        let kind = fact.get("fact")?.as_str()?;
        let lifted = fact.get("lifted").and_then(Value::as_bool) == Some(true);
        Some(if lifted {
            format!("lifted:{kind}")
        } else {
            kind.to_owned()
        })
    };
    let first = |wanted: &str| {
        let of_fact = facts.iter().find_map(|fact| text(fact, wanted));
        text(&record, wanted).or(of_fact)
    };
    FactsSaid {
        account_id: text(&record, "account_id"),
        contact: landed
            .a
            .is_none()
            .then(|| first("phone").or_else(|| first("address")))
            .flatten(),
        facts: facts.iter().filter_map(name).collect(),
        actor: first("actor"),
        document_id: first("document_id"),
        reason: first("reason"),
        erased: subject.is_none(),
    }
}
