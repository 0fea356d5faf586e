//! Committing in turn: two threads may do it, never both at once.
//!
//! A batch that is handed over is committed by the committer thread while the engine goes on with
//! other work. When there is nothing else to do meanwhile, the engine commits in place, which saves
//! the two wake-ups across cores that a hand-over costs. Either way whatever was decided during the
//! last sync is the next batch: batches grow with the load and nobody lingers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crossbeam::channel::{Receiver, Sender, bounded};

use super::committer::{CommitStatus, Committed, Followed, Wiring};
use super::frame::FrameBuilder;
use super::seal::SealReason;

/// What the engine hands over: rows, and whoever waits for them. A batch without rows writes
/// nothing and is released in its turn: that is how queries wait for what they saw.
#[derive(Debug)]
pub struct Batch<R> {
    /// The rows.
    pub frame: FrameBuilder,
    /// The waiting, opaque here.
    pub replies: R,
}

/// The running thread.
#[derive(Debug)]
pub struct Committer {
    thread: JoinHandle<()>,
}

/// Where the engine gives its batches. There is one, so their order is the order of giving.
#[derive(Debug)]
pub struct Handover<R> {
    batches: Sender<Batch<R>>,
    desk: Arc<Desk<R>>,
    given: u64,
}

impl Committer {
    /// Starts the thread. `release` is called once per batch, in order, by whichever thread
    /// committed it.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn spawn<R: Send + 'static>(
        wiring: Wiring,
        release: impl FnMut(R, Result<Committed, SealReason>) + Send + 'static,
    ) -> std::io::Result<(Self, Handover<R>)> {
        let (batches, inbox) = bounded(1);
        let desk = Arc::new(Desk {
            released: AtomicU64::new(0),
            status: Arc::clone(&wiring.status),
            work: Mutex::new((wiring, Box::new(release))),
        });
        let own = Arc::clone(&desk);
        let thread = std::thread::Builder::new()
            .name("ledger-commit".into())
            .spawn(move || run(&own, &inbox))?;
        let handover = Handover {
            batches,
            desk,
            given: 0,
        };
        Ok((Self { thread }, handover))
    }

    /// Waits until every batch handed over is released. The [`Handover`] must be gone.
    pub fn stop(self) {
        // A panicking `release` is the only way to an error here, and it has been reported.
        drop(self.thread.join());
    }
}

impl<R: Send + 'static> Handover<R> {
    /// Whether every batch given has been released: the next one can be committed in place.
    pub fn is_free(&self) -> bool {
        self.desk.released.load(Ordering::Acquire) == self.given
    }

    /// Gives a batch to the committer thread; waits while it has one waiting already.
    pub fn send(&mut self, batch: Batch<R>) {
        self.given += 1;
        // The thread lives as long as this does; had it panicked, the seal says so to everybody.
        drop(self.batches.send(batch));
    }

    /// Commits a batch on the calling thread. One that is not free hands it over instead, so that
    /// batches never overtake each other.
    pub fn commit(&mut self, batch: Batch<R>) {
        if !self.is_free() {
            return self.send(batch);
        }
        self.given += 1;
        self.desk.carry_out(batch);
    }
}

type Release<R> = Box<dyn FnMut(R, Result<Committed, SealReason>) + Send>;

/// What committing works with; held by one thread at a time.
struct Desk<R> {
    /// Batches released.
    released: AtomicU64,
    status: Arc<CommitStatus>,
    work: Mutex<(Wiring, Release<R>)>,
}

impl<R> std::fmt::Debug for Desk<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk")
            .field("released", &self.released)
            .finish_non_exhaustive()
    }
}

/// Seals when a thread leaves the desk by a panic, so that readiness shows it.
struct Guard<'a>(&'a CommitStatus);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.seal.set(SealReason::CommitterStopped);
        }
    }
}

fn run<R>(desk: &Desk<R>, inbox: &Receiver<Batch<R>>) {
    for batch in inbox {
        desk.carry_out(batch);
    }
}

impl<R> Desk<R> {
    /// Commits and releases one batch.
    fn carry_out(&self, Batch { frame, replies }: Batch<R>) {
        let mut work = self.lock();
        // Dropped before the lock: a panic seals before anybody else can write.
        let _guard = Guard(&self.status);
        let (wiring, release) = &mut *work;
        let outcome = wiring.commit(&frame);
        // Counted first: whoever is told by `release` may look at once.
        self.released.fetch_add(1, Ordering::Release);
        release(replies, outcome.map(|(committed, _)| committed));
        match outcome {
            Ok((_, Some(pos))) => wiring.announce(Followed { pos, frame }),
            Ok((_, None)) | Err(_) => wiring.free.put(frame),
        }
    }

    fn lock(&self) -> MutexGuard<'_, (Wiring, Release<R>)> {
        // After a panic the seal is set and nothing is written any more: batches are only released.
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
