//! `dialgate rules diff`: the last decisions asked again under another pack, on the state as it was
//! when each was made. Reads segments and archived policies alone; changes nothing.
//!
//! State is what the rows record, so each decision is compared on its own: an ALLOW that the other
//! pack would have refused stays counted for those after it, as it was.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::archive;
use super::recovery;
use super::redecide::{self, CLOCK_NOT_TRUSTED, ReplayError};
use crate::config::TenantFile;
use crate::domain::hex::unhex;
use crate::domain::ids::TenantNo;
use crate::domain::rules::{RuleNo, RulePack, SEMANTICS};
use crate::domain::time::{UnixSeconds, Zones};
use crate::domain::verdict::Code;
use crate::engine::{Engine, Options, kind_of};
use crate::ledger::data_dir::ledger_disk;
use crate::ledger::reader::{ReadError, read_rows};
use crate::ledger::{Chains, RowView};
use crate::rulepack;

/// A code and the id of the rule behind it; `-` where no rule of a pack is.
pub type Reason = (&'static str, String);

/// A decision that would come out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Its tenant.
    pub tenant: String,
    /// Its row.
    pub seq: u64,
    /// Whether it was an ALLOW, and whether it would be.
    pub allow: (bool, bool),
    /// Reasons it would have more.
    pub gained: Vec<Reason>,
    /// Reasons it would have no more.
    pub lost: Vec<Reason>,
}

/// What would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Decisions asked again, by what they were and what they would be: ALLOW is true.
    pub verdicts: BTreeMap<(bool, bool), u64>,
    /// Decisions not asked again: subject erased, or other semantics.
    pub not_redecided: u64,
    /// Decisions with other reasons or another verdict.
    pub changed: u64,
    /// Reasons that would come in, with how often.
    pub gained: BTreeMap<Reason, u64>,
    /// Reasons that would go.
    pub lost: BTreeMap<Reason, u64>,
    /// The first that would change.
    pub examples: Vec<Example>,
}

/// Which decisions.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Only this tenant's.
    pub tenant: Option<&'a str>,
    /// So many of the newest.
    pub last: u64,
    /// Examples kept at most.
    pub examples_max: usize,
}

/// Asks the last decisions of a data directory again under `pack`. `options` are those of the engine that
/// decided.
///
/// # Errors
/// [`ReplayError`].
pub fn diff(
    dir: &Path,
    options: Options,
    pack: Arc<RulePack>,
    wanted: Wanted<'_>,
) -> Result<Differences, ReplayError> {
    let mut total = 0;
    each_row(dir, |chains, row| {
        total += u64::from(wanted.takes(chains, row));
        Ok(())
    })?;
    let mut asking = Asking {
        engine: Engine::new(options, pack, Zones::bundled()),
        dir,
        wanted,
        span: (total.saturating_sub(wanted.last), total),
        seen: 0,
        named: HashMap::new(),
        packs: HashMap::new(),
        found: Differences::default(),
    };
    each_row(dir, |chains, row| asking.row(chains, row))?;
    Ok(asking.found)
}

impl Wanted<'_> {
    fn takes(&self, chains: &Chains, row: &RowView<'_>) -> bool {
        let name = || chains.name(row.tenant).unwrap_or_default();
        kind_of(row.body) == Some(b'd') && self.tenant.is_none_or(|tenant| tenant == name())
    }
}

fn each_row(
    dir: &Path,
    mut show: impl FnMut(&Chains, &RowView<'_>) -> Result<(), ReplayError>,
) -> Result<(), ReplayError> {
    let end = read_rows(&ledger_disk(dir), |chains, row| show(chains, &row));
    end.map(drop).map_err(|error| match error {
        ReadError::Stopped(stopped) => stopped,
        other @ ReadError::Damage(_) => ReplayError::Read(other.to_string()),
    })
}

#[derive(Deserialize)]
struct Recorded {
    b: u16,
    #[serde(default)]
    c: Vec<u16>,
    #[serde(default)]
    cr: Vec<u16>,
    #[serde(default)]
    rp: Vec<u64>,
    t: i64,
}

struct Asking<'a> {
    /// Holds the other pack from the first row on: accounts are placed by it.
    engine: Engine,
    dir: &'a Path,
    wanted: Wanted<'a>,
    /// The first decision asked again, and the end.
    span: (u64, u64),
    seen: u64,
    /// The pack each chain names, by hash.
    named: HashMap<u16, String>,
    packs: HashMap<String, Option<Arc<RulePack>>>,
    found: Differences,
}

impl Asking<'_> {
    fn row(&mut self, chains: &Chains, row: &RowView<'_>) -> Result<(), ReplayError> {
        let tenant = TenantNo(row.tenant);
        self.engine.expect_tenant(tenant);
        if self.wanted.takes(chains, row) {
            let (first, end) = self.span;
            if (first..end).contains(&self.seen) {
                let name = chains.name(row.tenant).unwrap_or_default();
                self.ask(tenant, name, row);
            }
            self.seen += 1;
        }
        let applied = recovery::apply(&mut self.engine, row);
        applied.map_err(|damage| ReplayError::Row(row.tenant, row.seq, damage))?;
        if kind_of(row.body) == Some(b'v') {
            let name = chains.name(row.tenant).unwrap_or_default();
            self.policy(tenant, name, row)?;
        }
        Ok(())
    }

    /// Takes up the policy an activation names, and remembers its pack for the old reasons.
    fn policy(
        &mut self,
        tenant: TenantNo,
        name: &str,
        row: &RowView<'_>,
    ) -> Result<(), ReplayError> {
        let missing = || ReplayError::Archive(row.tenant, row.seq);
        let names: redecide::Names =
            serde_json::from_slice(row.body).map_err(|_cause| missing())?;
        if names.semantics != SEMANTICS {
            return Ok(());
        }
        let kept = unhex(&names.policy).and_then(|h| archive::read(self.dir, "policy", &h).ok());
        let file = TenantFile::from_archive(&kept.ok_or_else(missing)?);
        let file = file.map_err(|_findings| missing())?;
        let policy = file.into_policy(&mut |text| self.engine.name(text));
        self.engine.name_tenant(tenant, name);
        self.engine.declare(name, policy);
        self.named.insert(row.tenant, names.pack);
        Ok(())
    }

    fn ask(&mut self, tenant: TenantNo, name: &str, row: &RowView<'_>) {
        let same_semantics = self
            .engine
            .tenant(tenant)
            .is_some_and(|t| t.activation.semantics == SEMANTICS);
        let recorded = serde_json::from_slice::<Recorded>(row.body).ok();
        let ask = redecide::ask_of_row(tenant, row);
        let (Some(recorded), Some(ask), true) = (recorded, ask, same_semantics) else {
            self.found.not_redecided += 1;
            return;
        };
        let doubted = recorded.c.contains(&CLOCK_NOT_TRUSTED);
        self.engine.trust_clock(!doubted);
        let replaced = match recorded.rp.as_slice() {
            [person, audit] => u32::try_from(*person).ok().zip(Some(*audit)),
            _ => None,
        };
        let now = self.engine.find(&ask, replaced, UnixSeconds(recorded.t));
        let new: BTreeSet<Reason> = (now.list().iter())
            .map(|found| reason(found.code, found.rule, Some(self.engine.pack())))
            .collect();
        let old_pack = self.named.get(&row.tenant).cloned();
        let old_pack = old_pack.and_then(|hash| self.pack(&hash));
        let old: BTreeSet<Reason> = (recorded.c.iter().zip(&recorded.cr))
            .filter_map(|(code, rule)| Some((Code::from_number(*code)?, RuleNo(*rule))))
            .map(|(code, rule)| reason(code, rule, old_pack.as_deref()))
            .collect();
        self.compare(
            (name, row.seq),
            (recorded.b == 0, &old),
            (now.allow(), &new),
        );
    }

    fn compare(
        &mut self,
        (tenant, seq): (&str, u64),
        (was, old): (bool, &BTreeSet<Reason>),
        (is, new): (bool, &BTreeSet<Reason>),
    ) {
        let found = &mut self.found;
        *found.verdicts.entry((was, is)).or_default() += 1;
        if (was, old) == (is, new) {
            return;
        }
        found.changed += 1;
        let gained: Vec<Reason> = new.difference(old).cloned().collect();
        let lost: Vec<Reason> = old.difference(new).cloned().collect();
        for one in &gained {
            *found.gained.entry(one.clone()).or_default() += 1;
        }
        for one in &lost {
            *found.lost.entry(one.clone()).or_default() += 1;
        }
        if found.examples.len() < self.wanted.examples_max {
            found.examples.push(Example {
                tenant: tenant.to_owned(),
                seq,
                allow: (was, is),
                gained,
                lost,
            });
        }
    }

    /// An archived pack; `None` when it does not read.
    fn pack(&mut self, hash: &str) -> Option<Arc<RulePack>> {
        if let Some(known) = self.packs.get(hash) {
            return known.clone();
        }
        let kept = unhex(hash).and_then(|h| archive::read(self.dir, "pack", &h).ok());
        let pack = kept.and_then(|bytes| rulepack::from_archive(&bytes).ok());
        let pack = pack.map(Arc::new);
        self.packs.insert(hash.to_owned(), pack.clone());
        pack
    }
}

fn reason(code: Code, rule: RuleNo, pack: Option<&RulePack>) -> Reason {
    let text = pack.and_then(|pack| pack.rule(rule));
    let id = text.map_or_else(|| "-".to_owned(), |text| text.id.to_string());
    (code.as_str(), id)
}
