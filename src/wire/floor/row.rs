//! The few fields of a row that the floor hears of, whatever else is in it.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::verdict::Code;
use crate::domain::words::Channel;

/// What kind of row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Decision,
    Outcome,
    Facts,
    Admin,
    Unchanged,
}

/// A row's fields, named as in the row (`docs/ledger.md`).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Row<'a> {
    a: Option<serde_json::Value>,
    b: u16,
    c: Vec<u16>,
    dr: u8,
    i: Vec<u64>,
    #[serde(borrow)]
    k: &'a str,
    ch: Option<u8>,
    #[serde(borrow)]
    o: Cow<'a, str>,
    #[serde(borrow)]
    op: Cow<'a, str>,
    r: Option<R>,
    sd: Vec<IgnoredAny>,
    t: i64,
    u: Option<i64>,
    #[serde(borrow)]
    w: Option<W<'a>>,
    x: Option<i64>,
}

/// `w` is the word an outcome was reported in, or what a decision used up.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum W<'a> {
    Word(#[serde(borrow)] Cow<'a, str>),
    Other(IgnoredAny),
}

/// `r` is the decision of an outcome, or the records of a fact row.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum R {
    Row(u64),
    Records(Vec<IgnoredAny>),
}

impl<'a> Row<'a> {
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        let row: Self = serde_json::from_slice(body).ok()?;
        matches!(row.k, "d" | "o" | "f" | "u" | "a" | "v" | "p").then_some(row)
    }

    pub(super) fn kind(&self) -> Kind {
        match self.k {
            "d" => Kind::Decision,
            "o" => Kind::Outcome,
            "f" => Kind::Facts,
            "u" => Kind::Unchanged,
            _ => Kind::Admin,
        }
    }

    pub(super) fn at(&self) -> i64 {
        self.t
    }

    pub(super) fn blocked(&self) -> u16 {
        self.b
    }

    pub(super) fn codes(&self) -> Vec<Code> {
        let codes = self.c.iter();
        codes
            .filter_map(|number| Code::from_number(*number))
            .collect()
    }

    /// The intent's channel; empty when the row has none or it was no published word.
    pub(super) fn channel(&self) -> &'static str {
        let of_intent = self.i.first().and_then(|word| word.checked_sub(1));
        let of_intent = of_intent.and_then(|number| u8::try_from(number).ok());
        let number = of_intent.or(self.ch);
        number
            .and_then(Channel::from_number)
            .map_or("", Channel::as_str)
    }

    /// The word an outcome was reported in; rows of earlier versions have what it counted as.
    pub(super) fn outcome(&self) -> &str {
        match &self.w {
            Some(W::Word(word)) => word,
            Some(W::Other(_)) | None => &self.o,
        }
    }

    pub(super) fn dry_run(&self) -> bool {
        self.dr != 0
    }

    pub(super) fn use_by(&self) -> Option<i64> {
        self.u
    }

    pub(super) fn next_allowed_at(&self) -> Option<i64> {
        self.x
    }

    /// The decision an outcome settles.
    pub(super) fn settles(&self) -> Option<u64> {
        match self.r {
            Some(R::Row(row)) if row != 0 => Some(row),
            _ => None,
        }
    }

    /// Whether an outcome is of an account somebody knows.
    pub(super) fn matched(&self) -> bool {
        self.a.is_some()
    }

    pub(super) fn records(&self) -> u64 {
        match &self.r {
            Some(R::Records(records)) => records.len() as u64,
            _ => 0,
        }
    }

    /// What an administrative row did.
    pub(super) fn act(&self) -> &str {
        match self.k {
            "v" => "activation",
            "p" => "announcement",
            _ => &self.op,
        }
    }

    pub(super) fn has_subject(&self) -> bool {
        !self.sd.is_empty()
    }
}

/// The caller's words of a subject that filters look at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Who<'a> {
    #[serde(borrow, rename = "account_id")]
    pub(super) account: Cow<'a, str>,
    #[serde(borrow, rename = "source_system")]
    pub(super) source: Cow<'a, str>,
    #[serde(borrow, rename = "agent_id")]
    pub(super) agent: Cow<'a, str>,
    #[serde(borrow, rename = "campaign_id")]
    pub(super) campaign: Cow<'a, str>,
}

impl<'a> Who<'a> {
    /// What a subject says; nothing when it is erased or of another shape. A record's is a list,
    /// which would be taken for the fields above by their order.
    pub(super) fn read(subject: Option<&'a [u8]>) -> Self {
        let named = subject.filter(|bytes| bytes.starts_with(b"{"));
        let read = |bytes| serde_json::from_slice(bytes).ok();
        named.and_then(read).unwrap_or_default()
    }
}
