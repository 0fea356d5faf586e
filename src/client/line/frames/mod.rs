//! The line over frames: long-lived streams of ALPN `dialgate/1`, many questions under way on each.
//!
//! Each connection has a lane, a task that owns it. A lane connects when something is asked, and
//! again when its connection has broken; what was under way then is heard as a broken connection.

mod lane;
mod session;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::{Read, Trouble};
use crate::client::answer::{self, HeardReport, Unread};
use crate::client::disposition::{Disposition, ReportError, Reported};
use crate::client::gauges::Gauges;
use crate::client::intent::Question;
use crate::client::settings::Checked;
use crate::client::token::Token;
use crate::client::verdict::Garbled;
use crate::clock::Clock;
use crate::domain::time::UnixSeconds;
use crate::wire::frame::{self, Header, Intents, Kind, RawFrame, Told};
use lane::Route;

/// A frame to be sent, and where its answer goes.
struct Call {
    token: Token,
    /// With an empty place for the correlation number.
    frame: Vec<u8>,
    /// Intents in it.
    intents: usize,
    reply: oneshot::Sender<Result<Answered, Trouble>>,
}

/// A frame that came back.
#[derive(Debug)]
struct Answered {
    frame: RawFrame,
    /// The gateway's time then, at the latest.
    at: Option<UnixSeconds>,
}

/// Connections that carry frames.
#[derive(Debug)]
pub(in crate::client) struct FrameLine {
    /// A way to each lane's task; none until something is asked, and after its runtime has ended.
    lanes: Vec<Mutex<Option<mpsc::Sender<Call>>>>,
    turn: AtomicUsize,
    route: Arc<Route>,
}

impl FrameLine {
    pub(super) fn to(checked: &Checked, clock: &Clock, gauges: &Arc<Gauges>) -> Self {
        Self {
            lanes: (0..checked.connections).map(|_| Mutex::new(None)).collect(),
            turn: AtomicUsize::new(0),
            route: Arc::new(Route::new(checked, clock, gauges)),
        }
    }

    pub(super) async fn ask(&self, token: &Token, question: &Question) -> Result<Read, Trouble> {
        let header = Header {
            kind: Kind::Intent,
            correlation: 0,
            payload_bytes: question.bytes.len(),
        };
        let out = [&header.bytes()[..], &question.bytes].concat();
        let answered = self.put(token, out, 1).await?;
        Ok(match Told::open(&answered.frame) {
            Ok(Told::Decision(told)) => answer::decision(told, answered.at),
            Ok(_) => Err(Unread::Mismatch),
            Err(_no_archive) => Err(Garbled::Form.into()),
        })
    }

    pub(super) async fn ask_together(
        &self,
        token: &Token,
        questions: &[&Question],
    ) -> Result<Vec<Read>, Trouble> {
        let intents = questions.iter().map(|one| one.bytes.to_vec()).collect();
        let mut out = Vec::new();
        if !frame::push(&mut out, Kind::Intents, 0, &Intents { intents }) {
            return Err(Trouble::TooLong);
        }
        let answered = self.put(token, out, questions.len()).await?;
        let all = |unread: Unread| questions.iter().map(|_| Err(unread)).collect();
        Ok(match Told::open(&answered.frame) {
            Ok(Told::Decisions(told)) if told.decisions.len() == questions.len() => {
                let each = told.decisions.iter();
                each.map(|told| answer::decision(told, answered.at))
                    .collect()
            }
            Ok(_) => all(Unread::Mismatch),
            Err(_no_archive) => all(Garbled::Form.into()),
        })
    }

    pub(super) async fn report(
        &self,
        token: &Token,
        said: &Disposition,
        body: &Bytes,
    ) -> Result<Result<Reported, ReportError>, Trouble> {
        let (mut out, body) = (
            Vec::new(),
            frame::Disposition {
                body: (&**body).into(),
            },
        );
        if !frame::push(&mut out, Kind::Disposition, 0, &body) {
            return Err(Trouble::TooLong);
        }
        let answered = self.put(token, out, 0).await?;
        Ok(match Told::open(&answered.frame) {
            Ok(Told::Reported(told)) => answer::report(&HeardReport {
                account_id: &said.account_id,
                outcome: said.outcome.as_str(),
                status: told.status.to_native(),
                body: &told.body,
            }),
            Ok(_) => Err(ReportError::Unheard(Trouble::Mismatch.into())),
            Err(_no_archive) => Err(ReportError::Unheard(Trouble::Garbled.into())),
        })
    }

    /// Gives a frame to a lane and waits for its answer.
    async fn put(
        &self,
        token: &Token,
        frame: Vec<u8>,
        intents: usize,
    ) -> Result<Answered, Trouble> {
        let (reply, answered) = oneshot::channel();
        let call = Call {
            token: token.clone(),
            frame,
            intents,
            reply,
        };
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let at = turn.checked_rem(self.lanes.len()).unwrap_or(0);
        let lane = self.lane(at).ok_or(Trouble::Unreachable)?;
        let sent = lane.send(call).await;
        sent.map_err(|_ended| Trouble::Disconnected)?;
        answered.await.map_err(|_ended| Trouble::Disconnected)?
    }

    /// The way to a lane; its task is begun where there is none.
    fn lane(&self, at: usize) -> Option<mpsc::Sender<Call>> {
        let mut held = self
            .lanes
            .get(at)?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = held.as_ref().filter(|lane| !lane.is_closed()) {
            return Some(lane.clone());
        }
        let (lane, calls) = mpsc::channel(self.route.window);
        tokio::spawn(lane::run(Arc::clone(&self.route), calls));
        *held = Some(lane.clone());
        Some(lane)
    }
}
