//! Where systems of record and the engine meet.
//!
//! What is not native goes to the tenant's own system, by its row in that system's catalogue
//! ([`forward`]). Tenants are bound to systems by their files ([`binding`]); the bindings are swapped
//! whole and read without a lock.

mod again;
mod ask;
mod behind;
mod binding;
mod desk;
mod forward;
mod guard;
mod held;
mod hydrate;
mod ingest;
mod multipart;
mod outbox;
mod owed;
mod page;
mod passage;
mod probes;
mod room;
mod spool;
mod steps;
mod tap;
mod tee;
#[cfg(test)]
mod tests;
mod under_way;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use again::Coming;
pub use again::{Marked, Marks};
pub use binding::{Binding, Bindings, Bond, BondFinding, BondKind};
pub use desk::{Desk, Tasks};
pub use hydrate::{Hydration, HydrationThread, Options as ReadOptions};
pub use outbox::{Outbox, OutboxThread};
pub use passage::{Passage, Passing, Returned, Way};
pub use probes::Probes;

use self::held::HeldBytes;
use self::owed::Owed;
pub use self::owed::OwedError;
use self::under_way::UnderWay;
use crate::clock::Clock;
use crate::sor::catalogue::Catalogues;
use crate::sor::dialect::{self, Dialect};
use crate::sor::outbox::Book;
use crate::sor::route::System;
use crate::sor::upstream::Options;

/// The book took nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what may have to be read again is not written down")]
struct NotWritten;

/// The systems of record of a house: their catalogues, and who is bound to which.
pub struct SystemsOfRecord {
    catalogues: Catalogues,
    dialects: Vec<(System, Arc<dyn Dialect>)>,
    options: Options,
    /// Whom `https` addresses have to be; none: whom this machine trusts.
    ca_file: Option<PathBuf>,
    clock: Clock,
    bindings: ArcSwap<Bindings>,
    /// Why the tenants' files as they are now were not taken up; nothing: they were.
    refused: ArcSwap<Vec<BondFinding>>,
    /// Held by whoever replaces the bindings, never by whoever reads them.
    binding: Mutex<()>,
    marks: Arc<Marks>,
    owed: Owed,
    room: Arc<room::Room>,
    under_way: Arc<UnderWay>,
    /// Bodies of calls that are read whole.
    held: Arc<HeldBytes>,
}

impl std::fmt::Debug for SystemsOfRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SystemsOfRecord").finish_non_exhaustive()
    }
}

impl SystemsOfRecord {
    /// Systems nobody is bound to yet.
    ///
    /// # Errors
    /// Every fault of what catalogues say of bodies.
    pub fn new(
        catalogues: Catalogues,
        options: Options,
        ca_file: Option<PathBuf>,
        clock: Clock,
    ) -> Result<Self, Vec<String>> {
        let (mut dialects, mut findings) = (Vec::new(), Vec::new());
        for system in System::ALL {
            match dialect::of(catalogues.of(*system)) {
                Ok(dialect) => dialects.push((*system, dialect)),
                Err(found) => {
                    let name = system.as_str();
                    findings.extend(found.iter().map(|what| format!("{name}: {what}")));
                }
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        Ok(Self {
            dialects,
            catalogues,
            options,
            ca_file,
            clock,
            bindings: ArcSwap::default(),
            refused: ArcSwap::default(),
            binding: Mutex::new(()),
            marks: Arc::default(),
            owed: Owed::default(),
            room: Arc::default(),
            under_way: Arc::default(),
            held: Arc::default(),
        })
    }

    /// The routes of every system.
    pub fn catalogues(&self) -> &Catalogues {
        &self.catalogues
    }

    /// How a system's bodies are read.
    pub fn dialect(&self, system: System) -> Option<&Arc<dyn Dialect>> {
        let known = self.dialects.iter().find(|(known, _)| *known == system);
        known.map(|(_, dialect)| dialect)
    }

    /// What is to be read again.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Who is bound to what.
    pub fn bindings(&self) -> Arc<Bindings> {
        self.bindings.load_full()
    }

    /// The system of a tenant.
    pub fn of_tenant(&self, tenant: &str) -> Option<Arc<Binding>> {
        self.bindings.load().of_tenant(tenant).cloned()
    }

    /// Takes up what accounts were owed, and what was to be read again, when the program ended, and keeps
    /// it there from now on. Blocks on the disk.
    ///
    /// # Errors
    /// [`OwedError`]: without what is owed, or marked, nobody may start.
    pub fn keep_in(&self, book: &Arc<Book>) -> Result<(), OwedError> {
        self.owed.keep_in(book)?;
        Ok(self.marks.keep_in(book)?)
    }

    /// Marks an account to be read again, or everything, and writes that down.
    ///
    /// Cancellation: dropped after it began, it is marked and written.
    async fn mark(self: &Arc<Self>, tenant: &Arc<str>, account: Option<&str>) {
        let name = match account {
            Some(account) => self.marks.account(tenant, account),
            None => Some(self.marks.all(tenant)),
        };
        if let Some(name) = name
            && !self.marks.is_written(tenant, &name)
        {
            self.save_mark(tenant, &name).await;
        }
    }

    /// Marks an account that could not be read with everything, as long as many more may be marked: where
    /// nothing can be read, everything would be read again without end.
    async fn mark_one(self: &Arc<Self>, tenant: &Arc<str>, account: &str) {
        if self.marks.has_much_room(tenant) {
            self.mark(tenant, Some(account)).await;
        }
    }

    /// Holds the place of a mark that a call may leave, durably; `Err`: it could not be written down. An
    /// account that could have no such name leaves none.
    async fn expect_mark(
        self: &Arc<Self>,
        tenant: &Arc<str>,
        name: &str,
    ) -> Result<Option<Coming>, NotWritten> {
        let Some(coming) = self.marks.expect(tenant, name) else {
            return Ok(None);
        };
        let written = self.marks.is_written(tenant, &coming.name);
        if written || self.save_mark(tenant, &coming.name).await {
            Ok(Some(coming))
        } else {
            Err(NotWritten)
        }
    }

    /// Gives the place up: what the call left is marked by now.
    async fn let_go(self: &Arc<Self>, coming: Option<Coming>) {
        let Some(coming) = coming else { return };
        let (tenant, name) = (Arc::clone(&coming.tenant), coming.name.clone());
        drop(coming);
        if !self.marks.is_open(&tenant, &name) {
            self.save_mark(&tenant, &name).await;
        }
    }

    /// Writes down how it stands under a name; whether it is. On a thread that may wait.
    async fn save_mark(self: &Arc<Self>, tenant: &Arc<str>, name: &str) -> bool {
        let (marks, tenant) = (Arc::clone(&self.marks), Arc::clone(tenant));
        let name: Box<str> = name.into();
        let saved = tokio::task::spawn_blocking(move || marks.save(&tenant, &name)).await;
        let saved = saved.unwrap_or(false);
        if !saved {
            tracing::error!("what is to be read again is not written down");
        }
        saved
    }

    /// Writes down what an account is owed now; whether it is. On a thread that may wait.
    ///
    /// Cancellation: dropped after it began, it is written.
    async fn save_owed(self: &Arc<Self>, tenant: &Arc<str>, account: &str) -> bool {
        let (sor, tenant) = (Arc::clone(self), Arc::clone(tenant));
        let account: Box<str> = account.into();
        let saved = tokio::task::spawn_blocking(move || sor.owed.save(&tenant, &account)).await;
        let saved = saved.unwrap_or(false);
        if !saved {
            tracing::error!("what an account is owed is not written down");
        }
        saved
    }

    /// Puts these bonds in the place of those in force: all of them or, when anything is wrong with
    /// any, none. What has not changed keeps its connections, counts and tokens. Blocks on files.
    ///
    /// # Errors
    /// Every finding. None shows a secret.
    pub fn bind(&self, bonds: Vec<Bond>) -> Result<(), Vec<BondFinding>> {
        let _one_at_a_time = self.binding.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.bindings.load_full();
        let bound = Bindings::of(self, bonds, &before);
        let refused = bound.as_ref().err().cloned().unwrap_or_default();
        self.refused.store(Arc::new(refused));
        self.bindings.store(Arc::new(bound?));
        Ok(())
    }
}
