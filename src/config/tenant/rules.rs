//! `[rules]`: rules of states the tenant takes on beyond the pack's defaults.
//!
//! Whether an id is known and may be taken on depends on the pack, so that is asked when both have
//! been read: [`TenantFile::check_rules`].

use serde::{Deserialize, Serialize};

use super::{RULES_MAX, TenantFile};
use crate::config::error::ConfigErrors;
use crate::config::read::Reader;
use crate::domain::place::Jurisdiction;
use crate::domain::rules::{Emergency, OwnRules, RulePack};
use crate::domain::time::CivilDate;
use crate::domain::words::Duty;

/// `[rules]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Rules {
    /// Ids that block.
    pub enforce: Vec<String>,
    /// Ids that are noted.
    pub flag: Vec<String>,
    /// Duties the house meets.
    pub duties_met: Vec<Duty>,
    /// Declared emergencies.
    pub emergency: Vec<DeclaredEmergency>,
}

/// `[[rules.emergency]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredEmergency {
    /// USPS code or `US-NY-NYC`.
    pub jurisdiction: String,
    /// First local date.
    pub from: String,
    /// Last local date; absent: it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Rules {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let all = Self {
            enforce: ids(from, "enforce"),
            flag: ids(from, "flag"),
            duties_met: {
                let mut duties: Vec<Duty> = from.take("duties_met", Vec::new());
                duties.sort_unstable();
                duties.dedup();
                duties
            },
            emergency: from.each("emergency", DeclaredEmergency::read),
        };
        if let Some(both) = all.flag.iter().find(|id| all.enforce.contains(id)) {
            from.refuse("flag", format_args!("{both:?} stands in enforce too"));
        }
        if all.emergency.len() > RULES_MAX {
            let what = format_args!("has more than {RULES_MAX} entries");
            from.refuse("emergency", what);
        }
        all
    }

    /// As the gates read it.
    pub(super) fn own(&self) -> OwnRules {
        let boxed = |ids: &[String]| ids.iter().map(|id| id.as_str().into()).collect();
        OwnRules {
            enforce: boxed(&self.enforce),
            flag: boxed(&self.flag),
            duties_met: (self.duties_met.iter()).fold(0, |set, duty| set | 1 << duty.number()),
            emergencies: self.emergency.iter().filter_map(declared).collect(),
        }
    }
}

impl DeclaredEmergency {
    fn read(from: &mut Reader<'_>) -> Self {
        let all = Self {
            jurisdiction: from.take("jurisdiction", String::new()),
            from: from.take("from", String::new()),
            until: from.take("until", None),
        };
        let date = |text: &String| CivilDate::parse(text);
        if Jurisdiction::parse(&all.jurisdiction).is_none() {
            from.refuse("jurisdiction", "needs a USPS code or US-NY-NYC");
        }
        let first = date(&all.from);
        if first.is_none() {
            from.refuse("from", "needs a date as a text, \"YYYY-MM-DD\"");
        }
        match (first, all.until.as_ref().map(date)) {
            (_, Some(None)) => from.refuse("until", "is no date as a text, \"YYYY-MM-DD\""),
            (Some(first), Some(Some(last))) if last < first => {
                from.refuse("until", "ends before it begins");
            }
            _ => {}
        }
        all
    }
}

fn declared(said: &DeclaredEmergency) -> Option<Emergency> {
    Some(Emergency {
        jurisdiction: Jurisdiction::parse(&said.jurisdiction)?,
        from: CivilDate::parse(&said.from)?,
        until: said.until.as_ref().and_then(|text| CivilDate::parse(text)),
    })
}

/// A list of ids as a set.
fn ids(from: &mut Reader<'_>, key: &str) -> Vec<String> {
    let mut ids: Vec<String> = from.take(key, Vec::new());
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > RULES_MAX {
        from.refuse(key, format_args!("has more than {RULES_MAX} ids"));
    }
    ids
}

impl TenantFile {
    /// Notes every rule the tenant names that the pack does not have, or that cannot be taken on,
    /// each by name and with the reason.
    pub fn check_rules(&self, pack: &RulePack, errors: &mut ConfigErrors) {
        let file = format!("{}.toml", self.name);
        let mut refuse = |key, id: &str, why: Option<crate::domain::rules::Unenforceable>| {
            let what = why.map_or_else(|| "is no rule of the pack".to_owned(), |w| w.to_string());
            errors.add(&file, key, format_args!("{id:?} {what}"));
        };
        for id in &self.rules.enforce {
            if let Err(why) = pack.may_enforce(id) {
                refuse("rules.enforce", id, why);
            }
        }
        for id in &self.rules.flag {
            if let Err(why) = pack.may_flag(id) {
                refuse("rules.flag", id, why);
            }
        }
        let own = self.rules.own();
        for emergency in &own.emergencies {
            if !pack.has_emergency_rule(&own, emergency.jurisdiction) {
                let place = emergency.jurisdiction.as_str();
                let what = format_args!("{place} has no emergency rule that is switched on");
                errors.add(&file, "rules.emergency", what);
            }
        }
    }
}
