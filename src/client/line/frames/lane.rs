//! One connection's task: connects, runs the session, connects again.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use quinn::{Connection, Endpoint, RecvStream, SendStream, VarInt};
use tokio::sync::mpsc;

use super::Call;
use super::session::{Ended, Session};
use crate::client::gauges::Gauges;
use crate::client::key;
use crate::client::limits::CONNECT_MS_MAX;
use crate::client::line::{Recovery, Trouble, rest};
use crate::client::settings::Checked;
use crate::clock::Clock;
use crate::wire::frame::Reason;

/// Where lanes lead.
#[derive(Debug)]
pub(super) struct Route {
    host: Box<str>,
    port: u16,
    config: Option<quinn::ClientConfig>,
    pub(super) window: usize,
    recovery: Recovery,
    clock: Clock,
    gauges: Arc<Gauges>,
}

impl Route {
    pub(super) fn new(checked: &Checked, clock: &Clock, gauges: &Arc<Gauges>) -> Self {
        Self {
            host: checked.address.name().into(),
            port: checked.address.port,
            config: checked.quic.clone(),
            window: checked.window,
            recovery: Recovery::default(),
            clock: clock.clone(),
            gauges: Arc::clone(gauges),
        }
    }
}

/// A connection with the one stream that is used of it.
struct Open {
    connection: Connection,
    send: SendStream,
    receive: RecvStream,
    /// Lives as long as the connection.
    _endpoint: Endpoint,
}

/// Serves calls until nobody can call any more. Connects when there is a first call.
pub(super) async fn run(route: Arc<Route>, mut calls: mpsc::Receiver<Call>) {
    while let Some(first) = calls.recv().await {
        rest(route.recovery.wait(route.clock.instant())).await;
        if first.reply.is_closed() {
            continue;
        }
        let within = Duration::from_millis(CONNECT_MS_MAX);
        let Ok(Ok(open)) = tokio::time::timeout(within, connect(&route)).await else {
            route.recovery.failed(route.clock.instant(), key::dice());
            refuse(first, &mut calls);
            continue;
        };
        let Open {
            connection,
            send,
            receive,
            _endpoint,
        } = open;
        let session = Session::new(route.window, route.clock.clone());
        let stood = || {
            if route.recovery.stands() {
                route.gauges.reconnect();
            }
        };
        let ended = session.run((receive, send), first, &mut calls, stood).await;
        let reason = match ended {
            Ended::Done => Reason::Done,
            Ended::Broken => {
                route.recovery.broke();
                Reason::Done
            }
            Ended::NotWelcome => {
                route.recovery.failed(route.clock.instant(), key::dice());
                Reason::Done
            }
            Ended::Stray => {
                route.recovery.failed(route.clock.instant(), key::dice());
                Reason::BadPayload
            }
            Ended::Faulty(reason) => {
                route.recovery.failed(route.clock.instant(), key::dice());
                reason
            }
        };
        connection.close(VarInt::from_u32(reason.number()), b"");
    }
}

/// Tells those who wait that there is no connection.
fn refuse(first: Call, calls: &mut mpsc::Receiver<Call>) {
    let mut next = Some(first);
    while let Some(call) = next {
        // Whoever has given up does not hear it.
        let _gone = call.reply.send(Err(Trouble::Unreachable));
        next = calls.try_recv().ok();
    }
}

async fn connect(route: &Route) -> Result<Open, Trouble> {
    let config = route.config.clone().ok_or(Trouble::Unreachable)?;
    let found = tokio::net::lookup_host((&*route.host, route.port)).await;
    let found = found.map_err(|_unknown| Trouble::Unreachable)?;
    let mut last = Trouble::Unreachable;
    // A name may have addresses of both kinds, and the gateway listen on one.
    let share = Duration::from_millis(CONNECT_MS_MAX / 2);
    for to in found {
        match tokio::time::timeout(share, connect_to(config.clone(), to, &route.host)).await {
            Ok(Ok(open)) => return Ok(open),
            Ok(Err(trouble)) => last = trouble,
            Err(_silent) => {}
        }
    }
    Err(last)
}

async fn connect_to(
    config: quinn::ClientConfig,
    to: SocketAddr,
    name: &str,
) -> Result<Open, Trouble> {
    let from = match to {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let endpoint = Endpoint::client(from).map_err(|_refused| Trouble::Unreachable)?;
    let connecting = endpoint.connect_with(config, to, name);
    let connecting = connecting.map_err(|_refused| Trouble::Unreachable)?;
    let connection = connecting.await.map_err(|_failed| Trouble::Unreachable)?;
    let (send, receive) = connection
        .open_bi()
        .await
        .map_err(|_closed| Trouble::Unreachable)?;
    Ok(Open {
        connection,
        send,
        receive,
        _endpoint: endpoint,
    })
}
