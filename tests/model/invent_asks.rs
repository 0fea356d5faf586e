//! Random questions: mostly such as a dialer asks, and every other kind now and then.

use dialgate::domain::record::FactKind;
use dialgate::domain::words::{Action, Channel, DialMode, Inbound, PartyRole, PlaceKind, Purpose};

use super::dice::Dice;
use super::invent::{Cast, debt_names};
use super::story::Question;

/// Keys in use; fewer than the engine of a story keeps.
const KEYS: u64 = 6;

/// One, perhaps with a key; or one of the newest that had a key, again.
pub(crate) fn keyed(dice: &mut Dice, cast: &mut Cast) -> Question {
    let (known, many) = &cast.keyed;
    if !known.is_empty() && dice.one_in(3) {
        let newest = known.len() - 1 - dice.index(known.len().min(2));
        return known[newest].clone();
    }
    let many = *many;
    let mut q = question(dice, cast);
    // What a purpose uses up once it cannot be allowed twice.
    if q.purpose.is_none() && q.in_response_to.is_none() && dice.one_in(4) {
        q.key = Some(many % KEYS);
        cast.keyed.1 += 1;
        cast.keyed.0.push(q.clone());
    }
    q
}

/// One without a key.
fn question(dice: &mut Dice, cast: &Cast) -> Question {
    let phone = cast.phones[dice.index(cast.phones.len())].clone();
    let mode = [DialMode::Manual, DialMode::Manual, DialMode::Preview];
    let mut q = Question {
        account: dice.of(&cast.accounts).to_owned(),
        phone: Some(phone),
        channel: Some(Channel::Phone),
        action: Some(Action::Call),
        source: dice.of(&["desk", "desk", "ivr", "five9"]).to_owned(),
        dial_mode: dice.of(&mode).as_str().to_owned(),
        debts: debt_names(dice, cast)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        dry_run: dice.one_in(5),
        scope: dice.one_in(2),
        ..Question::default()
    };
    if cast.plain && !dice.one_in(4) {
        return q;
    }
    let consents = cast.theme.contains(&FactKind::NumberCheck);
    if dice.one_in(if consents { 2 } else { 4 }) {
        q.dial_mode = dice
            .of(&["", "predictive", "prerecorded", "ringless"])
            .to_owned();
    }
    medium(dice, cast, &mut q);
    who(dice, cast, &mut q);
    why(dice, cast, &mut q);
    q
}

fn medium(dice: &mut Dice, cast: &Cast, q: &mut Question) {
    match dice.below(20) {
        10..=12 if cast.theme.contains(&FactKind::EmailProcedure) => {
            q.phone = None;
            q.email = Some(dice.of(&cast.emails).to_owned());
            (q.channel, q.action) = (Some(Channel::Email), Some(Action::Email));
        }
        0..=2 => (q.channel, q.action) = (Some(Channel::Sms), Some(Action::Text)),
        3 | 4 => {
            q.phone = None;
            q.email = Some(dice.of(&cast.emails).to_owned());
            let social = dice.one_in(4);
            let channel = if social {
                Channel::Social
            } else {
                Channel::Email
            };
            (q.channel, q.action) = (Some(channel), Some(Action::Email));
        }
        5 => {
            q.phone = None;
            (q.channel, q.action) = (Some(Channel::Mail), Some(Action::Letter));
        }
        6 => {
            let other = [
                (Channel::Fax, Action::Fax),
                (Channel::InPerson, Action::InPerson),
                (Channel::Phone, Action::Voicemail),
            ];
            let (channel, action) = dice.of(&other);
            (q.channel, q.action) = (Some(channel), Some(action));
            if channel == Channel::InPerson {
                q.phone = None;
            }
        }
        7 if dice.one_in(3) => {
            q.channel = dice.maybe(2, |d| d.of(Channel::ALL));
            q.action = dice.maybe(2, |d| d.of(Action::ALL));
        }
        8 if dice.one_in(4) => q.phone = dice.maybe(2, |_| "+1404".to_owned()),
        9 if dice.one_in(4) => q.dial_mode = "smoke".to_owned(),
        _ => {}
    }
}

fn who(dice: &mut Dice, cast: &Cast, q: &mut Question) {
    if let Some((id, role)) = cast.people.first().copied()
        && dice.one_in(3)
    {
        q.role = role.as_str().to_owned();
        q.person = dice.maybe(2, |_| id.to_owned());
    }
    if dice.one_in(30) {
        q.role = dice.of(PartyRole::ALL).as_str().to_owned();
    }
    if dice.one_in(40) {
        q.person = Some(dice.of(&["P0", "P1", "P2", "P9"]).to_owned());
    }
    if dice.one_in(60) {
        q.account = "Z".to_owned();
    }
    if dice.one_in(60) {
        q.debts.push("D9".to_owned());
    }
}

fn why(dice: &mut Dice, cast: &Cast, q: &mut Question) {
    if dice.one_in(12) {
        q.to_place = dice.of(PlaceKind::ALL).as_str().to_owned();
    }
    if dice.one_in(120) {
        q.to_place = "moon".to_owned();
    }
    match dice.below(16) {
        0 => q.purpose = Some(dice.of(Purpose::ALL)),
        1 => {
            q.in_response_to = Some(dice.of(Inbound::ALL));
            q.scope = true;
        }
        2 => {
            q.in_response_to = match q.channel {
                Some(Channel::Phone) => Some(Inbound::Call),
                Some(Channel::Sms) => Some(Inbound::Text),
                Some(Channel::Email) => Some(Inbound::Email),
                Some(Channel::Mail) => Some(Inbound::Letter),
                _ => None,
            };
            q.scope = true;
        }
        3 if q.channel == Some(Channel::Mail) => {
            q.purpose = Some(dice.of(&[Purpose::NoticeOfRemedy, Purpose::TerminateEfforts]));
        }
        4 if cast.calm < 10 => {
            q.purpose = Some(dice.of(&[Purpose::Reminder, Purpose::OptOutConfirmation]));
            q.scope = true;
        }
        _ => {}
    }
}
