//! `dialgate ledger replay`: every decision decided again, from the first row, under the law and
//! policy its chain names, and compared with what was recorded, byte for byte.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::archive;
use super::recovery;
use crate::config::TenantFile;
use crate::domain::hash::stable_hash_128;
use crate::domain::hex::{hex, unhex};
use crate::domain::ids::TenantNo;
use crate::domain::intent::{Asked, ContactPoint, Intent};
use crate::domain::phone::PhoneNumber;
use crate::domain::rules::SEMANTICS;
use crate::domain::time::{UnixSeconds, Zones};
use crate::domain::words::Purpose;
use crate::engine::commands::{Ask, Key, RowSink, SealedSubject};
use crate::engine::{Engine, Options, RowDamage, unpack_words};
use crate::ledger::data_dir::ledger_disk;
use crate::ledger::reader::{ReadError, read_rows};
use crate::ledger::{Chains, RowView, SubjectView};
use crate::rulepack;
use crate::wire::subject::SubjectFields;

/// Code number of `CLOCK_NOT_TRUSTED`: the one thing a decision knew that no earlier row says.
pub(super) const CLOCK_NOT_TRUSTED: u16 = 1203;

/// What replaying found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Decisions that came out the same.
    pub equal: u64,
    /// Decisions that were not decided again: erased subject, or other semantics.
    pub not_redecided: u64,
    /// Rows of other kinds that were applied.
    pub applied: u64,
    /// The first decision that differs: tenant and seq.
    pub differs: Option<(String, u64)>,
    /// An incomplete last frame was seen.
    pub incomplete_tail: bool,
}

/// Why a ledger cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Reading it.
    #[error("the ledger cannot be read: {0}")]
    Read(String),
    /// A row does not apply.
    #[error("row {1} of tenant number {0} does not apply: {2}")]
    Row(u16, u64, RowDamage),
    /// What an activation names is not in the archive, or does not read.
    #[error("row {1} of tenant number {0} names a pack or policy that cannot be read")]
    Archive(u16, u64),
}

/// Replays a data directory; compares the decisions of `tenant`, or of all. `options` are those of the
/// engine that decided: one that keeps more or less decides some otherwise.
///
/// # Errors
/// [`ReplayError`].
pub fn replay(dir: &Path, options: Options, tenant: Option<&str>) -> Result<Replayed, ReplayError> {
    let pack = rulepack::embedded().map_err(|_faults| ReplayError::Read("rules".to_owned()))?;
    let engine = Engine::new(options, Arc::new(pack), Zones::bundled());
    let mut run = Run {
        engine,
        dir,
        wanted: tenant,
        found: Replayed::default(),
    };
    let end = read_rows(&ledger_disk(dir), |chains, row| run.row(chains, &row));
    let end = end.map_err(|error| match error {
        ReadError::Stopped(stopped) => stopped,
        other @ ReadError::Damage(_) => ReplayError::Read(other.to_string()),
    })?;
    run.found.incomplete_tail = end.incomplete_tail;
    Ok(run.found)
}

struct Run<'a> {
    engine: Engine,
    dir: &'a Path,
    wanted: Option<&'a str>,
    found: Replayed,
}

#[derive(Deserialize)]
struct Decision {
    #[serde(default)]
    c: Vec<u16>,
    #[serde(default)]
    dr: u8,
    #[serde(default)]
    ex: u8,
    i: Vec<u64>,
    k: String,
    #[serde(default)]
    sd: Vec<String>,
    t: i64,
}

#[derive(Deserialize)]
pub(super) struct Names {
    pub(super) pack: String,
    pub(super) policy: String,
    pub(super) semantics: u32,
}

impl Run<'_> {
    fn row(&mut self, chains: &Chains, row: &RowView<'_>) -> Result<(), ReplayError> {
        let tenant = TenantNo(row.tenant);
        let name = chains.name(row.tenant).unwrap_or_default();
        self.engine.expect_tenant(tenant);
        let decision = serde_json::from_slice::<Decision>(row.body)
            .ok()
            .filter(|d| d.k == "d");
        let Some(decision) = decision else {
            self.found.applied += 1;
            self.apply(row)?;
            return self.activate(tenant, name, row);
        };
        let same_semantics = self
            .engine
            .tenant(tenant)
            .is_some_and(|t| t.activation.semantics == SEMANTICS);
        let ask = same_semantics
            .then(|| ask_of(tenant, row, &decision))
            .flatten();
        let Some(ask) = ask else {
            self.found.not_redecided += 1;
            return self.apply(row);
        };
        self.engine
            .trust_clock(!decision.c.contains(&CLOCK_NOT_TRUSTED));
        let mut again = Again::default();
        self.engine.ask(&ask, UnixSeconds(decision.t), &mut again);
        if again.body == row.body {
            self.found.equal += 1;
            return Ok(());
        }
        let wanted = self.wanted.is_none_or(|wanted| wanted == name);
        if wanted && self.found.differs.is_none() {
            self.found.differs = Some((name.to_owned(), row.seq));
        }
        // From here on the state is what this code makes of it; the first difference is the finding.
        Ok(())
    }

    fn apply(&mut self, row: &RowView<'_>) -> Result<(), ReplayError> {
        let applied = recovery::apply(&mut self.engine, row);
        applied.map_err(|damage| ReplayError::Row(row.tenant, row.seq, damage))
    }

    /// Takes up the law and policy an activation row names.
    fn activate(
        &mut self,
        tenant: TenantNo,
        name: &str,
        row: &RowView<'_>,
    ) -> Result<(), ReplayError> {
        if crate::engine::kind_of(row.body) != Some(b'v') {
            return Ok(());
        }
        let missing = || ReplayError::Archive(row.tenant, row.seq);
        let names: Names = serde_json::from_slice(row.body).map_err(|_cause| missing())?;
        if names.semantics != SEMANTICS {
            // Nothing under it is decided again, and its pack is written for other code.
            return Ok(());
        }
        // A pack stands in every chain, one row after the other.
        if names.pack != hex(self.engine.pack().hash()) {
            let pack = self.kept("pack", &names.pack).ok_or_else(missing)?;
            let pack = rulepack::from_archive(&pack).map_err(|_faults| missing())?;
            self.engine.take_up(Arc::new(pack));
        }
        let policy = self.kept("policy", &names.policy).ok_or_else(missing)?;
        let policy = TenantFile::from_archive(&policy).map_err(|_findings| missing())?;
        let policy = policy.into_policy(&mut |text| self.engine.name(text));
        self.engine.name_tenant(tenant, name);
        self.engine.declare(name, policy);
        Ok(())
    }

    fn kept(&self, kind: &str, hash: &str) -> Option<Vec<u8>> {
        archive::read(self.dir, kind, &unhex(hash)?).ok()
    }
}

/// The body of the row made again.
#[derive(Default)]
struct Again {
    body: Vec<u8>,
}

impl RowSink for Again {
    fn row(&mut self, _: TenantNo, _: u64, body: &[u8], _: &[&SealedSubject], _: [u64; 2]) {
        self.body = body.to_vec();
    }
}

/// The question of a decision row, if its subject is there.
pub(super) fn ask_of_row(tenant: TenantNo, row: &RowView<'_>) -> Option<Ask> {
    let decision = serde_json::from_slice::<Decision>(row.body).ok()?;
    ask_of(tenant, row, &decision)
}

/// The question a recorded decision answered; `None` when its subject is erased or unreadable.
fn ask_of(tenant: TenantNo, row: &RowView<'_>, decision: &Decision) -> Option<Ask> {
    let SubjectView::Present(subject) = row.subjects.clone().next()? else {
        return None;
    };
    let fields = SubjectFields::decode(subject.bytes)?;
    let contact = match (&fields.phone, &fields.email) {
        (Some(text), _) => {
            PhoneNumber::parse(text).map_or(ContactPoint::BadPhone, ContactPoint::Phone)
        }
        (None, Some(text)) if text.is_empty() => ContactPoint::BadEmail,
        (None, Some(text)) => ContactPoint::Email((&**text).into()),
        (None, None) => ContactPoint::Absent,
    };
    let mut intent = Intent {
        account_id: (&*fields.account_id).into(),
        person_id: fields.person_id.as_deref().map(Into::into),
        contact,
        channel: None,
        action: None,
        source_system: fields.source_system.as_deref().unwrap_or_default().into(),
        role: Asked::Absent,
        dial_mode: Asked::Absent,
        purpose: Purpose::Collection,
        in_response_to: None,
        to_place: Asked::Absent,
        debt_ids: fields.debt_ids.iter().map(|id| (&**id).into()).collect(),
        dry_run: decision.dr != 0,
        exception_scope: decision.ex != 0,
    };
    unpack_words(&decision.i, &mut intent)?;
    let key = fields.key.as_deref().zip(fields.body.as_deref());
    let key = key.and_then(|(key, body)| {
        let body = u128::from_str_radix(body, 16).ok()?;
        Some(Key {
            key: stable_hash_128(&[key.as_bytes()]),
            body,
        })
    });
    let digest = unhex(decision.sd.first()?)?;
    let subject = SealedSubject {
        salt: subject.salt,
        digest,
        bytes: subject.bytes.to_vec(),
    };
    Some(Ask {
        tenant,
        intent,
        key,
        subject,
    })
}
