//! Facts about an account: disputes, notices, holds, escalations, approvals, overrides, promises.

use super::commands::Refusal;
use super::draft::{Draft, Refused, push_bounded};
use super::facts::effective;
use super::state::State;
use crate::domain::facts::{Approval, At, Dispute, Escalation, Hold, Notice, Override, Promise};
use crate::domain::ids::Sym;
use crate::domain::record::{FactKind, FactRecord, Personal};
use crate::domain::words::{Action, ApprovalState, Form, Purpose};

/// Applies one.
pub(super) fn apply(
    state: &mut State,
    draft: &mut Draft,
    kind: FactKind,
    fact: &FactRecord,
) -> Result<(), Refused> {
    let at = effective(draft, fact);
    let on = fact.lifted != Some(true);
    match kind {
        FactKind::IdentityTheft | FactKind::Judgment => {
            let scope = draft.scope(state, &fact.debts)?;
            let extras = draft.extras();
            let list = if kind == FactKind::Judgment {
                &mut extras.judgments
            } else {
                &mut extras.identity_theft
            };
            if !on {
                list.retain(|known| *known != scope);
            } else if !list.contains(&scope) {
                list.push(scope);
            }
        }
        FactKind::Dispute => dispute(state, draft, fact, at, on)?,
        FactKind::Verification => {
            let scope = draft.scope(state, &fact.debts)?;
            let open = |d: &&mut Dispute| {
                let same = fact.debts.is_empty() || d.debts == scope;
                // An answer dated ahead gives way to one that comes sooner.
                same && d.received <= at && (!d.answered.is_set() || at < d.answered)
            };
            draft
                .extras()
                .disputes
                .iter_mut()
                .filter(open)
                .for_each(|d| d.answered = at);
        }
        FactKind::NoticeSent => notice_sent(draft, fact, at)?,
        FactKind::NoticeReturned => notice_returned(draft, fact, at)?,
        FactKind::Escalation => {
            let kind = fact.escalation.ok_or(("escalation", Refusal::Missing))?;
            let list = &mut draft.extras().escalations;
            if !on {
                list.retain(|known| known.kind != kind);
            } else if !list.iter().any(|known| known.kind == kind) {
                list.push(Escalation { kind, since: at });
            }
        }
        FactKind::Hold => hold(draft, fact, at, on)?,
        FactKind::Approval => approval(state, draft, fact),
        FactKind::Override => override_fact(state, draft, fact, at, on)?,
        FactKind::Promise if on => {
            let until = fact.until_date.ok_or(("until_date", Refusal::Missing))?;
            let reminder = fact.reminder.unwrap_or(false);
            let known = draft.extras().promise.as_ref();
            if known.is_none_or(|p| p.until != until || p.reminder != reminder) {
                draft.extras().promise = Some(Promise {
                    until,
                    reminder,
                    reminder_used: false,
                });
            }
        }
        FactKind::Promise => draft.extras().promise = None,
        _ => {}
    }
    Ok(())
}

fn dispute(
    state: &State,
    draft: &mut Draft,
    fact: &FactRecord,
    at: At,
    on: bool,
) -> Result<(), Refused> {
    let scope = draft.scope(state, &fact.debts)?;
    let disputes = &mut draft.extras().disputes;
    if !on {
        disputes.retain(|known| known.debts != scope);
        return Ok(());
    }
    let form = fact.form.unwrap_or(Form::Written);
    let same = |known: &Dispute| {
        known.debts == scope && known.form == form && (fact.at.is_none() || known.received == at)
    };
    if !disputes.iter().any(same) {
        let said = Dispute {
            debts: scope,
            received: at,
            form,
            answered: At::NEVER,
            said_in_period: fact.in_period.unwrap_or(false),
        };
        let alike = |known: &Dispute| {
            let received = said.received;
            let known = Dispute {
                received,
                ..known.clone()
            };
            known == said
        };
        push_bounded(disputes, said.clone(), alike, |one| one.received);
    }
    Ok(())
}

fn notice_sent(draft: &mut Draft, fact: &FactRecord, at: At) -> Result<(), Refused> {
    let kind = fact.notice.ok_or(("notice", Refusal::Missing))?;
    let notices = &mut draft.extras().notices;
    let known = notices
        .iter()
        .any(|n| n.kind == kind && (fact.at.is_none() || n.sent == at));
    if !known {
        notices.push(Notice {
            kind,
            sent: at,
            returned: At::NEVER,
        });
    }
    Ok(())
}

fn notice_returned(draft: &mut Draft, fact: &FactRecord, at: At) -> Result<(), Refused> {
    let kind = fact.notice.ok_or(("notice", Refusal::Missing))?;
    let sent = |n: &&mut Notice| n.kind == kind && n.sent <= at && !n.returned.is_set();
    if let Some(newest) = draft
        .extras()
        .notices
        .iter_mut()
        .filter(sent)
        .max_by_key(|n| n.sent)
    {
        newest.returned = at;
    }
    Ok(())
}

fn hold(draft: &mut Draft, fact: &FactRecord, at: At, on: bool) -> Result<(), Refused> {
    let kind = fact.hold.ok_or(("hold", Refusal::Missing))?;
    let until = fact.until.map_or(At::NEVER, At::of);
    let now = At::of(draft.now);
    let holds = &mut draft.extras().holds;
    if !on {
        holds.retain(|known| known.kind != kind);
        return Ok(());
    }
    let said = Hold {
        kind,
        since: at,
        until,
    };
    let Some(at) = holds.iter().position(|known| known.kind == kind) else {
        holds.push(said);
        return Ok(());
    };
    let Some(known) = holds.get(at).cloned() else {
        return Ok(());
    };
    let Some(next) = told_again(&known, said, (fact.at.is_some(), now)) else {
        return Ok(());
    };
    let open = !known.until.is_set() || known.until > now;
    let shortens = open && ends_before(next.until, known.until);
    if shortens && !draft.may_end(fact.reason.is_some())? {
        return Ok(());
    }
    if let Some(slot) = draft.extras().holds.get_mut(at) {
        *slot = next;
    }
    Ok(())
}

/// What a further statement makes of a hold; `None`: nothing.
fn told_again(known: &Hold, said: Hold, (dated, now): (bool, At)) -> Option<Hold> {
    let ended = known.until.is_set() && known.until <= now;
    let sooner = ends_before(said.until, known.until);
    let anew = if dated {
        said.since > known.since
    } else {
        ended && !sooner && said.until != known.until
    };
    if anew {
        return Some(said);
    }
    // It is of the one that is known, or of one before. An end that is not stated leaves the one
    // that is, and what came before ends nothing.
    let before = dated && said.since < known.since;
    let says_nothing = !said.until.is_set() || (sooner && (ended || before));
    (!says_nothing).then_some(Hold {
        since: known.since,
        ..said
    })
}

/// Whether an end is sooner than another; never = it does not end.
pub(super) fn ends_before(one: At, other: At) -> bool {
    one.is_set() && (!other.is_set() || one < other)
}

fn text(state: &mut State, said: Option<&Personal>, known: Sym) -> Sym {
    match said {
        Some(said) if state.strings.get(known) == said.as_str() => known,
        Some(said) => state.keep(said.as_str()),
        None => known,
    }
}

fn approval(state: &mut State, draft: &mut Draft, fact: &FactRecord) {
    let action = fact.action.map_or(255, Action::number);
    let purpose = fact.purpose.map_or(255, Purpose::number);
    let until = fact.until.map_or(At::NEVER, At::of);
    let said = fact.approval.unwrap_or(ApprovalState::Approved);
    let approvals = &mut draft.extras().approvals;
    let same = |known: &Approval| known.action == action && known.purpose == purpose;
    let at = approvals.iter().position(same).unwrap_or_else(|| {
        let document = Sym::NONE;
        approvals.push(Approval {
            action,
            purpose,
            state: said,
            until,
            document,
            used: false,
        });
        approvals.len() - 1
    });
    let known_document = approvals.get(at).map_or(Sym::NONE, |a| a.document);
    let document = text(state, fact.document_id.as_ref(), known_document);
    let approvals = &mut draft.extras().approvals;
    let Some(known) = approvals.get_mut(at) else {
        return;
    };
    let before = known.clone();
    // A new document is a new approval; the old one's single use does not count against it.
    known.used &= document == known.document;
    known.state = said;
    known.until = until;
    known.document = document;
    // What was said last stands last: AUTHORITY lets the newest decide.
    if *known != before {
        let newest = approvals.remove(at);
        approvals.push(newest);
    }
}

fn override_fact(
    state: &mut State,
    draft: &mut Draft,
    fact: &FactRecord,
    at: At,
    on: bool,
) -> Result<(), Refused> {
    let kind = fact.override_kind.ok_or(("override", Refusal::Missing))?;
    let document = fact
        .document_id
        .as_ref()
        .ok_or(("document_id", Refusal::Missing))?;
    let gates = fact.gates.iter().fold(0_u16, |set, gate| {
        set | 1_u16
            .checked_shl(u32::from(gate.saturating_sub(1)))
            .unwrap_or(0)
    });
    let strings = &state.strings;
    let overrides = &mut draft.extras().overrides;
    let same =
        |known: &Override| known.kind == kind && strings.get(known.document) == document.as_str();
    if !on {
        overrides.retain(|known| !same(known));
        return Ok(());
    }
    let until = At::of(fact.until.ok_or(("until", Refusal::Missing))?);
    let actor = fact.actor.as_ref().ok_or(("actor", Refusal::Missing))?;
    if let Some(known) = overrides.iter_mut().find(|known| same(known)) {
        known.gates = gates;
        known.until = until;
        if fact.at.is_some() {
            known.since = at;
        }
        return Ok(());
    }
    let (actor, document) = (state.keep(actor.as_str()), state.keep(document.as_str()));
    draft.extras().overrides.push(Override {
        kind,
        gates,
        since: at,
        until,
        actor,
        document,
    });
    Ok(())
}
