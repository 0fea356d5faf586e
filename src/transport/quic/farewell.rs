//! Waiting for a client to acknowledge what it was told last, and not for one that is gone.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use quinn::Connection;

use crate::wire::limits::QUIC_FAREWELL_MS;

/// Drives `work`, which ends when the client has acknowledged everything. While `closing` it is given
/// up once nothing was heard of the client for [`QUIC_FAREWELL_MS`]: whoever is there answers what is
/// sent to it, and it is sent again and again. Cancellation safe if `work` is.
pub(in crate::transport) async fn acknowledged(
    connection: &Connection,
    closing: impl Fn() -> bool,
    work: impl Future<Output = ()>,
) {
    let mut work = pin!(work);
    let heard = || connection.stats().udp_rx.datagrams;
    let mut before = heard();
    let span = Duration::from_millis(QUIC_FAREWELL_MS);
    while tokio::time::timeout(span, &mut work).await.is_err() {
        let now = heard();
        if closing() && now == before {
            return;
        }
        before = now;
    }
}
