//! Listening threads: each its own socket, its own runtime, its own desk at the gateway.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::watch;

use super::auth::Auth;
use super::connection::{self, Builders};
use super::drain::Drain;
use super::forward::Traces;
use super::options::Options;
use super::request_id::RequestIds;
use super::serve::House;
use super::tls::{Certificate, Greeter};
use super::turns::Turns;
use super::watch::Limits;
use crate::gateway::door::Door;
use crate::wire::limits::{ACCEPT_BACKOFF_MS, BACKLOG_CONNECTIONS_MAX};

/// Bound sockets nobody listens behind yet.
#[derive(Debug)]
pub struct Listeners {
    sockets: Vec<std::net::TcpListener>,
    address: SocketAddr,
    certificate: Option<Arc<Certificate>>,
}

impl Listeners {
    /// Binds one socket a thread to `address`. Port 0 takes a free port, the same for all.
    ///
    /// # Errors
    /// What the system says: the address is in use, not ours, or a port below its limit.
    pub fn bind(address: SocketAddr, threads: usize) -> io::Result<Self> {
        let first = bind(address)?;
        let address = first.local_addr()?;
        let mut sockets = vec![first];
        for _ in 1..threads.max(1) {
            sockets.push(bind(address)?);
        }
        Ok(Self {
            sockets,
            address,
            certificate: None,
        })
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
        });
        let manner = Rc::new(Manner::new(&house, self.certificate, self.shaking));
        let drain = Rc::new(Drain::default());
        let mut told = self.told;
        let within = tokio::select! {
            never = accept((&house, &manner), &socket, &drain, self.open) => never,
            within = closing(&mut told) => within,
        };
        drop(socket);
        drain.close();
        // Late ones are cut off when the runtime is dropped.
        drop(tokio::time::timeout(within, drain.empty()).await);
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
        let options = &house.limits.options;
        let greeter = certificate.map(|certificate| {
            let gateway = Arc::clone(&house.gateway);
            let count = move |result| gateway.count_handshake(result);
            Greeter::new(certificate, shaking, options.handshakes_max, count)
        });
        Self {
            builders: Builders::new(options),
            greeter,
        }
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
struct Counted {
    open: Arc<AtomicUsize>,
    number: usize,
}

impl Counted {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        Self {
            number: open.fetch_add(1, Ordering::Relaxed) + 1,
            open: Arc::clone(open),
        }
    }

    /// Counts it out; how many are left.
    fn leave(self) -> usize {
        self.open.load(Ordering::Relaxed).saturating_sub(1)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}
