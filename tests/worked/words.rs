//! The words of vectors, and those the product publishes for them.

use dialgate::domain::words::{
    Action, Channel, ConsentKind, Form, GivenTo, Inbound, LineType, Medium, Outcome, PartyRole,
    PlaceKind,
};

use crate::fields::Said;
use crate::file::Party;

fn unknown<T>(what: &str, word: &str) -> Said<T> {
    Err(format!("{word:?} is no known {what}"))
}

/// A medium; `call` and `telephone` are telephone calls.
pub(crate) fn medium(word: &str) -> Said<Medium> {
    Ok(match word {
        "phone" | "call" | "calls" | "telephone" | "telephone_calls" | "phone_calls" | "voice" => {
            Medium::Calls
        }
        "sms" | "text" | "texts" | "text_message" | "text_messages" => Medium::Texts,
        "email" | "e-mail" | "emails" => Medium::Email,
        "mail" | "letter" | "letters" | "postal_mail" => Medium::Mail,
        "fax" => Medium::Fax,
        "in_person" | "visit" | "visits" => Medium::InPerson,
        "social" | "social_media" => Medium::Social,
        other => return unknown("medium", other),
    })
}

/// A channel: the product's own words, and `medium`'s.
pub(crate) fn channel(word: &str) -> Said<Channel> {
    Ok(match medium(word)? {
        Medium::Calls => Channel::Phone,
        Medium::Texts => Channel::Sms,
        Medium::Email => Channel::Email,
        Medium::Mail => Channel::Mail,
        Medium::Fax => Channel::Fax,
        Medium::InPerson => Channel::InPerson,
        Medium::Social => Channel::Social,
    })
}

/// An action.
pub(crate) fn action(word: &str) -> Said<Action> {
    if let Some(action) = Action::parse(word) {
        return Ok(action);
    }
    Ok(match word {
        "limited_content_message" | "voicemail_limited_content" | "voice_message" => {
            Action::Voicemail
        }
        "sms" | "text_message" => Action::Text,
        "mail" | "notice" => Action::Letter,
        "visit" => Action::InPerson,
        other => return unknown("action", other),
    })
}

/// What the consumer began, in `in_response_to` or as the type of a fact.
pub(crate) fn inbound(word: &str) -> Said<Inbound> {
    Ok(match word {
        "inbound_call" | "inbound_voicemail" => Inbound::Call,
        "inbound_text" | "inbound_sms" => Inbound::Text,
        "inbound_email" => Inbound::Email,
        "inbound_letter" | "inbound_mail" => Inbound::Letter,
        other => return unknown("contact the consumer began", other),
    })
}

/// What became of a call. Busy and not in service do not connect; every other word does.
pub(crate) fn result(word: &str, conversation: bool) -> Outcome {
    match word {
        "busy" | "not_in_service" | "out_of_service" | "not_connected" => Outcome::NotConnected,
        _ if conversation => Outcome::Conversation,
        "voicemail_unable_to_leave" => Outcome::VoicemailUnableToLeave,
        "answered" | "answered_dropped" | "dropped" => Outcome::Dropped,
        "wrong_number" => Outcome::WrongNumber,
        word if word.starts_with("voicemail") => Outcome::Voicemail,
        _ => Outcome::NoAnswer,
    }
}

/// A kind of place; one the product has no word for is another place.
pub(crate) fn place(word: &str) -> PlaceKind {
    match word {
        "home" | "residence" => PlaceKind::Home,
        "employment" | "work" | "workplace" | "place_of_employment" => PlaceKind::Employment,
        other => PlaceKind::parse(other).unwrap_or(PlaceKind::Other),
    }
}

/// A kind of line.
pub(crate) fn line(word: &str) -> Said<LineType> {
    Ok(match word {
        "mobile" | "cell" | "wireless" | "mobile_phone" => LineType::Wireless,
        "landline" | "home_landline" | "work_landline" => LineType::Landline,
        "voip" => LineType::Voip,
        other => return unknown("line", other),
    })
}

/// To whom a consent was given.
pub(crate) fn given_to(word: &str) -> Said<GivenTo> {
    Ok(match word {
        "collector" | "this_collector" | "debt_collector" => GivenTo::Collector,
        "creditor" | "original_creditor" => GivenTo::Creditor,
        "prior_collector" | "previous_collector" | "earlier_collector" => GivenTo::PriorCollector,
        other => return unknown("receiver of a consent", other),
    })
}

/// Kinds of consent by medium.
pub(crate) fn consent_kinds(word: &str) -> Said<Vec<ConsentKind>> {
    if let Some(kind) = ConsentKind::parse(word) {
        return Ok(vec![kind]);
    }
    Ok(match medium(word)? {
        Medium::Calls => vec![ConsentKind::Autodialed, ConsentKind::Prerecorded],
        Medium::Texts => vec![ConsentKind::Text],
        Medium::Email => vec![ConsentKind::Email],
        Medium::Fax => vec![ConsentKind::Fax],
        _ => return unknown("kind of consent", word),
    })
}

/// Written or oral, by the form or by the way it came.
pub(crate) fn form(word: &str) -> Said<Form> {
    Ok(match word {
        "oral" | "phone" | "call" | "telephone" | "verbal" | "orally" => Form::Oral,
        // What a collector accepts electronically is in writing.
        "written" | "writing" | "letter" | "mail" | "email" | "text" | "sms" | "website"
        | "website portal" | "website/app" | "portal" | "fax" | "electronic" => Form::Written,
        other => return unknown("form", other),
    })
}

/// Somebody in a role: `consumer` is nobody else; `third_party:T1` is that third party.
pub(crate) fn party(text: &str) -> Said<Option<Party>> {
    let role = match text.split(':').next().unwrap_or(text) {
        "consumer" => return Ok(None),
        "co_debtor" | "codebtor" | "co_obligor" | "joint_debtor" => PartyRole::CoDebtor,
        "spouse" | "surviving_spouse" => PartyRole::Spouse,
        "parent" => PartyRole::Parent,
        "guardian" => PartyRole::Guardian,
        "executor" | "administrator" | "personal_representative" => PartyRole::Executor,
        "successor" | "successor_in_interest" => PartyRole::Successor,
        "attorney" | "consumer_attorney" => PartyRole::Attorney,
        "third_party" | "employer" | "coworker" | "neighbor" | "neighbour" | "relative"
        | "friend" | "roommate" | "child" => PartyRole::ThirdParty,
        other => return unknown("role", other),
    };
    let id = text.to_owned();
    Ok(Some(Party { id, role }))
}
