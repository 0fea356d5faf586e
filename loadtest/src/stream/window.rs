//! A window of questions in frames over many QUIC connections: at a fixed rate, or each connection's window
//! full at all times.

use std::time::Duration;

use anyhow::Context as _;

use super::frames::{Frames, QUESTION};
use super::pump::Pump;
use super::{Identity, block_on, quic, sound};
use crate::drive::tally::Tally;
use crate::drive::{Load, Sample, Target, Window, judge};
use crate::figures::float;
use crate::interrupt;
use crate::request::Requests;

/// Longest a connection may take for its first question.
const WARM_MAX: Duration = Duration::from_secs(5);

/// A connection with its stream.
type Open = (
    quinn::Endpoint,
    quinn::Connection,
    Pump<Frames, quinn::RecvStream, quinn::SendStream>,
);

/// Asks over `load.connections` connections with `window` questions under way at most on each; at
/// `load.rate` over all of them, if there is one.
///
/// # Errors
/// No connection, or one that broke; a first question that was not decided.
pub(crate) fn frames(
    target: &Target,
    identity: &Identity,
    load: &Load,
    window: usize,
) -> anyhow::Result<Window> {
    block_on(async {
        let mut all = Vec::with_capacity(load.connections);
        for lane in 0..load.connections {
            interrupt::check()?;
            let seed = crate::random::mix(load.seed ^ (lane as u64) << 32);
            all.push(open(target, identity, (load, seed), window).await?);
        }
        let before = Sample::take(target);
        let rate = load.rate.map(|rate| rate / float(load.connections as u64));
        let mut asking = tokio::task::JoinSet::new();
        for (lane, (endpoint, connection, mut pump)) in all.into_iter().enumerate() {
            // Connections take turns, each its part of the common rate later than the one before.
            let (span, later) = (
                load.span,
                float(lane as u64) / float(load.connections as u64),
            );
            asking.spawn_local(async move {
                let tally = match rate {
                    None => pump.run(span, u64::MAX).await,
                    Some(rate) => {
                        tokio::time::sleep(Duration::from_secs_f64(later / rate)).await;
                        pump.run_at(rate, span).await
                    }
                };
                (tally, endpoint, connection)
            });
        }
        let (mut tally, mut open) = (Tally::new()?, Vec::new());
        while let Some(ended) = asking.join_next().await {
            let (part, endpoint, connection) = ended?;
            tally.add(&part?)?;
            open.push((endpoint, connection));
        }
        let after = Sample::take(target);
        for (_endpoint, connection) in &open {
            connection.close(0_u32.into(), b"");
        }
        Ok(judge(tally, &before, &after))
    })
}

async fn open(
    target: &Target,
    identity: &Identity,
    (load, seed): (&Load, u64),
    window: usize,
) -> anyhow::Result<Open> {
    let (endpoint, connection) = quic::connect(target.address, identity, quic::FRAMES).await?;
    let (writer, reader) = connection.open_bi().await?;
    let requests = Requests::patching(load.portfolio, seed, QUESTION)?;
    let mut pump = Pump::new(Frames::new(target, requests)?, (reader, writer), window);
    let first = pump.run(WARM_MAX, 1).await.context("first question")?;
    sound(&first)?;
    Ok((endpoint, connection, pump))
}
