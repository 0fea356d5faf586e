//! Listening threads: each its own socket, its own runtime, its own desk at the gateway.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use http::HeaderValue;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::watch;

use super::auth::Auth;
use super::connection::{self, Builders};
use super::drain::Drain;
use super::forward::Traces;
use super::options::Options;
use super::quic::{self, QuicListener, QuicSetup};
use super::request_id::RequestIds;
use super::serve::House;
use super::tls::{Certificate, Greeter};
use super::turns::Turns;
use super::watch::Limits;
use crate::gateway::door::Door;
use crate::wire::limits::{
    ACCEPT_BACKOFF_MS, ALT_SVC_AGE_S, BACKLOG_CONNECTIONS_MAX, PORT_TRIES_MAX,
};

/// Bound sockets nobody listens behind yet.
#[derive(Debug)]
pub struct Listeners {
    sockets: Vec<std::net::TcpListener>,
    /// For QUIC: none, or one a thread.
    datagrams: Vec<UdpSocket>,
    address: SocketAddr,
    /// The port that was asked for, which may be any.
    asked: u16,
    certificate: Option<Arc<Certificate>>,
}

impl Listeners {
    /// Binds one socket a thread to `address`. Port 0 takes a free port, the same for all.
    ///
    /// # Errors
    /// What the system says: the address is in use, not ours, or a port below its limit.
    pub fn bind(address: SocketAddr, threads: usize) -> io::Result<Self> {
        let asked = address.port();
        let first = bind(address)?;
        let address = first.local_addr()?;
        let mut sockets = vec![first];
        for _ in 1..threads.max(1) {
            sockets.push(bind(address)?);
        }
        Ok(Self {
            sockets,
            datagrams: Vec::new(),
            address,
            asked,
            certificate: None,
        })
    }

    /// Binds UDP sockets beside: the same port, one a thread. Where any port would do, one is looked
    /// for that is free for both, at most [`PORT_TRIES_MAX`] times.
    ///
    /// # Errors
    /// What the system says of the last port that was tried.
    pub fn with_datagrams(mut self) -> io::Result<Self> {
        let threads = self.sockets.len();
        let mut tries = 1;
        loop {
            let bound = (0..threads).map(|_| quic::bind(self.address)).collect();
            match bound {
                Ok(datagrams) => {
                    self.datagrams = datagrams;
                    return Ok(self);
                }
                Err(error) if self.asked != 0 || tries == PORT_TRIES_MAX => return Err(error),
                Err(_taken) => tries += 1,
            }
            let any = SocketAddr::new(self.address.ip(), 0);
            let again = Self::bind(any, threads)?;
            (self.sockets, self.address) = (again.sockets, again.address);
        }
    }

    /// Greets with a certificate: every connection is TLS. Without one, none is.
    #[must_use]
    pub fn greeting_with(mut self, certificate: Arc<Certificate>) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// The address bound.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts a thread a socket.
    ///
    /// # Errors
    /// When the system gives no thread or no runtime.
    pub fn serve<G: Door>(
        self,
        gateway: &Arc<G>,
        auth: &Arc<Auth>,
        options: &Options,
    ) -> io::Result<Serving> {
        let (closing, told) = watch::channel(Closing::No);
        let open = Arc::new(AtomicUsize::new(0));
        let shaking = Arc::new(AtomicUsize::new(0));
        let mut datagrams = self.datagrams.into_iter();
        let quic = match &self.certificate {
            Some(certificate) if datagrams.len() > 0 => QuicSetup::new(options, certificate)?,
            _ => None,
        };
        let alt_svc = quic.as_ref().filter(|_| options.http3);
        let alt_svc = alt_svc.and_then(|_| alt_svc_at(self.address.port()));
        let mut threads = Vec::with_capacity(self.sockets.len());
        for (number, socket) in self.sockets.into_iter().enumerate() {
            let listener = Listener {
                gateway: Arc::clone(gateway),
                auth: Arc::clone(auth),
                options: options.clone(),
                open: Arc::clone(&open),
                certificate: self.certificate.clone(),
                shaking: Arc::clone(&shaking),
                told: told.clone(),
                quic: quic.clone().zip(datagrams.next()),
                alt_svc: alt_svc.clone(),
            };
            let thread = std::thread::Builder::new()
                .name(format!("http-{number}"))
                .spawn(move || listener.run(socket))?;
            threads.push(thread);
        }
        Ok(Serving {
            address: self.address,
            closing,
            threads,
        })
    }
}

fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG_CONNECTIONS_MAX)?;
    Ok(socket.into())
}

/// What answers over TCP say of HTTP/3 (RFC 7838).
fn alt_svc_at(port: u16) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("h3=\":{port}\"; ma={ALT_SVC_AGE_S}")).ok()
}

/// How far closing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    No,
    /// Requests under way have this long.
    Within(Duration),
}

/// Listening threads at work. Dropped without [`Serving::drain`], they end at once.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    closing: watch::Sender<Closing>,
    threads: Vec<JoinHandle<io::Result<()>>>,
}

impl Serving {
    /// The address listened at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new connection, lets requests under way finish within `timeout`, waits for the
    /// threads. Blocks: not for a runtime's thread.
    ///
    /// # Errors
    /// When a thread could not listen, or ended by a panic.
    pub fn drain(self, timeout: Duration) -> io::Result<()> {
        self.closing.send_replace(Closing::Within(timeout));
        for thread in self.threads {
            thread
                .join()
                .map_err(|_panic| io::Error::other("a listening thread panicked"))??;
        }
        Ok(())
    }
}

/// What one thread starts with.
struct Listener<G: Door> {
    gateway: Arc<G>,
    auth: Arc<Auth>,
    options: Options,
    /// Open connections of all threads.
    open: Arc<AtomicUsize>,
    certificate: Option<Arc<Certificate>>,
    /// TLS handshakes under way on all threads.
    shaking: Arc<AtomicUsize>,
    told: watch::Receiver<Closing>,
    quic: Option<(QuicSetup, UdpSocket)>,
    alt_svc: Option<HeaderValue>,
}

impl<G: Door> Listener<G> {
    fn run(self, socket: std::net::TcpListener) -> io::Result<()> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build_local(LocalOptions::default())?;
        runtime.block_on(self.listen(socket))
    }

    async fn listen(self, socket: std::net::TcpListener) -> io::Result<()> {
        let socket = TcpListener::from_std(socket)?;
        let (desk, pump) = self.gateway.open_desk();
        drop(tokio::task::spawn_local(pump));
        let clock = Arc::clone(&self.gateway);
        let house = Rc::new(House {
            gateway: self.gateway,
            auth: self.auth,
            limits: Rc::new(Limits::new(move || clock.instant(), self.options)),
            desk,
            ids: RequestIds::new(),
            traces: Traces::new(),
            turns: Turns::default(),
            alt_svc: self.alt_svc,
        });
        let quic = self.quic.zip(self.certificate.clone());
        let quic = quic.map(|((setup, socket), certificate)| {
            let greeter = greeter(&house, certificate, Arc::clone(&self.shaking));
            QuicListener::open(socket, &setup, greeter).map(Rc::new)
        });
        let quic = quic.transpose()?;
        let manner = Rc::new(Manner::new(&house, self.certificate, self.shaking));
        let drain = Rc::new(Drain::default());
        let mut told = self.told;
        let within = tokio::select! {
            never = accept((&house, &manner), &socket, &drain, Arc::clone(&self.open)) => never,
            never = accept_quic(&house, quic.as_ref(), &drain, self.open) => match never {},
            within = closing(&mut told) => within,
        };
        drop(socket);
        if let Some(quic) = &quic {
            quic.close();
        }
        drain.close();
        // Late ones are cut off when the runtime is dropped.
        let all = async {
            drain.empty().await;
            house.gateway.at_rest(&house.desk).await;
        };
        drop(tokio::time::timeout(within, all).await);
        if let Some(quic) = &quic {
            quic.leave().await;
        }
        Ok(())
    }
}

/// Returns when the house closes, with the time requests have. Cancellation safe.
async fn closing(told: &mut watch::Receiver<Closing>) -> Duration {
    match told
        .wait_for(|closing| *closing != Closing::No)
        .await
        .as_deref()
    {
        Ok(Closing::Within(timeout)) => *timeout,
        Ok(Closing::No) | Err(_) => Duration::ZERO,
    }
}

/// How a thread receives connections.
struct Manner {
    builders: Builders,
    greeter: Option<Greeter>,
}

impl Manner {
    fn new<G: Door>(
        house: &Rc<House<G>>,
        certificate: Option<Arc<Certificate>>,
        shaking: Arc<AtomicUsize>,
    ) -> Self {
        let greeter = certificate.map(|certificate| greeter(house, certificate, shaking));
        Self {
            builders: Builders::new(&house.limits.options),
            greeter,
        }
    }
}

/// Greets with a certificate, counting against the one bound of all threads.
fn greeter<G: Door>(
    house: &Rc<House<G>>,
    certificate: Arc<Certificate>,
    shaking: Arc<AtomicUsize>,
) -> Greeter {
    let gateway = Arc::clone(&house.gateway);
    let count = move |result| gateway.count_handshake(result);
    let at_once_max = house.limits.options.handshakes_max;
    Greeter::new(certificate, shaking, at_once_max, count)
}

/// Accepts over QUIC for ever, where it is listened for. Cancellation safe.
async fn accept_quic<G: Door>(
    house: &Rc<House<G>>,
    listener: Option<&Rc<QuicListener>>,
    drain: &Rc<Drain>,
    open: Arc<AtomicUsize>,
) -> Infallible {
    match listener {
        Some(listener) => quic::accept(house, listener, drain, open).await,
        None => std::future::pending().await,
    }
}

/// Accepts for ever. Cancellation safe: what is accepted is served.
async fn accept<G: Door>(
    (house, manner): (&Rc<House<G>>, &Rc<Manner>),
    socket: &TcpListener,
    drain: &Rc<Drain>,
    open: Arc<AtomicUsize>,
) -> ! {
    loop {
        let (stream, peer) = match socket.accept().await {
            Ok((stream, peer)) => (stream, peer.ip()),
            Err(error) => {
                if !is_clients_fault(&error) {
                    // Out of descriptors or memory: others must end before accepting helps.
                    tokio::time::sleep(Duration::from_millis(ACCEPT_BACKOFF_MS)).await;
                }
                continue;
            }
        };
        let counted = Counted::new(&open);
        if counted.number > house.limits.options.connections_max {
            house.gateway.count_turned_away();
            continue;
        }
        house.gateway.count_connections(counted.number);
        // A connection without it is slower, not wrong.
        drop(stream.set_nodelay(true));
        let (house, manner, present) = (Rc::clone(house), Rc::clone(manner), drain.enter());
        drop(tokio::task::spawn_local(async move {
            let (builders, greeter) = (&manner.builders, manner.greeter.as_ref());
            let client = (stream, peer);
            connection::serve(Rc::clone(&house), builders, greeter, client, present).await;
            let left = counted.leave();
            house.gateway.count_connections(left);
        }));
    }
}

/// Whether an accept failed because that client had already gone.
fn is_clients_fault(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// One connection in the count of all threads.
pub(super) struct Counted {
    open: Arc<AtomicUsize>,
    number: usize,
}

impl Counted {
    pub(super) fn new(open: &Arc<AtomicUsize>) -> Self {
        Self {
            number: open.fetch_add(1, Ordering::Relaxed) + 1,
            open: Arc::clone(open),
        }
    }

    /// Which one it was when it was counted in.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Counts it out; how many are left.
    pub(super) fn leave(self) -> usize {
        self.open.load(Ordering::Relaxed).saturating_sub(1)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}
