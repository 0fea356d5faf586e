//! HTTP/3: so many requests under way on one connection, each asked again as soon as it is answered.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bytes::{Buf, Bytes, BytesMut};
use http::Request;

use super::quic::{self, HOST, HTTP3, Identity};
use crate::clock;
use crate::drive::Target;
use crate::drive::tally::Tally;
use crate::request::{GATE_PATH, Requests};

type Sender = h3::client::SendRequest<h3_quinn::OpenStreams, Bytes>;

/// Largest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// How long after its end a window may still take before it counts as stuck.
const OVERRUN_MAX: Duration = Duration::from_secs(10);

/// An open connection.
pub(super) struct Connection {
    _endpoint: quinn::Endpoint,
    quic: quinn::Connection,
    sender: Sender,
    address: SocketAddr,
    token: String,
}

/// A status and a body.
struct Answer {
    status: u16,
    body: BytesMut,
}

impl Connection {
    /// Connects. Must run inside a `LocalSet`.
    pub(super) async fn open(target: &Target, identity: &Identity) -> anyhow::Result<Self> {
        let (endpoint, quic) = quic::connect(target.address, identity, HTTP3).await?;
        let built = Box::pin(h3::client::new(h3_quinn::Connection::new(quic.clone()))).await;
        let (mut driver, sender) = built.context("no HTTP/3")?;
        tokio::task::spawn_local(async move {
            // It ends with the connection, for whatever reason.
            drop(std::future::poll_fn(|cx| driver.poll_close(cx)).await);
        });
        Ok(Self {
            _endpoint: endpoint,
            quic,
            sender,
            address: target.address,
            token: target.token.clone(),
        })
    }

    /// The status of `GET path`, which is not measured.
    pub(super) async fn get(&mut self, path: &str) -> anyhow::Result<u16> {
        let uri = format!("https://{HOST}:{}{path}", self.address.port());
        let request = Request::get(uri).body(())?;
        Ok(ask(&mut self.sender, request, None).await?.status)
    }

    /// Keeps `window` requests under way until `span` has passed or `most` were sent.
    pub(super) async fn run(
        &self,
        requests: &Requests,
        (window, span, most): (usize, Duration, u64),
        bare: bool,
    ) -> anyhow::Result<Tally> {
        let shared = Rc::new(Shared {
            uri: format!("https://{HOST}:{}{GATE_PATH}", self.address.port()),
            authorization: format!("Bearer {}", self.token),
            requests: RefCell::new(requests.clone()),
            tally: RefCell::new(Tally::new()?),
            left: std::cell::Cell::new(most),
            end: clock::now() + span,
            bare,
        });
        let lanes: Vec<_> = (0..window)
            .map(|_| tokio::task::spawn_local(lane(self.sender.clone(), Rc::clone(&shared))))
            .collect();
        let finished = async {
            for lane in lanes {
                lane.await??;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(span + OVERRUN_MAX, finished)
            .await
            .context("a window did not end in time")??;
        Ok(shared.tally.replace(Tally::new()?))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.quic.close(0_u32.into(), b"");
    }
}

/// What the lanes of a window share.
struct Shared {
    uri: String,
    authorization: String,
    requests: RefCell<Requests>,
    tally: RefCell<Tally>,
    left: std::cell::Cell<u64>,
    end: Instant,
    bare: bool,
}

async fn lane(mut sender: Sender, shared: Rc<Shared>) -> anyhow::Result<()> {
    let mut sent = clock::now();
    while sent < shared.end && shared.left.get() > 0 {
        shared.left.set(shared.left.get() - 1);
        let body = Bytes::copy_from_slice(shared.requests.borrow_mut().next());
        let request = Request::post(shared.uri.as_str())
            .header("authorization", shared.authorization.as_str())
            .header("content-type", "application/json")
            .body(())?;
        let answer = ask(&mut sender, request, Some(body)).await?;
        let answered = clock::now();
        let nanos = clock::nanos(answered.duration_since(sent));
        let mut tally = shared.tally.borrow_mut();
        if shared.bare {
            tally.echoed(answer.body.len(), nanos);
        } else {
            tally.body(answer.status, &answer.body, nanos);
        }
        sent = answered;
    }
    Ok(())
}

async fn ask(
    sender: &mut Sender,
    request: Request<()>,
    body: Option<Bytes>,
) -> anyhow::Result<Answer> {
    let mut stream = sender.send_request(request).await?;
    if let Some(body) = body {
        stream.send_data(body).await?;
    }
    stream.finish().await?;
    let status = stream.recv_response().await?.status().as_u16();
    let mut body = BytesMut::new();
    while let Some(piece) = stream.recv_data().await? {
        if body.len() + piece.remaining() > ANSWER_BYTES_MAX {
            bail!("an answer over {ANSWER_BYTES_MAX} bytes");
        }
        bytes::BufMut::put(&mut body, piece);
    }
    Ok(Answer { status, body })
}
