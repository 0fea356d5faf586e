//! What follows from a call that changes something.

use super::Whl;
use crate::domain::record::{AccountRecord, FactKind, FactRecord, Line, Personal};
use crate::domain::words::{AccountStatus, HoldKind};
use crate::sor::call::{Call, Heard};
use crate::sor::dialect::field_map::{
    Asked, Field, Found, Meaning, Sign, Tree, fact_of, number, status_of,
};
use crate::sor::dialect::{Again, Change, Tapped, requests};
use crate::sor::route::Duty;

/// By the request alone.
pub(super) fn before(whl: &Whl, call: &Call<'_>) -> Tapped {
    let asked = Asked::of(call);
    let accounts = whl.map.accounts_of(call, &asked);
    let mut tapped = Tapped {
        again: again(whl, call, &accounts),
        ..Tapped::default()
    };
    match call.duty {
        Duty::AddDoNotCall => {
            let numbers = whl.map.point_texts(&asked.tree, Field::Phone).into_iter();
            tapped.restrict = numbers.filter_map(|text| listed(text, call)).collect();
        }
        _ => tapped.restrict = restrictions(whl, call, &asked.tree, accounts.all()),
    }
    tapped
}

/// By the answer in addition, once the system has confirmed.
pub(super) fn after(whl: &Whl, call: &Call<'_>, heard: &Heard) -> Tapped {
    let asked = Asked::of(call);
    let named = whl.map.accounts_of(call, &asked);
    let answer = Tree::of_json(&heard.body);
    let told = answer
        .as_ref()
        .map_or(Found::Nothing, |tree| whl.map.accounts(tree));
    let by_answer = named == Found::Nothing && told != Found::Nothing;
    let accounts = if by_answer { told } else { named };
    let mut tapped = Tapped {
        again: again(whl, call, &accounts),
        ..Tapped::default()
    };
    let all = accounts.clone().all();
    if by_answer {
        tapped.restrict = restrictions(whl, call, &asked.tree, all.clone());
    }
    if let Some(status) = ended(whl, call, &asked.tree) {
        let closed = all.into_iter().map(|account| with_status(account, status));
        let lines = closed.map(|record| Line::Account(Box::new(record)));
        tapped
            .restrict
            .extend(lines.map(|apply| Change { apply, undo: None }));
    }
    // Confirmed is confirmed: nothing of it is taken back.
    for change in &mut tapped.restrict {
        change.undo = None;
    }
    if !call.public {
        tapped.permit = lifted(whl, call, &asked, accounts.one());
    }
    tapped
}

/// What is to be read again: the account that is named, else the one that the thing belongs to.
fn again(whl: &Whl, call: &Call<'_>, accounts: &Found<Box<str>>) -> Again {
    let thing = || match call.duty {
        Duty::ChangeDispute | Duty::ResolveDispute | Duty::ResolveDisputePublicly => {
            let id = call.params.first().and_then(|(name, _)| call.param(name));
            id.and_then(|id| whl.request(Duty::Dispute, &[&id]))
        }
        _ => requests::of_its_thing(&whl.catalogue, call),
    };
    match call.duty {
        // Of a dispute the system says whose it is; a caller's word may name another account.
        Duty::ChangeDispute | Duty::ResolveDispute | Duty::ResolveDisputePublicly => {
            thing().map_or(Again::Nothing, Again::AskFirst)
        }
        Duty::OpenDispute
        | Duty::Recall
        | Duty::Place
        | Duty::StatusEvent
        | Duty::ApplySkipTrace
        | Duty::Payment => match accounts {
            Found::One(account) => Again::Account(account.clone()),
            Found::Nothing => thing().map_or(Again::AsAnswered, Again::AskFirst),
            Found::Several(_) => thing().map_or(Again::Nothing, Again::AskFirst),
        },
        Duty::ReadAllAgain => match accounts {
            Found::One(account) if !call.public => Again::Account(account.clone()),
            _ => Again::All,
        },
        _ => Again::Nothing,
    }
}

/// The restrictions of a call for each account it names: where two are named, both.
fn restrictions(whl: &Whl, call: &Call<'_>, said: &Tree, accounts: Vec<Box<str>>) -> Vec<Change> {
    let facts = match call.duty {
        Duty::OpenDispute => fact_of(Sign::Dispute).into_iter().collect(),
        Duty::ChangeDispute if reopens(whl, said) => fact_of(Sign::Dispute).into_iter().collect(),
        Duty::EraseConsumer => fact_of(Sign::Cease).into_iter().collect(),
        Duty::Recall => vec![held()],
        Duty::StatusEvent => event(whl, said),
        _ => Vec::new(),
    };
    let of = |account: Box<str>| {
        let change = |fact: &FactRecord| change(&account, fact.clone(), call);
        facts.iter().map(change).collect::<Vec<_>>()
    };
    accounts.into_iter().flat_map(of).collect()
}

/// Whether a change leaves a dispute open, as far as it says.
fn reopens(whl: &Whl, said: &Tree) -> bool {
    let ended =
        |text: &&str| whl.map.means(text, Meaning::Resolved) || whl.map.means(text, Meaning::Over);
    !whl.map.texts(said, Field::Status).iter().any(ended)
}

/// The signs an event speaks of. What would be a status is a hold until the system has confirmed:
/// that can be taken back without opening what was closed.
fn event(whl: &Whl, said: &Tree) -> Vec<FactRecord> {
    let mut facts = Vec::new();
    for sign in signs(whl, said) {
        let fact = fact_of(sign).or_else(|| status_of(sign).map(|_| held()));
        facts.extend(fact.filter(|fact| !facts.contains(fact)));
    }
    facts
}

fn signs(whl: &Whl, said: &Tree) -> Vec<Sign> {
    let mut all = whl.map.flagged(said);
    for field in [Field::Kind, Field::Status] {
        for text in whl.map.texts(said, field) {
            all.extend(whl.map.spoken(text));
        }
    }
    all
}

/// The creditor wants it stopped.
fn held() -> FactRecord {
    FactRecord {
        fact: Some(FactKind::Hold),
        hold: Some(HoldKind::Creditor),
        ..FactRecord::default()
    }
}

fn change(account: &str, fact: FactRecord, call: &Call<'_>) -> Change {
    let undo = undone(fact.clone(), call);
    Change {
        apply: of_account(account, fact),
        undo: Some(of_account(account, undo)),
    }
}

/// The same fact lifted: what identifies it stays, what it says besides does not.
fn undone(fact: FactRecord, call: &Call<'_>) -> FactRecord {
    FactRecord {
        lifted: Some(true),
        reason: Some(reason(call, "refused by the system")),
        ..fact
    }
}

/// Why, without a word of the caller's.
fn reason(call: &Call<'_>, what: &str) -> Personal {
    Personal(format!("{}: {what}", call.duty.as_str()).into())
}

fn of_account(account: &str, fact: FactRecord) -> Line {
    Line::Account(Box::new(AccountRecord {
        account_id: Some(Personal::from(account)),
        facts: vec![fact],
        ..AccountRecord::default()
    }))
}

/// A number for the do-not-call list.
fn listed(text: &str, call: &Call<'_>) -> Option<Change> {
    let fact = do_not_call(text)?;
    let undo = undone(fact.clone(), call);
    Some(Change {
        apply: Line::Contact(Box::new(fact)),
        undo: Some(Line::Contact(Box::new(undo))),
    })
}

fn do_not_call(text: &str) -> Option<FactRecord> {
    Some(FactRecord {
        fact: Some(FactKind::DoNotCall),
        phone: Some(Personal::from(number(text)?.e164().as_str())),
        ..FactRecord::default()
    })
}

/// The status a confirmed call gives an account. It restricts, so it counts from a public route too.
fn ended(whl: &Whl, call: &Call<'_>, said: &Tree) -> Option<AccountStatus> {
    match call.duty {
        Duty::Recall => Some(AccountStatus::Recalled),
        Duty::EraseConsumer => Some(AccountStatus::Closed),
        Duty::StatusEvent => signs(whl, said).into_iter().find_map(status_of),
        _ => None,
    }
}

fn with_status(account: Box<str>, status: AccountStatus) -> AccountRecord {
    AccountRecord {
        account_id: Some(Personal(account)),
        status: Some(status),
        ..AccountRecord::default()
    }
}

/// What a confirmed call lifts.
fn lifted(whl: &Whl, call: &Call<'_>, asked: &Asked, account: Option<Box<str>>) -> Vec<Line> {
    let reason = || Some(reason(call, "confirmed by the system"));
    let lifts = |fact| FactRecord {
        lifted: Some(true),
        reason: reason(),
        ..fact
    };
    match call.duty {
        Duty::RemoveDoNotCall if asked.is_whole => {
            let numbers = whl.map.point_texts(&asked.tree, Field::Phone).into_iter();
            let facts = numbers.filter_map(do_not_call).map(lifts);
            facts.map(|fact| Line::Contact(Box::new(fact))).collect()
        }
        // Placed anew by its creditor: what the creditor had stopped goes on. One account, named
        // beyond doubt.
        Duty::Place if asked.is_whole => {
            let placed = |id| AccountRecord {
                reason: reason(),
                facts: vec![lifts(held())],
                ..with_status(id, AccountStatus::Open)
            };
            let records = account.map(placed).into_iter();
            records
                .map(|record| Line::Account(Box::new(record)))
                .collect()
        }
        _ => Vec::new(),
    }
}
