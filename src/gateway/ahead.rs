//! Answers that do not wait for the disk: `durability = "relaxed"`.
//!
//! A decision is told by the engine's own thread as soon as its row is chained; the row goes to the
//! committer thread as always. What brings the house something to keep (outcomes, facts, uploads, acts of
//! an administrator) is still acknowledged only when it is durable: a sender that hears "taken" forgets it.
//!
//! Invariant AHEAD-1: nothing but answers of the gate is told ahead of its frame.

use crossbeam::channel::{Receiver, Sender, bounded};

use super::pending::Waiting;
use super::work::{Delivered, Release};

/// How the engine's thread tells decisions, and hears that the committer is free for the next frame.
#[derive(Debug)]
pub(super) struct Ahead {
    release: Release,
    freed: Receiver<()>,
}

/// The committer's side of it.
#[derive(Debug)]
pub(super) struct Freed(Sender<()>);

/// Both sides.
pub(super) fn ahead() -> (Ahead, Freed) {
    let (freed, hears) = bounded(1);
    let release = Release::default();
    let ahead = Ahead {
        release,
        freed: hears,
    };
    (ahead, Freed(freed))
}

impl Freed {
    /// A frame has been committed. Never waits: one word not heard yet says as much as two.
    pub(super) fn tell(&self) {
        let _heard_or_told_before = self.0.try_send(());
    }
}

impl Ahead {
    /// Raised when a frame has been committed.
    pub(super) fn freed(&self) -> &Receiver<()> {
        &self.freed
    }

    /// Tells the gate's answers among those that wait; the others wait on, in their order.
    pub(super) fn tell(&mut self, waiting: &mut Waiting) {
        for (to, answer) in waiting
            .answers
            .extract_if(.., |(_, answer)| is_of_the_gate(answer))
        {
            self.release.put(to, answer);
        }
        self.release.wake();
    }
}

/// Whether it answers an intent.
fn is_of_the_gate(answer: &Delivered) -> bool {
    match answer {
        Delivered::Answer(_)
        | Delivered::Unread(_)
        | Delivered::Slice(..)
        | Delivered::Refused(_) => true,
        Delivered::Reported(_)
        | Delivered::Fact(_)
        | Delivered::Told(_)
        | Delivered::Page(_)
        | Delivered::Administered(_)
        | Delivered::Enacted(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Administered;
    use crate::gateway::door::SystemError;
    use crate::gateway::work::ReplyTo;

    /// AHEAD-1: what the house is given to keep is acknowledged with its frame.
    #[test]
    fn only_the_gates_answers_go_ahead() {
        let (mut ahead, _) = ahead();
        let (reply, heard) = bounded(8);
        let answers = [
            Delivered::Administered(Administered::Unchanged),
            Delivered::Slice(Vec::new(), Vec::new()),
            Delivered::Administered(Administered::Applied(1)),
            Delivered::Refused(SystemError::DeadlinePassed),
        ];
        let to = |answer| (ReplyTo::Channel(reply.clone()), answer);
        let mut waiting = Waiting {
            answers: answers.map(to).into(),
            ..Waiting::default()
        };
        ahead.tell(&mut waiting);
        assert!(matches!(heard.try_recv(), Ok(Delivered::Slice(..))));
        assert!(matches!(heard.try_recv(), Ok(Delivered::Refused(_))));
        assert!(heard.try_recv().is_err());
        assert_eq!(waiting.answers.len(), 2);
    }

    #[test]
    fn a_word_that_nobody_heard_yet_holds_nobody_up() {
        let (ahead, freed) = ahead();
        freed.tell();
        freed.tell();
        assert!(ahead.freed().try_recv().is_ok());
        assert!(ahead.freed().try_recv().is_err());
    }
}
