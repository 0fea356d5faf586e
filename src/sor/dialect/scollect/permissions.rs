//! The permissions of an account: written one at a time, never to be read.
//!
//! | field | forbids when | fact | given back |
//! |---|---|---|---|
//! | `cantext`, `canemail`, `cancallcell` | not plainly allowed | the agency refuses the action | pending: as if nobody had said anything |
//! | `donottext`, `donotemail` | not plainly off | the person refuses the medium | never |
//! | `callwork` | not plainly allowed | the employer forbids it | never |
//! | `cont_debtor` | not plainly allowed | cease | never |
//!
//! So of an opposite pair each half has a fact of its own, and either forbids. What a consumer may have
//! asked for is not given back by a flag.

use super::conditions::{approval, refused, stated};
use super::fields::Fields;
use super::numbers::Number;
use super::taps::Told;
use crate::domain::record::{AccountRecord, FactKind, FactRecord};
use crate::domain::words::{Action, ApprovalState, Medium};
use crate::sor::dialect::formats::{Said, flag, phone};

/// What setting one permission says.
pub(super) fn told(fields: &Fields<'_>) -> Told {
    let mut told = Told::default();
    let Some(name) = fields.text("fieldname") else {
        return told;
    };
    let value = fields.text("fieldvalue").unwrap_or_default();
    let said = flag(&value);
    match name.to_ascii_lowercase().as_str() {
        "cantext" => toggled(&mut told, &[Action::Text], said),
        "canemail" => toggled(&mut told, &[Action::Email], said),
        // No fact forbids the wireless numbers alone, so every call is forbidden.
        "cancallcell" => toggled(&mut told, &[Action::Call, Action::Voicemail], said),
        "donottext" => forbidden(&mut told, said, false, refused(Medium::Texts)),
        "donotemail" => forbidden(&mut told, said, false, refused(Medium::Email)),
        "callwork" => forbidden(&mut told, said, true, stated(FactKind::EmployerProhibits)),
        "cont_debtor" => forbidden(&mut told, said, true, stated(FactKind::Cease)),
        "textphone" => {
            let number = phone(&value).known();
            told.permits.extend(number.map(|number| AccountRecord {
                phones: vec![Number::plain(number, None, None).record()],
                ..AccountRecord::default()
            }));
        }
        _ => {}
    }
    told
}

/// Allowed or not by the agency's own word.
fn toggled(told: &mut Told, actions: &[Action], said: Said<bool>) {
    if said == Said::This(true) {
        let facts = actions
            .iter()
            .map(|action| approval(*action, ApprovalState::Pending));
        told.permits.push(AccountRecord {
            facts: facts.collect(),
            ..AccountRecord::default()
        });
    } else {
        let facts = actions
            .iter()
            .map(|action| approval(*action, ApprovalState::Refused));
        told.facts.extend(facts);
    }
}

/// Forbidden unless the flag plainly says the value that allows it.
fn forbidden(told: &mut Told, said: Said<bool>, allows: bool, fact: FactRecord) {
    if said != Said::This(allows) {
        told.facts.push(fact);
    }
}
