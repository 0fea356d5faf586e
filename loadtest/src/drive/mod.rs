//! One measured window against one server: connect, start together, measure, stop.
//!
//! Client threads each run their own single-threaded runtime with a share of the connections. All
//! of them wait at a barrier until every connection is open, the processor clocks are read, then
//! they go; the clocks are read again before the first connection is closed, so neither connecting
//! nor closing is charged to a request.

pub(crate) mod arrivals;
mod closed;
mod connection;
mod open;
pub(crate) mod pace;
pub(crate) mod protocol;
pub(crate) mod tally;

use std::net::SocketAddr;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Serialize;

use crate::figures::{float, per};
use crate::portfolio::Portfolio;
use crate::request::Requests;
use crate::{clock, cpu};
use connection::Connection;
use protocol::Protocol;
use tally::{Summary, Tally};

/// How long after its end a window may still take before it counts as stuck.
const OVERRUN_MAX: Duration = Duration::from_secs(10);
/// Most client threads.
pub(crate) const CLIENT_THREADS_MAX: usize = 16;
/// Most connections of one window.
pub(crate) const CONNECTIONS_MAX: usize = 4_096;

/// Where the questions go.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Address of the server.
    pub(crate) address: SocketAddr,
    /// What it speaks.
    pub(crate) protocol: Protocol,
    /// Bearer token; for PostgreSQL the statement that is prepared.
    pub(crate) token: String,
    /// Server process whose processor time is read; none for a server elsewhere.
    pub(crate) process: Option<u32>,
}

/// How a window asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// The accounts asked about.
    pub(crate) portfolio: Portfolio,
    /// Seed of the choice of accounts.
    pub(crate) seed: u64,
    /// Questions of one request; none: one, on the route for one.
    pub(crate) batch: Option<usize>,
    /// Outcomes and reads between the questions.
    pub(crate) mixed: bool,
    /// Single questions are asked for one of this many agents, evenly; none: for no agent.
    pub(crate) agents: Option<u64>,
    /// Connections, split evenly over the threads.
    pub(crate) connections: usize,
    /// Client threads.
    pub(crate) threads: usize,
    /// Length of the window.
    pub(crate) span: Duration,
    /// Arrivals a second (open loop); none means closed loop.
    pub(crate) rate: Option<f64>,
    /// Stop after this many requests, whichever comes first.
    pub(crate) requests_max: u64,
}

/// One window's result.
#[derive(Debug, Serialize)]
pub(crate) struct Window {
    /// From the common start to the last answer.
    pub(crate) seconds: f64,
    /// Answers a second.
    pub(crate) rps: Option<f64>,
    /// Server processor time per request in microseconds.
    pub(crate) server_cpu_us: Option<f64>,
    /// Client processor time per request in microseconds.
    pub(crate) client_cpu_us: Option<f64>,
    /// Share of all processors that programs other than client and server took.
    pub(crate) others_share: Option<f64>,
    /// Latencies, verdicts, faults.
    #[serde(flatten)]
    pub(crate) summary: Summary,
    /// The histogram itself, for merging; not written out.
    #[serde(skip)]
    pub(crate) tally: Tally,
}

/// Runs one window; an error means the server could not be reached or a lane got stuck.
pub(crate) fn window(target: &Target, load: &Load) -> anyhow::Result<Window> {
    let threads = load.threads.clamp(1, load.connections.max(1));
    let barrier = Barrier::new(threads + 1);
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..threads)
            .map(|thread| {
                let barrier = &barrier;
                scope.spawn(move || client(target, load, (thread, threads), barrier))
            })
            .collect();
        barrier.wait();
        let before = Sample::take(target);
        barrier.wait();
        barrier.wait();
        let after = Sample::take(target);
        barrier.wait();
        let mut tally = Tally::new()?;
        for lane in lanes {
            let part = lane
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            tally.add(&part)?;
        }
        Ok(judge(tally, &before, &after))
    })
}

/// Clocks read at one end of a window.
pub(crate) struct Sample {
    at: Instant,
    server: Option<cpu::Spent>,
    client: Duration,
    machine: Option<Duration>,
}

impl Sample {
    /// Reads them.
    pub(crate) fn take(target: &Target) -> Self {
        let server = target.process.and_then(|id| cpu::of_process(id).ok());
        Self {
            at: clock::now(),
            server,
            client: cpu::own(),
            machine: cpu::of_machine().ok(),
        }
    }
}

/// A window's result, of what was counted between two samples.
pub(crate) fn judge(tally: Tally, before: &Sample, after: &Sample) -> Window {
    let seconds = after.at.duration_since(before.at).as_secs_f64();
    let requests = float(tally.requests);
    let each = |spent: Duration| per(spent.as_secs_f64() * 1e6, requests);
    let server = spent(before, after).and_then(each);
    let others_share = others(before, after, seconds);
    let client = each(after.client.saturating_sub(before.client));
    Window {
        seconds,
        rps: per(requests, seconds),
        server_cpu_us: server,
        client_cpu_us: client,
        others_share,
        summary: tally.summary(),
        tally,
    }
}

/// What the server used of the processors' time.
fn spent(before: &Sample, after: &Sample) -> Option<Duration> {
    Some(cpu::between(
        before.server.as_ref()?,
        after.server.as_ref()?,
    ))
}

/// What neither client nor server used of the processors' time.
fn others(before: &Sample, after: &Sample, seconds: f64) -> Option<f64> {
    let machine = after.machine?.saturating_sub(before.machine?);
    let server = spent(before, after)?;
    let client = after.client.saturating_sub(before.client);
    let others = machine.saturating_sub(server + client);
    let processors = std::thread::available_parallelism().ok()?.get();
    per(others.as_secs_f64(), seconds * float(processors as u64))
}

/// One client thread. It passes all four barrier points whatever happens, else the others hang.
fn client(
    target: &Target,
    load: &Load,
    (thread, threads): (usize, usize),
    barrier: &Barrier,
) -> anyhow::Result<Tally> {
    let share = load.connections / threads + usize::from(thread < load.connections % threads);
    let prepared = prepare(target, load, (thread, share));
    barrier.wait();
    barrier.wait();
    let outcome = prepared.and_then(|(runtime, lanes)| {
        let limit = load.span + OVERRUN_MAX;
        let run = async {
            let local = tokio::task::LocalSet::new();
            let work = async {
                match load.rate {
                    None => {
                        let budget = load.requests_max / threads as u64;
                        closed::run(lanes, load.span, budget.max(1)).await
                    }
                    Some(rate) => open::run(lanes, load.span, rate / float(threads as u64)).await,
                }
            };
            tokio::time::timeout(limit, local.run_until(work)).await
        };
        let finished = runtime
            .block_on(run)
            .context("a window did not end in time")??;
        Ok((finished, runtime))
    });
    barrier.wait();
    barrier.wait();
    // The connections, and then their runtime, are dropped only here.
    outcome.map(|((tally, open), runtime)| {
        drop(open);
        drop(runtime);
        tally
    })
}

/// One connection and the requests it will send.
struct Lane {
    connection: Connection,
    requests: Requests,
}

/// A runtime and the connections opened on it.
type Prepared = (tokio::runtime::Runtime, Vec<Lane>);

/// What a thread counted, and its connections, still open: closing them is not part of the window.
type Finished = (Tally, Vec<Lane>);

/// Opens a thread's connections and asks once on each, so that accept and first-use costs are paid.
fn prepare(
    target: &Target,
    load: &Load,
    (thread, share): (usize, usize),
) -> anyhow::Result<Prepared> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let lanes = runtime.block_on(async {
        let mut lanes = Vec::with_capacity(share);
        for lane in 0..share {
            let seed = load.seed ^ ((thread as u64) << 48) ^ ((lane as u64) << 32);
            let seed = crate::random::mix(seed);
            let mut requests = match load.batch {
                None if load.mixed => Requests::mixed(load.portfolio, target, seed),
                None => Requests::for_agents(load.portfolio, target, seed, load.agents),
                Some(size) => Requests::batches(load.portfolio, target, seed, size),
            };
            let mut connection = Connection::open(target).await?;
            connection
                .ask(requests.next())
                .await
                .context("first request")?;
            lanes.push(Lane {
                connection,
                requests,
            });
        }
        anyhow::Ok(lanes)
    })?;
    Ok((runtime, lanes))
}

#[cfg(test)]
mod tests;
