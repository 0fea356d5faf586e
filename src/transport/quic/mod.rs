//! QUIC: one endpoint a listening thread, on the TCP port's number over UDP.
//!
//! Sockets share the port (`SO_REUSEPORT`): the kernel gives every datagram of one client address to
//! the same thread, so a connection never changes threads. A client whose address changes would be
//! another thread's, so migration is off; all threads have one key for stateless resets, so that such a
//! client hears at once that its connection is gone. What a connection speaks is agreed on by ALPN.
//!
//! Invariants
//! - QUIC-1: no early data: a request that could be sent twice by somebody else is never read.
//! - QUIC-2: what a connection can make us hold is bounded before its client is known: streams, windows,
//!   bytes sent and not acknowledged, handshakes, connections of which nobody has looked at.
//! - QUIC-3: connections over QUIC and over TCP are counted together, against one bound.

mod farewell;
mod setup;

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::net::UdpSocket;
use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use quinn::crypto::rustls::HandshakeData;
use quinn::{Endpoint, Incoming, TokioRuntime, VarInt};

use super::drain::{Drain, Present};
use super::forward::Origin;
use super::frames;
use super::h3 as http3;
use super::keeper::Keeper;
use super::listen::Counted;
use super::serve::House;
use super::tls::Greeter;
use super::watch::Watch;
use crate::gateway::door::{Door, Handshake};
use crate::wire::limits::QUIC_LEAVE_MS;

pub(super) use self::farewell::acknowledged;
pub(super) use self::setup::{QuicSetup, bind};

use self::setup::{FRAMES, Greeting, H3};

/// `NO_ERROR`-like code of a connection that is closed before anything was spoken on it.
const NOTHING_SPOKEN: VarInt = VarInt::from_u32(0);

/// One thread's endpoint.
pub(super) struct QuicListener {
    endpoint: Endpoint,
    greeter: Greeter,
    /// Made anew when the certificate is.
    greeting: RefCell<Greeting>,
}

impl QuicListener {
    /// Listens at a socket. Has to be called on the thread's runtime.
    ///
    /// # Errors
    /// When the system does not give the socket what QUIC needs, or the certificate has no cipher for it.
    pub(super) fn open(socket: UdpSocket, setup: &QuicSetup, greeter: Greeter) -> io::Result<Self> {
        let greeting = Greeting::new(setup, greeter.certificate())?;
        let server = Some(greeting.config().as_ref().clone());
        let runtime = Arc::new(TokioRuntime);
        Ok(Self {
            endpoint: Endpoint::new(setup.endpoint(), server, socket, runtime)?,
            greeter,
            greeting: RefCell::new(greeting),
        })
    }

    /// Takes no new connection; who asks for one is refused.
    pub(super) fn close(&self) {
        self.endpoint.set_server_config(None);
    }

    /// Lets the last datagrams leave. Cancellation safe.
    pub(super) async fn leave(&self) {
        let idle = self.endpoint.wait_idle();
        drop(tokio::time::timeout(Duration::from_millis(QUIC_LEAVE_MS), idle).await);
    }

    /// Begins a handshake; `None` when the client has to prove its address first.
    fn admit(&self, incoming: Incoming) -> Option<quinn::Connecting> {
        if self.greeter.is_pressed() && !incoming.remote_address_validated() {
            // Costs us nothing to remember: the client comes again with what we tell it here.
            drop(incoming.retry());
            return None;
        }
        let config = self
            .greeting
            .borrow_mut()
            .current(self.greeter.certificate());
        incoming.accept_with(config).ok()
    }
}

/// Accepts for ever. Cancellation safe: what is accepted is served.
pub(super) async fn accept<G: Door>(
    house: &Rc<House<G>>,
    listener: &Rc<QuicListener>,
    drain: &Rc<Drain>,
    open: Arc<AtomicUsize>,
) -> Infallible {
    loop {
        let Some(incoming) = listener.endpoint.accept().await else {
            // Its socket is gone; the others go on.
            return std::future::pending().await;
        };
        let counted = Counted::new(&open);
        if counted.number() > house.limits.options.connections_max {
            house.gateway.count_turned_away();
            incoming.refuse();
            continue;
        }
        let (house, listener, present) = (Rc::clone(house), Rc::clone(listener), drain.enter());
        drop(tokio::task::spawn_local(async move {
            house.gateway.count_connections(counted.number());
            serve(Rc::clone(&house), &listener, incoming, present).await;
            let left = counted.leave();
            house.gateway.count_connections(left);
        }));
    }
}

/// Serves a connection to its end.
async fn serve<G: Door>(
    house: Rc<House<G>>,
    listener: &QuicListener,
    incoming: Incoming,
    present: Present,
) {
    let peer = incoming.remote_address().ip();
    let watch = Rc::new(Watch::new(&house.limits, Origin::new(peer, true)));
    let tick = house.limits.options.tick();
    let timer = pin!(tokio::time::sleep(tick));
    let mut keeper = Keeper::new(&watch, present, tick, timer);
    let Some(connection) = greet(&mut keeper, listener, incoming).await else {
        return;
    };
    match spoken(&connection).as_deref() {
        Some(H3) => Box::pin(http3::serve(house, connection, &mut keeper)).await,
        Some(FRAMES) => Box::pin(frames::serve(house, connection, &mut keeper)).await,
        // A client without ALPN: rustls refuses one that names only others.
        _ => connection.close(NOTHING_SPOKEN, b"no ALPN"),
    }
}

/// Shakes hands. `None` when there are too many already, the client did not get through it in time, or
/// the house closes.
async fn greet(
    keeper: &mut Keeper<'_>,
    listener: &QuicListener,
    incoming: Incoming,
) -> Option<quinn::Connection> {
    keeper.watch.shake_hands();
    let Some(mut counted) = listener.greeter.enter() else {
        incoming.refuse();
        return None;
    };
    let Some(connecting) = listener.admit(incoming) else {
        counted.result = Handshake::Failed;
        return None;
    };
    let connecting = pin!(connecting);
    let shaken = keeper.keep(connecting, |_| ControlFlow::Break(()), |_| true);
    let shaken = shaken.await?;
    counted.result = match shaken {
        Ok(_) => Handshake::Done,
        Err(_) => Handshake::Failed,
    };
    drop(counted);
    keeper.watch.greeted();
    shaken.ok()
}

/// What ALPN agreed on.
fn spoken(connection: &quinn::Connection) -> Option<Vec<u8>> {
    let data = connection.handshake_data()?;
    data.downcast::<HandshakeData>().ok()?.protocol
}
