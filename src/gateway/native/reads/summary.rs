//! A tenant's figures: what is held, counted some rows at a time, and what was decided.

use super::NO_PARAMETERS;
use crate::domain::verdict::Gate;
use crate::domain::words::{AccountStatus, EscalationKind, HoldKind};
use crate::engine::figures::Figures;
use crate::engine::query::{Holdings, Place, Told, What};
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::native::fault;
use crate::gateway::running::Gateway;
use crate::gateway::work::Delivered;
use crate::wire::compliance::bytes;
use crate::wire::compliance::summary::{Activity, ByWord, Restrictions, Summary};
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

impl Gateway {
    /// Counts a tenant. Each piece is a question of its own, so that a large tenant's count lies
    /// between decisions and never before them.
    pub(super) async fn summary(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        Params::read(errand.query, &NO_PARAMETERS).map_err(Problem::of_field)?;
        let mut held = Holdings::default();
        let mut place = Some(Place::START);
        while let Some(from) = place {
            let now = self.clock.instant();
            let told = self.query_since(desk, caller, What::Survey(from), now);
            let Told::Survey(piece, next, _) = told.await? else {
                return Err(fault(SystemError::Internal));
            };
            held.add(&piece);
            place = next;
        }
        let now = self.clock.instant();
        let told = self.query_since(desk, caller, What::Figures, now);
        let Told::Figures(Some(figures), stamp) = told.await? else {
            return Err(fault(SystemError::Internal));
        };
        let (today, since_start) = *figures;
        let told = Summary {
            as_of: stamp.at.rfc3339().as_str().to_owned(),
            accounts: by_word(AccountStatus::ALL, AccountStatus::as_str, &held.accounts),
            restrictions: restrictions(&held),
            today: activity(&today),
            since_start: activity(&since_start),
        };
        Ok(Reply::json(200, bytes(&told)))
    }
}

fn by_word<T: Copy>(all: &[T], word: fn(T) -> &'static str, counts: &[u64]) -> ByWord {
    let numbered = all.iter().zip(counts);
    numbered.map(|(one, count)| (word(*one), *count)).collect()
}

fn restrictions(held: &Holdings) -> Restrictions {
    Restrictions {
        accounts: ByWord::from([
            ("disputes_open", held.disputes_open),
            ("identity_theft", held.identity_theft),
            ("overrides", held.overrides),
            ("wrong_numbers", held.wrong_numbers),
        ]),
        holds: by_word(HoldKind::ALL, HoldKind::as_str, &held.holds),
        escalations: by_word(
            EscalationKind::ALL,
            EscalationKind::as_str,
            &held.escalations,
        ),
        persons: ByWord::from([
            ("known", held.persons),
            ("cease", held.ceases),
            ("attorney", held.attorneys),
            ("bankruptcy", held.bankruptcies),
            ("deceased", held.deceased),
            ("minor", held.minors),
            ("refused_media", held.refused_media),
            ("inconvenient", held.inconvenient),
            ("vulnerable", held.vulnerable),
        ]),
        contact_points: ByWord::from([
            ("do_not_call", held.do_not_call),
            ("opt_outs", held.opt_outs),
        ]),
    }
}

fn activity(figures: &Figures) -> Activity {
    let gates = Gate::ALL.iter().zip(&figures.gates);
    let gates = gates.filter(|(_, count)| **count > 0);
    let codes = figures.codes.iter();
    let mut by_code = ByWord::new();
    for (code, count) in codes {
        // Codes of rules that were not evaluated share a spelling.
        *by_code.entry(code.as_str()).or_default() += count;
    }
    Activity {
        decisions: figures.decisions,
        blocks: figures.blocks,
        by_gate: gates.map(|(gate, count)| (gate.as_str(), *count)).collect(),
        by_code,
        outcomes: figures.outcomes.iter().copied().collect(),
    }
}
