//! The listeners: connections that asked for events, and one thread that reads them all by turns.
//!
//! It reads each of them some times a second and not whenever something comes. For the server that is
//! the same, since its sockets never fill; and a thousand browsers would not compute on its machine.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Serialize;

use super::heard::Heard;
use crate::drive::Target;
use crate::figures::Spread;
use crate::reply::find;
use crate::request::agent_id;
use crate::{clock, figures};

/// From one turn to the next.
const TURN: Duration = Duration::from_millis(50);
/// Longest wait for what is still owed when a window is over.
const OWED_WAIT_MAX: Duration = Duration::from_secs(3);
/// Longest silence before a listener is let in.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Bytes read at once.
const PIECE_BYTES: usize = 256 * 1024;
/// Largest head of an answer.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// What listens, and to what.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Shape {
    /// Listeners that hear one agent's events each.
    pub(super) filtered: u64,
    /// Listeners that hear everything.
    pub(super) unfiltered: u64,
    /// Agents there are. Every one of them has as many listeners as any other.
    pub(super) agents: u64,
}

impl Shape {
    /// Events owed to all listeners together, of so many rows.
    fn owed(self, rows: u64) -> u64 {
        rows * (self.filtered / self.agents + self.unfiltered)
    }
}

/// Open connections.
pub(super) struct Crowd {
    shape: Shape,
    listeners: Vec<Listener>,
}

struct Listener {
    stream: TcpStream,
    heard: Heard,
    gone: bool,
}

/// What the crowd heard in a window and its end.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Told {
    /// Events each filtered listener heard.
    pub(super) filtered: Option<Spread>,
    /// Events each of the others heard.
    pub(super) unfiltered: Option<Spread>,
    /// Events owed to all of them.
    pub(super) owed: u64,
    /// Events all of them heard.
    pub(super) heard: u64,
    /// Events whose id was not above the one before.
    pub(super) disordered: u64,
    /// Listeners the server sent away.
    pub(super) gone: u64,
}

impl Told {
    /// Whether everybody heard everything, once and in order.
    pub(super) fn is_whole(&self) -> bool {
        self.heard == self.owed && self.disordered == 0 && self.gone == 0
    }
}

/// What has become of the window beside the listeners: rows it made, [`Rows::OPEN`] while it goes on.
pub(super) struct Rows(AtomicU64);

impl Rows {
    const OPEN: u64 = u64::MAX;

    pub(super) const fn open() -> Self {
        Self(AtomicU64::new(Self::OPEN))
    }

    pub(super) fn close(&self, rows: u64) {
        self.0.store(rows.min(Self::OPEN - 1), Ordering::Release);
    }

    fn closed(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Acquire)).filter(|&rows| rows != Self::OPEN)
    }
}

impl Crowd {
    /// Lets them all in, one after the other.
    pub(super) fn open(target: &Target, shape: Shape) -> anyhow::Result<Self> {
        let filtered = (0..shape.filtered).map(|n| Some(n % shape.agents));
        let queries = filtered.chain((0..shape.unfiltered).map(|_| None));
        let listeners = queries.map(|agent| Listener::open(target, agent));
        Ok(Self {
            shape,
            listeners: listeners.collect::<anyhow::Result<_>>()?,
        })
    }

    /// Hears until everything that is owed for `rows` has come, or time is up. Low priority: this
    /// thread shares the server's processors here as listeners would not in earnest.
    pub(super) fn hear(mut self, nice: i32, rows: &Rows) -> anyhow::Result<Told> {
        rustix::process::setpriority_process(None, nice)?;
        let mut piece = vec![0; PIECE_BYTES];
        let mut until = None;
        loop {
            let turn = clock::now() + TURN;
            for listener in &mut self.listeners {
                listener.read(&mut piece)?;
            }
            if let Some(rows) = rows.closed() {
                let told = self.told(rows);
                let until = *until.get_or_insert_with(|| clock::now() + OWED_WAIT_MAX);
                if told.heard >= told.owed || clock::now() > until {
                    return Ok(told);
                }
            }
            std::thread::sleep(turn.saturating_duration_since(clock::now()));
        }
    }

    fn told(&self, rows: u64) -> Told {
        let (filtered, unfiltered) = self
            .listeners
            .split_at_checked(usize::try_from(self.shape.filtered).unwrap_or(usize::MAX))
            .unwrap_or_default();
        let spread =
            |some: &[Listener]| Spread::of(some.iter().map(|one| figures::float(one.heard.events)));
        let all = self.listeners.iter();
        Told {
            filtered: spread(filtered),
            unfiltered: spread(unfiltered),
            owed: self.shape.owed(rows),
            heard: all.clone().map(|one| one.heard.events).sum(),
            disordered: all.clone().map(|one| one.heard.disordered).sum(),
            gone: all.map(|one| u64::from(one.gone)).sum(),
        }
    }
}

impl Listener {
    fn open(target: &Target, agent: Option<u64>) -> anyhow::Result<Self> {
        let Target { address, token, .. } = target;
        let mut stream = TcpStream::connect(address).context("a listener cannot connect")?;
        stream.set_read_timeout(Some(SILENCE_MAX))?;
        let query = agent.map_or_else(String::new, |no| format!("?agent={}", agent_id(no)));
        let request = format!(
            "GET /api/events/floor{query} HTTP/1.1\r\nhost: {address}\r\n\
             authorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut heard = Heard::default();
        heard.take(&body_begun(&mut stream)?);
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            heard,
            gone: false,
        })
    }

    /// Reads what there is.
    fn read(&mut self, piece: &mut [u8]) -> anyhow::Result<()> {
        while !self.gone {
            match self.stream.read(piece) {
                Ok(0) => self.gone = true,
                Ok(count) => {
                    self.heard.take(piece.get(..count).unwrap_or_default());
                    if count < piece.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => self.gone = true,
                Err(error) => return Err(error).context("a listener's connection"),
            }
        }
        Ok(())
    }
}

/// Reads the head of an answer; what came behind it.
fn body_begun(stream: &mut TcpStream) -> anyhow::Result<Vec<u8>> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut piece)?;
        bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
        if let Some(at) = find(&bytes, b"\r\n\r\n") {
            let body = bytes.split_off(at + 4);
            if !bytes.starts_with(b"HTTP/1.1 200 ") {
                let line = bytes.split(|&byte| byte == b'\r').next();
                let line = String::from_utf8_lossy(line.unwrap_or_default());
                bail!("a listener was answered {line}");
            }
            return Ok(body);
        }
        if count == 0 || bytes.len() > HEAD_BYTES_MAX {
            bail!("a listener was not answered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rows, Shape};

    #[test]
    fn what_is_owed_counts_every_listener_of_a_row() {
        let shape = Shape {
            filtered: 1_000,
            unfiltered: 10,
            agents: 250,
        };
        assert_eq!(shape.owed(100), 1_400);
    }

    #[test]
    fn a_window_is_open_until_its_rows_are_known() {
        let rows = Rows::open();
        assert_eq!(rows.closed(), None);
        rows.close(7);
        assert_eq!(rows.closed(), Some(7));
    }
}
