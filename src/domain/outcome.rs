//! The words an outcome is reported in, and what each does: the one table.
//!
//! `docs/dispositions.md` is made from it. A word says what became of the attempt, and may state
//! facts besides; whatever restricts applies at once, whoever says it.

use super::record::FactKind;
use super::words::{EscalationKind, Outcome, Vulnerability};

/// Days a promise stands whose date nobody stated.
pub const PROMISE_DAYS_DEFAULT: i32 = 30;

super::words::words!(
    /// What is reported of an attempt, or of something the consumer started.
    Reported {
        NotDialed = "not_dialed",
        NotConnected = "not_connected",
        Busy = "busy",
        OutOfService = "out_of_service",
        NoAnswer = "no_answer",
        Voicemail = "voicemail",
        VoicemailUnableToLeave = "voicemail_unable_to_leave",
        Dropped = "dropped",
        HungUp = "hung_up",
        Conversation = "conversation",
        ThirdParty = "third_party",
        WrongParty = "wrong_party",
        WrongNumber = "wrong_number",
        Refused = "refused",
        Promise = "promise",
        Payment = "payment",
        Callback = "callback",
        DoNotCall = "do_not_call",
        OptOut = "opt_out",
        ConsentRevoked = "consent_revoked",
        CeaseRequested = "cease_requested",
        AttorneyRepresented = "attorney_represented",
        Dispute = "dispute",
        IdentityTheft = "identity_theft",
        Bankruptcy = "bankruptcy",
        Deceased = "deceased",
        Minor = "minor",
        Military = "military",
        InconvenientTime = "inconvenient_time",
        EmployerProhibits = "employer_prohibits",
        Hardship = "hardship",
        LanguageBarrier = "language_barrier",
        Complaint = "complaint",
        RegulatorComplaint = "regulator_complaint",
        LegalThreat = "legal_threat",
        Sent = "sent",
        Delivered = "delivered",
        Undeliverable = "undeliverable"
    }
);

/// What a word says became of the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// The same, whatever the channel and whoever answered.
    As(Outcome),
    /// Somebody spoke. Through a channel of writing it is a message; with somebody else than the
    /// consumer it is a call that was answered, and no conversation.
    Spoken,
}

/// A fact that a word states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum States {
    /// A fact of this kind.
    Fact(FactKind),
    /// A reason to take more care of the person.
    Care(Vulnerability),
    /// Somebody else owns the account now.
    Escalated(EscalationKind),
    /// The address takes nothing: e-mail to it, or post to the address on file, must stop.
    Unusable,
}

/// What a word does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Does {
    /// To the attempt.
    pub reached: Reached,
    /// Besides it, in this order.
    pub states: &'static [States],
    /// One sentence for the page.
    pub says: &'static str,
}

impl Reported {
    /// What the word does: the table.
    #[expect(clippy::too_many_lines, reason = "it is the table, a word a row")]
    pub const fn does(self) -> Does {
        use FactKind as F;
        use Outcome as O;
        use Reached::{As, Spoken};
        use States::{Care, Escalated, Fact};
        let (reached, states, says): (Reached, &'static [States], &'static str) = match self {
            Self::NotDialed => (
                As(O::NotDialed),
                &[],
                "Never placed: gives the reservation back.",
            ),
            Self::NotConnected => (As(O::NotConnected), &[], "Did not connect to the number."),
            Self::Busy => (As(O::NotConnected), &[], "Busy signal."),
            Self::OutOfService => (As(O::NotConnected), &[], "The number is not in service."),
            Self::NoAnswer => (As(O::NoAnswer), &[], "Rang, nobody answered."),
            Self::Voicemail => (As(O::Voicemail), &[], "A message was left."),
            Self::VoicemailUnableToLeave => (
                As(O::VoicemailUnableToLeave),
                &[],
                "A machine answered and took no message.",
            ),
            Self::Dropped => (As(O::Dropped), &[], "Answered and dropped, nobody spoke."),
            Self::HungUp => (
                As(O::Dropped),
                &[],
                "Whoever answered hung up before anything was said of the debt.",
            ),
            Self::Conversation => (Spoken, &[], "The consumer was spoken with."),
            Self::ThirdParty => (
                As(O::Dropped),
                &[],
                "Somebody else answered at a right number.",
            ),
            Self::WrongParty => (
                As(O::WrongParty),
                &[],
                "Whoever was reached is not the consumer: this call leaves the count.",
            ),
            Self::WrongNumber => (
                As(O::WrongNumber),
                &[Fact(F::WrongNumber)],
                "The number is somebody else's: every call to it leaves the count.",
            ),
            Self::Refused => (Spoken, &[], "Will not pay. Asks for nothing else."),
            Self::Promise => (Spoken, &[Fact(F::Promise)], "Promised to pay."),
            Self::Payment => (Spoken, &[], "Paid, or agreed to."),
            Self::Callback => (
                Spoken,
                &[],
                "Asked to be called back. Consents to nothing by that alone.",
            ),
            Self::DoNotCall => (
                Spoken,
                &[
                    Fact(F::MediumOptOut),
                    Fact(F::DoNotCall),
                    Fact(F::ContactOptOut),
                ],
                "Not through this medium any more. Said of calls, the number goes on the internal do-not-call list.",
            ),
            Self::OptOut => (
                Spoken,
                &[
                    Fact(F::MediumOptOut),
                    Fact(F::ContactOptOut),
                    Fact(F::Revocation),
                ],
                "STOP or unsubscribe: refuses the medium and the address and takes consent back.",
            ),
            Self::ConsentRevoked => (
                Spoken,
                &[Fact(F::Revocation), Fact(F::ConsentRevoked)],
                "Takes back every consent for the number or address.",
            ),
            Self::CeaseRequested => (
                Spoken,
                &[Fact(F::Cease), Fact(F::MediumOptOut)],
                "Asked that contact cease. In writing unless spoken, or unless `form` says otherwise; spoken, it refuses the medium too.",
            ),
            Self::AttorneyRepresented => (
                Spoken,
                &[Fact(F::Attorney)],
                "An attorney represents the consumer.",
            ),
            Self::Dispute => (Spoken, &[Fact(F::Dispute)], "Disputes the debt."),
            Self::IdentityTheft => (
                Spoken,
                &[Fact(F::IdentityTheft)],
                "Says the debt is another's doing.",
            ),
            Self::Bankruptcy => (Spoken, &[Fact(F::Bankruptcy)], "A petition has been filed."),
            Self::Deceased => (Spoken, &[Fact(F::Deceased)], "The consumer has died."),
            Self::Minor => (Spoken, &[Fact(F::Minor)], "The consumer is under age."),
            Self::Military => (Spoken, &[Fact(F::Military)], "Serves, or says so."),
            Self::InconvenientTime => (
                Spoken,
                &[Fact(F::InconvenientTime)],
                "Named a time at which contact is inconvenient. Without one, a supervisor reviews the account.",
            ),
            Self::EmployerProhibits => (
                Spoken,
                &[Fact(F::EmployerProhibits)],
                "The employer forbids such contacts.",
            ),
            Self::Hardship => (Spoken, &[Care(Vulnerability::Hardship)], "Is in hardship."),
            Self::LanguageBarrier => (
                Spoken,
                &[Care(Vulnerability::Language)],
                "Needs another language.",
            ),
            Self::Complaint => (
                Spoken,
                &[Escalated(EscalationKind::Complaint)],
                "Complained.",
            ),
            Self::RegulatorComplaint => (
                Spoken,
                &[Escalated(EscalationKind::RegulatorInquiry)],
                "Went, or will go, to a regulator.",
            ),
            Self::LegalThreat => (
                Spoken,
                &[Escalated(EscalationKind::LegalReferral)],
                "Will sue, or has sued.",
            ),
            Self::Sent => (As(O::Sent), &[], "A message, letter or e-mail went out."),
            Self::Delivered => (As(O::Sent), &[], "It arrived."),
            Self::Undeliverable => (
                As(O::Sent),
                &[States::Unusable],
                "It came back. It was sent, so it counts as that.",
            ),
        };
        Does {
            reached,
            states,
            says,
        }
    }

    /// Whether a contact that came in with it is one that a reply may answer: the consumer's, who
    /// did not ask for silence. Whoever else was met asked nothing of the collector.
    pub const fn invites_reply(self) -> bool {
        let another = matches!(
            self,
            Self::WrongParty | Self::WrongNumber | Self::ThirdParty | Self::NotDialed
        );
        !another && !self.asks_for_silence()
    }

    /// Somebody was spoken with, be it the consumer or another at the right number.
    pub fn answered(self) -> bool {
        self.does().reached == Reached::Spoken || self == Self::ThirdParty
    }

    /// Asks not to be contacted: nothing that a reply may answer.
    pub const fn asks_for_silence(self) -> bool {
        matches!(self, Self::DoNotCall | Self::OptOut | Self::CeaseRequested)
    }
}
