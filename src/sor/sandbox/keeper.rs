//! The thread that owns the store: one call after the other.

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::asked::{Asked, Knock};
use super::reply::{Refusal, Reply};
use super::store::{Books, Store};
use super::{auth, events, files, portal, scollect, whl};
use crate::clock::Clock;
use crate::domain::time::UnixSeconds;
use crate::sor::catalogue::{Catalogue, Catalogues, Lookup};
use crate::sor::route::System;
use crate::wire::limits::SANDBOX_WAITING_MAX;

/// A call and where its answer goes.
type Visit = (Knock, oneshot::Sender<Reply>);

/// Calls go in here.
#[derive(Debug, Clone)]
pub(super) struct Door(mpsc::Sender<Visit>);

impl Door {
    /// The answer of one call. Dropping it gives the answer up, not the call.
    pub(super) async fn ask(&self, knock: Knock) -> Reply {
        let system = System::of_path(&knock.target).0;
        let (sender, answer) = oneshot::channel();
        let asked = self.0.try_send((knock, sender));
        let answered = match asked {
            Ok(()) => answer.await.ok(),
            Err(_full_or_closed) => None,
        };
        answered.unwrap_or_else(|| Refusal::Busy.reply(system))
    }
}

/// Starts the thread; it ends with the last door.
pub(super) fn start(
    store: Store,
    catalogues: Arc<Catalogues>,
    clock: Clock,
) -> std::io::Result<(Door, JoinHandle<()>)> {
    let (door, mut visits) = mpsc::channel::<Visit>(SANDBOX_WAITING_MAX);
    let thread = std::thread::Builder::new()
        .name("sandbox-store".to_owned())
        .spawn(move || {
            while let Some((knock, answer)) = visits.blocking_recv() {
                let reply = answer_to(&store, &catalogues, &knock, clock.now());
                // A caller that went away needs no answer.
                let _gone = answer.send(reply);
            }
        })?;
    Ok((Door(door), thread))
}

/// The answer to a call.
pub(super) fn answer_to(
    store: &Store,
    catalogues: &Catalogues,
    knock: &Knock,
    now: UnixSeconds,
) -> Reply {
    let path = knock.target.split('?').next().unwrap_or_default();
    let (system, path) = System::of_path(path);
    let catalogue = catalogues.of(system);
    let answered = answered(store, catalogue, (knock, path), now);
    answered.unwrap_or_else(|refusal| refusal.reply(system))
}

fn answered(
    store: &Store,
    catalogue: &Catalogue,
    (knock, path): (&Knock, &str),
    now: UnixSeconds,
) -> Result<Reply, Refusal> {
    let found = match catalogue.find(&knock.method, path) {
        Lookup::Match(found) => found,
        Lookup::OtherMethod(allow) => return Err(Refusal::OtherMethod(allow)),
        Lookup::Nothing => return Err(Refusal::NotFound),
    };
    let asked = Asked::new(catalogue, &found, knock, now)?;
    if let Err(refused) = auth::admit(&asked) {
        return Ok(refused);
    }
    if let Some(stream) = events::asked_for(&asked) {
        return Ok(stream);
    }
    store.write(|books| done(&asked, books))
}

fn done(asked: &Asked<'_>, books: &mut Books) -> Result<Reply, Refusal> {
    if let Some(file) = files::asked_for(asked, books)? {
        return Ok(file);
    }
    match asked.catalogue.system {
        System::Whl => whl::answer(asked, books),
        System::Scollect => scollect::answer(asked, books),
        System::Portal => portal::answer(asked, books),
    }
}
