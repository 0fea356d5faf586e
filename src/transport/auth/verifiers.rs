//! Threads that check costly signatures, so that no listening thread does.
//!
//! A listening thread serves thousands of connections; twenty to fifty microseconds for each token
//! of a flood would be waited for by all of them. Here they wait for nobody: what is asked beyond
//! [`VERIFICATIONS_WAITING_MAX`] is refused at once, and half as many threads as listen leave the
//! gate the greater part of the machine. The hand-over costs two wake-ups, once in a token's life.

use std::io;
use std::sync::Arc;

use crossbeam::channel::{Receiver, Sender, bounded};
use tokio::sync::oneshot;

use super::cache::TokenCache;
use super::refusal::AuthError;
use super::token::{Unproved, Verified};
use crate::domain::time::UnixSeconds;
use crate::wire::limits::VERIFICATIONS_WAITING_MAX;

/// What became of a token.
pub(super) type Proved = Result<Arc<Verified>, AuthError>;

struct Job {
    unproved: Unproved,
    now: UnixSeconds,
    answer: oneshot::Sender<Proved>,
}

/// The threads. They end when this is dropped.
pub(super) struct Verifiers(Sender<Job>);

/// What waits to be proved, as one of the threads sees it.
#[derive(Clone)]
pub(super) struct Queue(Receiver<Job>);

impl Verifiers {
    /// A queue that nobody works off yet.
    pub(super) fn idle() -> (Self, Queue) {
        let (sender, jobs) = bounded(VERIFICATIONS_WAITING_MAX);
        (Self(sender), Queue(jobs))
    }

    /// Starts `threads` of them, at least one, which remember what they proved in `cache`.
    pub(super) fn start(threads: usize, cache: &Arc<TokenCache>) -> io::Result<Self> {
        let (verifiers, queue) = Self::idle();
        for number in 0..threads.max(1) {
            let (queue, cache) = (queue.clone(), Arc::clone(cache));
            drop(
                std::thread::Builder::new()
                    .name(format!("verify-{number}"))
                    .spawn(move || queue.work_off(&cache))?,
            );
        }
        Ok(verifiers)
    }

    /// Has a token proved. Its place in the queue is taken, or refused, before this returns.
    /// Cancellation safe: a token nobody waits for any more is passed over.
    pub(super) fn prove(
        &self,
        unproved: Unproved,
        now: UnixSeconds,
    ) -> impl Future<Output = Proved> + use<> {
        let (answer, proved) = oneshot::channel();
        let job = Job {
            unproved,
            now,
            answer,
        };
        let taken = self.0.try_send(job).map_err(|_full| AuthError::Busy);
        async move {
            taken?;
            proved.await.map_err(|_thread_gone| AuthError::Busy)?
        }
    }
}

impl Queue {
    /// Proves one after the other until nobody can ask any more.
    pub(super) fn work_off(self, cache: &TokenCache) {
        while let Ok(job) = self.0.recv() {
            if job.answer.is_closed() {
                continue;
            }
            // Sixty-four connections that begin with one token cost one signature.
            let proved = match cache.get(&job.unproved.token) {
                Some(known) => Ok(known),
                None => remember(job.unproved, cache, job.now),
            };
            // Whoever asked has gone meanwhile: the token stays known.
            drop(job.answer.send(proved));
        }
    }
}

/// Proves a token and keeps it when it is genuine.
pub(super) fn remember(unproved: Unproved, cache: &TokenCache, now: UnixSeconds) -> Proved {
    let (token, verified) = unproved.prove()?;
    cache.insert(token, &verified, now);
    Ok(verified)
}
