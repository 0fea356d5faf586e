//! A set of dialers that can be in force together.

use std::sync::Arc;

use super::dialer::Dialer;
use crate::wire::dialer::{DialerKind, Finding};

/// Dialers of a gateway at most.
pub(super) const DIALERS_MAX: usize = 256;
/// Dialers of a tenant at most, so that none takes the room of the others.
const DIALERS_A_TENANT_MAX: usize = 32;
/// Dialers one path may stand for: so many credentials are tried for a request nobody vouches for.
const DIALERS_A_PATH_MAX: usize = 32;

/// Dialers, sorted by tenant and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DialerSet {
    all: Vec<Arc<Dialer>>,
}

/// What a webhook's path says about who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookPath<'p> {
    /// `/api/dialer/webhook/KIND`: whoever is of the kind or has its name.
    Kind(DialerKind),
    /// `/api/connectors/dialer/ID/webhook`.
    Id(&'p str),
}

impl WebhookPath<'_> {
    fn leads_to(self, dialer: &Dialer) -> bool {
        match self {
            Self::Kind(kind) => dialer.mapping.kind == kind || *dialer.id == *kind.as_str(),
            Self::Id(id) => *dialer.id == *id,
        }
    }
}

impl DialerSet {
    /// Puts dialers together.
    ///
    /// # Errors
    /// Each dialer that cannot be in force beside the others, by its place in `all` as given, and why.
    pub fn of(all: Vec<Dialer>) -> Result<Self, Vec<(Dialer, Finding)>> {
        let mut refused = Vec::new();
        for (n, dialer) in all.iter().enumerate() {
            let before = all.get(..n).unwrap_or_default();
            for (key, what) in findings(dialer, before) {
                let (key, what) = (key.to_owned(), what.to_owned());
                refused.push((dialer.clone(), Finding { key, what }));
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        let mut all: Vec<_> = all.into_iter().map(Arc::new).collect();
        all.sort_by(|a, b| (a.tenant(), &a.id).cmp(&(b.tenant(), &b.id)));
        Ok(Self { all })
    }

    /// All of them.
    pub fn all(&self) -> &[Arc<Dialer>] {
        &self.all
    }

    /// A tenant's dialer of this id.
    pub fn find(&self, tenant: &str, id: &str) -> Option<&Arc<Dialer>> {
        let mut all = self.all.iter();
        all.find(|dialer| dialer.tenant() == tenant && *dialer.id == *id)
    }

    /// The open dialers a path stands for, of whichever tenant: their number is bounded.
    pub fn on_path(&self, path: WebhookPath<'_>) -> impl Iterator<Item = &Arc<Dialer>> {
        let led = move |dialer: &&Arc<Dialer>| dialer.is_open() && path.leads_to(dialer);
        self.all.iter().filter(led)
    }
}

/// What speaks against a dialer beside those before it.
fn findings(dialer: &Dialer, before: &[Dialer]) -> Vec<(&'static str, &'static str)> {
    let count = |like: &dyn Fn(&Dialer) -> bool| before.iter().filter(|one| like(one)).count();
    let mut found = Vec::new();
    if count(&|one| one.tenant() == dialer.tenant() && one.id == dialer.id) > 0 {
        found.push(("", "the tenant has a dialer of this id already"));
    }
    if count(&|one| one.tenant() == dialer.tenant()) >= DIALERS_A_TENANT_MAX {
        found.push(("tenant", "has more than 32 dialers"));
    }
    if before.len() >= DIALERS_MAX {
        found.push(("", "there are more than 256 dialers"));
    }
    let kind = WebhookPath::Kind(dialer.mapping.kind);
    let id = WebhookPath::Id(&dialer.id);
    if count(&|one| kind.leads_to(one)) >= DIALERS_A_PATH_MAX {
        found.push(("kind", "more than 32 dialers are of this kind"));
    }
    if count(&|one| id.leads_to(one)) >= DIALERS_A_PATH_MAX {
        found.push(("", "more than 32 dialers have this id"));
    }
    // DIALERS-2.
    let own = |n: usize| dialer.secrets.get(..n).unwrap_or_default();
    let shared = dialer.secrets.iter().enumerate().any(|(n, secret)| {
        own(n).contains(secret) || count(&|one| one.secrets.contains(secret)) > 0
    });
    if shared {
        found.push(("credential", "its secret stands for something else already"));
    }
    found
}
