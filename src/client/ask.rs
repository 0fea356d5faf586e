//! A call from its beginning to its verdict: places, tokens, repeats, one deadline over all.

use std::time::{Duration, Instant};

use tokio::sync::SemaphorePermit;

use super::Inner;
use super::intent::{Form, Intent, Question};
use super::key;
use super::limits::{ASK_ALL_MAX, RETRY_PAUSE_MS, RETRY_PAUSE_MS_MAX, TOGETHER_MAX};
use super::now::Now;
use super::retry::Pauses;
use super::token::{NoToken, Token};
use super::verdict::{Block, Reason, Times, Verdict, judge};

const PAUSES: Pauses = Pauses {
    first: Duration::from_millis(RETRY_PAUSE_MS),
    longest: Duration::from_millis(RETRY_PAUSE_MS_MAX),
};

/// One call's tries.
pub(super) struct Tries<'c> {
    inner: &'c Inner,
    /// When the caller began to wait.
    pub(super) began: Instant,
    /// When the caller stops.
    pub(super) deadline: Instant,
    made: u32,
    /// Whether a refused token was already exchanged for another.
    renewed: bool,
    /// When something was first sent.
    first_sent: Option<Instant>,
}

impl<'c> Tries<'c> {
    pub(super) fn begin(inner: &'c Inner) -> Self {
        let began = inner.now().run;
        inner.budget.earn();
        Self {
            inner,
            began,
            deadline: began.checked_add(inner.deadline).unwrap_or(began),
            made: 1,
            renewed: false,
            first_sent: None,
        }
    }

    /// What is left of the time.
    fn left(&self) -> Duration {
        self.deadline
            .saturating_duration_since(self.inner.now().run)
    }

    /// Runs something for as long as time is left.
    pub(super) async fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.left(), work).await.ok()
    }

    /// A place among the questions under way, and a token.
    pub(super) async fn ready(
        &self,
        places: usize,
    ) -> Result<(SemaphorePermit<'c>, Token), Reason> {
        let places = u32::try_from(places.min(self.inner.places_max)).unwrap_or(u32::MAX);
        let place = self.within(self.inner.places.acquire_many(places)).await;
        let place = place.ok_or(Reason::Busy)?;
        let place = place.map_err(|_closed| Reason::Busy)?;
        if self.left().is_zero() {
            return Err(Reason::Busy);
        }
        let token = self
            .within(self.inner.tokens.current(self.inner.now()))
            .await;
        match token {
            Some(Ok(token)) => Ok((place, token)),
            Some(Err(NoToken)) => Err(Reason::NoToken),
            None => Err(Reason::Timeout),
        }
    }

    /// The times of a question that is being sent now.
    pub(super) fn sending(&mut self) -> Times {
        let sent = self.inner.now().run;
        Times {
            first_sent: *self.first_sent.get_or_insert(sent),
            sent,
            deadline: self.deadline,
        }
    }

    /// Whether what failed for `reason` is to be repeated; the pause before it is over then.
    pub(super) async fn again(&mut self, reason: &Reason, token: Option<&Token>) -> bool {
        let renew = reason.is_of_token() && !self.renewed;
        if let Some(token) = token.filter(|_| reason.is_of_token()) {
            self.inner.tokens.refuse(token);
        }
        if !(renew || reason.may_pass()) || self.made >= self.inner.tries {
            return false;
        }
        let pause = if renew {
            Duration::ZERO
        } else {
            PAUSES.after(self.made, key::dice())
        };
        if pause >= self.left() || !self.inner.budget.spend() {
            return false;
        }
        self.made += 1;
        self.renewed |= renew;
        self.inner.gauges.retry();
        tokio::time::sleep(pause).await;
        true
    }
}

impl Inner {
    pub(super) fn now(&self) -> Now {
        Now::read(&self.clock)
    }

    /// Asks about one intent.
    pub(super) async fn ask(&self, intent: &Intent) -> Verdict {
        let mut tries = Tries::begin(self);
        let form = self.line.form();
        let verdict = match Question::of(intent, form) {
            Ok(question) => self.put(&question, &mut tries).await,
            Err(block) => Verdict::Block(block),
        };
        let took = self.now().run.saturating_duration_since(tries.began);
        self.gauges.verdict(&verdict, took);
        verdict
    }

    async fn put(&self, question: &Question, tries: &mut Tries<'_>) -> Verdict {
        loop {
            let (verdict, token) = self.put_once(question, tries).await;
            let Some(block) = verdict.block() else {
                return verdict;
            };
            if !tries.again(block.reason(), token.as_ref()).await {
                return verdict;
            }
        }
    }

    async fn put_once(
        &self,
        question: &Question,
        tries: &mut Tries<'_>,
    ) -> (Verdict, Option<Token>) {
        let because = |reason| Verdict::Block(Block::because(reason));
        let (_place, token) = match tries.ready(1).await {
            Ok(ready) => ready,
            Err(reason) => return (because(reason), None),
        };
        let _under_way = self.gauges.under_way(1);
        let times = tries.sending();
        let verdict = match tries.within(self.line.ask(&token, question)).await {
            Some(Ok(said)) => judge(question, said, &times, self.now()),
            Some(Err(trouble)) => because(trouble.into()),
            None => because(Reason::Timeout),
        };
        (verdict, Some(token))
    }

    /// Asks about many; the verdicts stand in the order of the intents.
    pub(super) async fn ask_all(&self, intents: &[Intent]) -> Vec<Verdict> {
        let mut tries = Tries::begin(self);
        if intents.len() > ASK_ALL_MAX {
            let too_many = || Verdict::Block(Block::because(Reason::TooMany));
            return intents.iter().map(|_| too_many()).collect();
        }
        let mut asked: Vec<Asked> = intents
            .iter()
            .map(|intent| Asked::of(intent, self.line.form()))
            .collect();
        loop {
            let mut last = None;
            let due: Vec<usize> = (0..asked.len())
                .filter(|at| asked.get(*at).is_some_and(Asked::is_due))
                .collect();
            for group in groups(&asked, &due, self.line.together_bytes_max()) {
                last = self
                    .put_group(&mut asked, &group, &mut tries)
                    .await
                    .or(last);
            }
            let failed = asked.iter().filter_map(|one| one.may_pass(tries.renewed));
            let Some(reason) = failed.last() else {
                break;
            };
            if !tries.again(&reason, last.as_ref()).await {
                break;
            }
        }
        let took = self.now().run.saturating_duration_since(tries.began);
        let verdicts = asked.into_iter().map(|one| one.verdict);
        verdicts
            .inspect(|verdict| self.gauges.verdict(verdict, took))
            .collect()
    }

    /// Puts a group of questions together and notes the verdicts.
    async fn put_group(
        &self,
        asked: &mut [Asked],
        group: &[usize],
        tries: &mut Tries<'_>,
    ) -> Option<Token> {
        let (_place, token) = match tries.ready(self.line.places_of(group.len())).await {
            Ok(ready) => ready,
            Err(reason) => {
                note(asked, group, |_| {
                    Verdict::Block(Block::because(reason.clone()))
                });
                return None;
            }
        };
        let _under_way = self.gauges.under_way(group.len());
        let times = tries.sending();
        let questions: Vec<&Question> = group
            .iter()
            .filter_map(|at| asked.get(*at)?.question.as_ref())
            .collect();
        let answered = tries
            .within(self.line.ask_together(&token, &questions))
            .await;
        let now = self.now();
        let verdicts: Vec<Verdict> = match answered {
            Some(Ok(all)) => {
                let pairs = questions.iter().zip(all);
                pairs
                    .map(|(question, said)| judge(question, said, &times, now))
                    .collect()
            }
            Some(Err(trouble)) => blocks(&questions, &trouble.into()),
            None => blocks(&questions, &Reason::Timeout),
        };
        let mut verdicts = verdicts.into_iter();
        note(asked, group, |_| {
            let missing = || Verdict::Block(Block::because(Reason::Mismatch));
            verdicts.next().unwrap_or_else(missing)
        });
        Some(token)
    }
}

fn blocks(questions: &[&Question], reason: &Reason) -> Vec<Verdict> {
    let block = |_: &&Question| Verdict::Block(Block::because(reason.clone()));
    questions.iter().map(block).collect()
}

fn note(asked: &mut [Asked], group: &[usize], mut verdict: impl FnMut(usize) -> Verdict) {
    for at in group {
        if let Some(one) = asked.get_mut(*at) {
            one.verdict = verdict(*at);
            one.put = true;
        }
    }
}

/// One of many.
struct Asked {
    question: Option<Question>,
    /// The newest one.
    verdict: Verdict,
    put: bool,
}

impl Asked {
    fn of(intent: &Intent, form: Form) -> Self {
        let (question, block) = match Question::of(intent, form) {
            Ok(question) => (Some(question), Block::because(Reason::Timeout)),
            Err(block) => (None, block),
        };
        Self {
            question,
            verdict: Verdict::Block(block),
            put: false,
        }
    }

    /// Whether it is to be put in the next round.
    fn is_due(&self) -> bool {
        let failed = || {
            self.reason()
                .is_some_and(|r| r.may_pass() || r.is_of_token())
        };
        self.question.is_some() && (!self.put || failed())
    }

    fn reason(&self) -> Option<&Reason> {
        self.verdict.block().map(Block::reason)
    }

    /// Why it should be put again, if it should.
    fn may_pass(&self, renewed: bool) -> Option<Reason> {
        let reason = self.reason().filter(|_| self.question.is_some())?;
        let passes = reason.may_pass() || (reason.is_of_token() && !renewed);
        passes.then(|| reason.clone())
    }
}

/// Which questions go together: so many, and so many bytes.
fn groups(asked: &[Asked], due: &[usize], bytes_max: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut bytes = usize::MAX;
    for at in due {
        let Some(question) = asked.get(*at).and_then(|one| one.question.as_ref()) else {
            continue;
        };
        // Besides: a comma, or a frame's note of where it begins.
        let more = question.bytes.len() + 16;
        let full = |group: &Vec<usize>| group.len() >= TOGETHER_MAX;
        match all.last_mut() {
            Some(group) if bytes.saturating_add(more) <= bytes_max && !full(group) => {
                group.push(*at);
                bytes += more;
            }
            _ => {
                all.push(vec![*at]);
                bytes = more;
            }
        }
    }
    all
}
