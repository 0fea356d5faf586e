//! The question of a vector as an intent, and the facts its purpose rests on.

use dialgate::domain::intent::{Asked, ContactPoint, Intent};
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::record::{FactKind, FactRecord, Personal};
use dialgate::domain::time::UnixSeconds;
use dialgate::domain::words::{
    Action, ApprovalState, Channel, DialMode, Inbound, Medium, PartyRole, Purpose,
};
use serde_json::Value;

use crate::facts::Stated;
use crate::fields::{Fields, Said};
use crate::file::{ACCOUNT, File, Party};
use crate::words;

/// Translates the question.
pub(crate) fn translate(value: &Value, file: &mut File) -> Said<Intent> {
    let fields = Fields::of(value, "question_contact")?;
    fields.idle(&["collector", "message", "via", "content"]);
    let channel = words::channel(fields.needed(&["channel"])?)?;
    let action = match fields.text(&["action_type", "action"])? {
        Some(word) => words::action(word)?,
        None => default_action(channel),
    };
    let to = fields.text(&["to", "party_role", "person"])?;
    let to = to.map(words::party).transpose()?.flatten();
    let contact = contact(&fields, channel, to.as_ref(), file)?;
    let counted = fields.texts(&["count_toward", "counted_toward"])?;
    let concerned = fields.texts(&["debt", "debts"])?;
    let debts = if concerned.is_empty() {
        counted
    } else {
        concerned
    };
    file.debts(&debts);
    let purpose = fields.text(&["purpose"])?;
    let in_response_to = fields.text(&["in_response_to"])?;
    let in_response_to = in_response_to.map(words::inbound).transpose()?;
    let place = fields.text(&["to_place", "place"])?.map(words::place);
    let dial_mode = fields.text(&["dial_mode"])?;
    fields.finish()?;
    Ok(Intent {
        account_id: ACCOUNT.into(),
        person_id: file.person(to.as_ref()).map(|id| id.0),
        contact,
        channel: Some(channel),
        action: Some(action),
        source_system: "vector".into(),
        role: Asked::Known(to.map_or(PartyRole::Consumer, |to| to.role)),
        dial_mode: match dial_mode.map(DialMode::parse) {
            None => Asked::Absent,
            Some(Some(mode)) => Asked::Known(mode),
            Some(None) => Asked::Unknown,
        },
        purpose: match in_response_to {
            Some(_) => Purpose::Reply,
            None => purpose
                .and_then(Purpose::parse)
                .unwrap_or(Purpose::Collection),
        },
        in_response_to,
        to_place: place.map_or(Asked::Absent, Asked::Known),
        debt_ids: debts.into_iter().map(Into::into).collect(),
        dry_run: false,
        exception_scope: true,
    })
}

fn default_action(channel: Channel) -> Action {
    match channel {
        Channel::Phone => Action::Call,
        Channel::Sms => Action::Text,
        Channel::Email | Channel::Social => Action::Email,
        Channel::Mail => Action::Letter,
        Channel::Fax => Action::Fax,
        Channel::InPerson => Action::InPerson,
    }
}

fn contact(
    fields: &Fields<'_>,
    channel: Channel,
    to: Option<&Party>,
    file: &mut File,
) -> Said<ContactPoint> {
    let label = fields.text(&["number", "phone"])?;
    let text = fields.text(&["address", "email"])?;
    let line = fields.text(&["line_type"])?.map(words::line).transpose()?;
    Ok(match channel {
        Channel::Phone | Channel::Sms | Channel::Fax => {
            if let Some(line) = line {
                file.line(label, to, line);
            }
            let digits = file.number(label, to);
            let number = PhoneNumber::parse(digits.as_str());
            number.map_or(ContactPoint::BadPhone, ContactPoint::Phone)
        }
        Channel::Email | Channel::Social => {
            let address = file.address(text, to);
            ContactPoint::Email(address.as_str().into())
        }
        Channel::Mail | Channel::InPerson => ContactPoint::Absent,
    })
}

/// What the purpose of the question rests on and the vector does not tell (`_meta`): an approval for
/// what law requires, a plan with reminders, the refusal that is confirmed, the contact that is
/// answered. `told` holds every fact the vector does tell.
pub(crate) fn rests_on(intent: &Intent, told: &[Stated], at: UnixSeconds) -> Option<Stated> {
    let known = |test: &dyn Fn(&FactRecord) -> bool| {
        told.iter().any(|stated| match stated {
            Stated::Fact(fact) => test(fact),
            _ => false,
        })
    };
    let kind = |kind: FactKind| move |fact: &FactRecord| fact.fact == Some(kind);
    let mut fact = FactRecord::default();
    match intent.purpose {
        Purpose::LegallyRequired if !known(&kind(FactKind::Approval)) => {
            fact.fact = Some(FactKind::Approval);
            fact.approval = Some(ApprovalState::Approved);
            fact.document_id = Some(Personal::from("statute"));
            fact.purpose = Some(Purpose::LegallyRequired);
        }
        Purpose::Reminder if !known(&kind(FactKind::Promise)) => {
            fact.fact = Some(FactKind::Promise);
            fact.reminder = Some(true);
            fact.until_date = Some(at.utc_date().plus_days(30));
        }
        Purpose::OptOutConfirmation
            if !known(&kind(FactKind::ContactOptOut)) && !known(&kind(FactKind::MediumOptOut)) =>
        {
            fact.fact = Some(FactKind::MediumOptOut);
            fact.medium = Some(match intent.channel {
                Some(Channel::Email) => Medium::Email,
                _ => Medium::Texts,
            });
            fact.at = Some(at.minus(60));
        }
        Purpose::Reply => {
            let inbound = intent.in_response_to?;
            let told_so = told.iter().any(|stated| match stated {
                Stated::Fact(fact) => fact.inbound == Some(inbound),
                Stated::Attempt(attempt) => {
                    inbound == Inbound::Call && attempt.inbound == Some(true)
                }
                _ => false,
            });
            if told_so {
                return None;
            }
            fact.fact = Some(FactKind::Inbound);
            fact.inbound = Some(inbound);
            fact.at = Some(at.minus(600));
        }
        _ => return None,
    }
    Some(Stated::from(fact))
}
