//! What the gate tells Scollect: attempts, permissions, numbers, and a line in the log for the rest.
//!
//! The system knows no idempotency key, so a letter that is sent again may stand there twice. An attempt
//! that does bears [`OWN_TYPE`](super::attempts::OWN_TYPE) and is never read back. A line holds words of the
//! gate's own and no text of a caller.

use serde_json::json;

use super::Scollect;
use super::attempts::OWN_TYPE;
use crate::domain::outcome::Reported;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::{AccountRecord, FactKind, FactRecord, Line, phone_of};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{AccountStatus, Channel, Medium};
use crate::sor::call::Request;
use crate::sor::dialect::Outgoing;
use crate::sor::dialect::formats::dashed;
use crate::sor::route::Duty;
use crate::wire::disposition::{Direction, Disposition};

/// Who writes.
const COLLECTOR: &str = "dialgate";

/// The letters that tell it; none: there is no place for it.
pub(super) fn letters(
    scollect: &Scollect,
    account: Option<&str>,
    what: &Outgoing,
    at: UnixSeconds,
) -> Vec<Request> {
    // The system has no list of its own of numbers: without an account there is nobody to tell.
    let Some(account) = account.and_then(super::fields::canonical) else {
        return Vec::new();
    };
    let mut desk = Desk {
        scollect,
        account,
        at,
        letters: Vec::new(),
    };
    match what {
        Outgoing::Outcome(said) => desk.outcome(said),
        Outgoing::DoNotCall { phone, on, .. } => desk.do_not_call(phone, *on),
        Outgoing::Stated(line) => {
            if let Line::Account(record) = &**line {
                desk.stated(record);
            }
        }
    }
    desk.letters
}

/// The letters about one account, in the order in which they are written.
struct Desk<'s> {
    scollect: &'s Scollect,
    account: Box<str>,
    at: UnixSeconds,
    letters: Vec<Request>,
}

impl Desk<'_> {
    /// A letter, where the catalogue has a place for it.
    fn write(&mut self, duty: Duty, body: &serde_json::Value) {
        self.letters.extend(self.scollect.telling(duty, body));
    }

    fn attempt(&mut self, number: PhoneNumber, dispo: &str, agent: &str) {
        let body = json!({
            "phonenumber": dashed(number),
            "dispo": dispo,
            "agent": agent,
            "type": OWN_TYPE,
            "filenumber": self.account,
        });
        self.write(Duty::InsertAttempt, &body);
    }

    fn permission(&mut self, field: &str, value: &str) {
        self.field(Duty::UpdatePermissions, field, value);
    }

    fn column(&mut self, field: &str, value: &str) {
        self.field(Duty::UpdateAccount, field, value);
    }

    fn field(&mut self, duty: Duty, field: &str, value: &str) {
        let body = json!({
            "filenumber": self.account,
            "fieldname": field,
            "fieldvalue": value,
        });
        self.write(duty, &body);
    }

    /// The status alone: the document says that either of type and status is enough, and the type is
    /// not the gate's to overwrite.
    fn number(&mut self, number: Option<PhoneNumber>, status: &str) {
        let Some(number) = number else {
            return;
        };
        let body = json!({
            "filenumber": self.account,
            "phonenumber": dashed(number),
            "phonestatus": status,
        });
        self.write(Duty::UpdatePhone, &body);
    }

    fn note(&mut self, what: &str) {
        let body = json!({
            "filenumber": self.account,
            "collectorname": COLLECTOR,
            "logmessage": format!("{COLLECTOR}: {what} ({})", self.at.rfc3339().as_str()),
        });
        self.write(Duty::AddNote, &body);
    }

    fn outcome(&mut self, said: &Disposition) {
        if said.outcome == Reported::NotDialed {
            return;
        }
        let channel = said.channel.unwrap_or(match said.email {
            Some(_) => Channel::Email,
            None => Channel::Phone,
        });
        let is_call = channel == Channel::Phone && said.direction == Direction::Outbound;
        let word = said.outcome.as_str();
        match said.phone {
            Some(number) if is_call => {
                let agent = said.agent_id.as_deref().unwrap_or(COLLECTOR);
                self.attempt(number, dispo(said.outcome), agent);
            }
            _ => {
                let (way, by) = (said.direction.as_str(), channel.as_str());
                self.note(&format!("{word}, {way} by {by}"));
            }
        }
        self.consequences(said, channel);
        if is_call && said.phone.is_some() && !said.outcome.does().states.is_empty() {
            self.note(&format!("{word} reported"));
        }
    }

    /// What an outcome sets besides.
    fn consequences(&mut self, said: &Disposition, channel: Channel) {
        match (said.outcome, channel) {
            (Reported::WrongNumber, _) => {
                self.number(said.phone, "WRONG NUMBER");
            }
            (Reported::OutOfService, _) => {
                self.number(said.phone, "Disconnected");
            }
            (Reported::DoNotCall | Reported::OptOut, Channel::Sms) => {
                self.permission("donottext", "1");
            }
            (Reported::DoNotCall | Reported::OptOut, Channel::Email) => {
                self.permission("donotemail", "1");
            }
            (Reported::DoNotCall | Reported::OptOut, Channel::Phone) => {
                self.permission("cancallcell", "0");
                self.number(said.phone, "DO NOT CALL");
            }
            (Reported::ConsentRevoked, Channel::Sms) => self.permission("cantext", "0"),
            (Reported::ConsentRevoked, Channel::Email) => self.permission("canemail", "0"),
            (Reported::ConsentRevoked, Channel::Phone) => self.permission("cancallcell", "0"),
            (Reported::CeaseRequested, _) => self.permission("cont_debtor", "0"),
            (Reported::EmployerProhibits, _) => self.permission("callwork", "Not Allowed"),
            (Reported::Deceased, _) => self.column("deceased", "YES"),
            _ => {}
        }
    }

    fn do_not_call(&mut self, phone: &str, on: bool) {
        let number = PhoneNumber::parse(phone).ok();
        if on {
            self.number(number, "DO NOT CALL");
        }
        let word = if on { "on" } else { "off" };
        self.note(&format!("a number is {word} the do-not-call list"));
    }

    fn stated(&mut self, record: &AccountRecord) {
        for phone in record
            .phones
            .iter()
            .filter(|phone| phone.wrong == Some(true))
        {
            let number = phone.number.as_ref().and_then(phone_of);
            self.number(number, "WRONG NUMBER");
        }
        if let Some(status) = record
            .status
            .filter(|status| *status != AccountStatus::Open)
        {
            self.note(&format!("account {}", status.as_str()));
        }
        for fact in &record.facts {
            self.fact(fact);
        }
    }

    fn fact(&mut self, fact: &FactRecord) {
        let Some(kind) = fact.fact else {
            return;
        };
        let on = fact.lifted != Some(true);
        let (one, zero) = if on { ("1", "0") } else { ("0", "1") };
        match (kind, fact.medium) {
            (FactKind::MediumOptOut, Some(Medium::Texts)) => self.permission("donottext", one),
            (FactKind::MediumOptOut, Some(Medium::Email)) => self.permission("donotemail", one),
            (FactKind::MediumOptOut, Some(Medium::Calls)) => self.permission("cancallcell", zero),
            (FactKind::Cease, _) => self.permission("cont_debtor", zero),
            (FactKind::EmployerProhibits, _) => {
                self.permission("callwork", if on { "Not Allowed" } else { "Allowed" });
            }
            (FactKind::Deceased, _) => self.column("deceased", if on { "YES" } else { "NO" }),
            (FactKind::DoNotCall, _) if on => {
                let number = fact.phone.as_ref().and_then(phone_of);
                self.number(number, "DO NOT CALL");
            }
            _ => {}
        }
        let word = if on { "stated" } else { "lifted" };
        self.note(&format!("{} {word}", kind.as_str()));
    }
}

/// A disposition as agents of the system read it.
fn dispo(outcome: Reported) -> &'static str {
    match outcome {
        Reported::NotDialed | Reported::NotConnected => "NOT CONNECTED",
        Reported::Busy => "BUSY",
        Reported::OutOfService => "DISCONNECTED",
        Reported::NoAnswer => "NO ANSWER",
        Reported::Voicemail => "LEFT MESSAGE MACHINE",
        Reported::VoicemailUnableToLeave => "MACHINE NO MESSAGE",
        Reported::Dropped => "DROPPED",
        Reported::HungUp => "HUNG UP",
        Reported::ThirdParty => "SPOKE TO THIRD PARTY",
        Reported::WrongParty => "WRONG PARTY",
        Reported::WrongNumber => "WRONG NUMBER",
        _ => "SPOKE TO DEBTOR",
    }
}
