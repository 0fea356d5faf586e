//! Random reports of outcomes, and a report as the gateway makes it.

use dialgate::domain::ids::TenantNo;
use dialgate::domain::outcome::Reported;
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::time::UnixSeconds;
use dialgate::domain::words::Channel;
use dialgate::engine::commands::{Report, SealedSubject, StatedFacts};
use dialgate::wire::disposition::{Direction, Disposition, SpokeWith};
use dialgate::wire::record::write;
use dialgate::wire::stated;
use dialgate::wire::subject::SubjectFields;

use super::dice::Dice;
use super::names;

/// A report.
#[derive(Debug, Clone)]
pub(crate) struct ReportOp {
    /// Whose, where no ALLOW says it.
    pub tenant: usize,
    /// Which ALLOW, by its id; none: found by what else is said.
    pub pick: Option<u64>,
    /// Another account than the one it was for.
    pub astray: Option<String>,
    /// Seconds before now.
    pub ago: Option<i64>,
    /// The rest.
    pub said: Disposition,
}

/// Words that dialers say, and now and then any.
fn word(dice: &mut Dice) -> Reported {
    if dice.one_in(4) {
        return dice.of(Reported::ALL);
    }
    dice.of(&[
        Reported::NotDialed,
        Reported::NotConnected,
        Reported::NoAnswer,
        Reported::Voicemail,
        Reported::Conversation,
        Reported::Sent,
        Reported::WrongParty,
    ])
}

/// Any report.
pub(crate) fn any(dice: &mut Dice, tenant: usize) -> ReportOp {
    let debt = |d: &mut Dice| vec![names::debt(d).0];
    let said = Disposition {
        account_id: Some(names::account(dice).into()),
        phone: dice
            .maybe(3, names::phone)
            .and_then(|text| PhoneNumber::parse(text.as_str()).ok()),
        email: dice.maybe(6, names::address).map(|text| text.0),
        channel: dice.maybe(3, |d| d.of(Channel::ALL)),
        direction: if dice.one_in(5) {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
        call_id: dice.maybe(2, |d| format!("C{}", d.below(12)).into()),
        debt_ids: dice.maybe(5, debt).unwrap_or_default(),
        conversation_about: dice.maybe(9, debt).unwrap_or_default(),
        person_id: dice.maybe(12, names::person).map(|id| id.0),
        spoke_with: dice.maybe(6, |d| d.of(SpokeWith::ALL)),
        prerecorded: dice.one_in(6),
        actor: dice.maybe(3, |_| "supervisor".into()),
        ..Disposition::of(word(dice))
    };
    ReportOp {
        tenant,
        pick: dice.maybe(2, |d| d.below(1 << 20)),
        astray: dice.maybe(12, names::account),
        ago: dice.maybe(2, |d| d.seconds(4_000) - 400),
        said,
    }
}

/// A report as the gateway makes it.
pub(crate) fn report(
    tenant: TenantNo,
    said: Disposition,
    sealed: impl Fn(Vec<u8>) -> SealedSubject,
) -> Report {
    let phone = said.phone.map(PhoneNumber::e164);
    let fields = SubjectFields {
        account_id: said.account_id.as_deref().unwrap_or_default().into(),
        call_id: said.call_id.as_deref().map(Into::into),
        email: said.email.as_deref().map(Into::into),
        phone: phone.as_ref().map(|p| p.as_str().into()),
        ..SubjectFields::default()
    };
    let subject = sealed(fields.encode());
    let facts = stated::facts(&said);
    let facts = (!facts.is_empty()).then(|| {
        let (mut body, mut texts) = (Vec::new(), Vec::new());
        write(&facts, &mut body, &mut texts).expect("facts are written");
        StatedFacts {
            facts,
            body,
            subject: sealed(texts),
        }
    });
    Report {
        tenant,
        said,
        subject,
        facts,
    }
}

/// The instant that many seconds before another.
pub(crate) fn ago(now: UnixSeconds, seconds: Option<i64>) -> Option<UnixSeconds> {
    seconds.map(|seconds| now.minus(seconds))
}
