//! What a body can be asked for, and what its words can mean.

use crate::domain::words::{Outcome, words};

words!(
    /// A field by what it means. `[fields]` says what a system may call it.
    Field {
        /// The account. Two that differ leave it open.
        AccountId = "account_id",
        /// The same where the object is the account itself.
        OwnId = "own_id",
        PersonId = "person_id",
        /// Objects that only wrap what is meant.
        Envelope = "envelope",
        /// Objects that are a thing of their own and name the account it belongs to.
        Thing = "thing",
        /// Lists of such things.
        Rows = "rows",
        /// Lists of words or alerts on an account.
        Tags = "tags",
        LetterId = "letter_id",
        Phone = "phone",
        Email = "email",
        /// Within an object that is a phone or an address: the number, the address.
        Point = "point",
        /// Addresses that receive nothing.
        Sender = "sender",
        /// What kind a number, an alert or an event is.
        Kind = "kind",
        State = "state",
        Zip = "zip",
        Creditor = "creditor",
        Portfolio = "portfolio",
        Status = "status",
        /// Whether a number is on the list that was asked.
        Listed = "listed",
        /// Flags of what no longer holds.
        Over = "over",
        /// The opposite: false says that it no longer holds.
        Holds = "holds",
        /// When a dispute was opened.
        OpenedAt = "opened_at",
        /// When it was resolved.
        ResolvedAt = "resolved_at",
        /// When an attempt was made.
        AttemptAt = "attempt_at",
        Outcome = "outcome",
        Direction = "direction",
        CallId = "call_id",
        /// Where the next page of a list begins.
        NextPage = "next_page"
    }
);

words!(
    /// Something that restricts, by what it means. `[fields]` says under which names it is stated,
    /// `[words]` by which words of a status, an alert or an event it is known.
    Sign {
        Closed = "closed",
        Paid = "paid",
        Settled = "settled",
        Recalled = "recalled",
        Sold = "sold",
        Bankruptcy = "bankruptcy",
        Deceased = "deceased",
        Dispute = "dispute",
        Cease = "cease",
        Attorney = "attorney",
        IdentityTheft = "identity_theft",
        Minor = "minor",
        Military = "military",
        Litigation = "litigation",
        CreditorHold = "creditor_hold",
        Complaint = "complaint",
        Regulator = "regulator",
        Hardship = "hardship",
        DoNotCall = "do_not_call",
        NoTexts = "no_texts",
        NoEmail = "no_email",
        NoMail = "no_mail",
        Workplace = "workplace",
        /// A number or address that is somebody else's, or reaches nobody.
        Wrong = "wrong"
    }
);

words!(
    /// What else words can mean.
    Meaning {
        Wireless = "wireless",
        Landline = "landline",
        Voip = "voip",
        /// A number or address of the place of employment.
        Employment = "employment",
        Inbound = "inbound",
        /// What an alert or a flag speaks of does not hold, or not any more.
        Over = "over",
        /// A dispute that was answered.
        Resolved = "resolved",
        NoAnswer = "no_answer",
        Voicemail = "voicemail",
        NotConnected = "not_connected",
        NotDialed = "not_dialed",
        Dropped = "dropped",
        WrongNumber = "wrong_number",
        Conversation = "conversation"
    }
);

/// Words of outcomes in the order in which they are looked for, the stricter reading first.
pub(in crate::sor::dialect) const OUTCOMES: [(Meaning, Outcome); 7] = [
    (Meaning::Conversation, Outcome::Conversation),
    (Meaning::Voicemail, Outcome::Voicemail),
    (Meaning::NoAnswer, Outcome::NoAnswer),
    (Meaning::Dropped, Outcome::Dropped),
    (Meaning::NotConnected, Outcome::NotConnected),
    (Meaning::WrongNumber, Outcome::WrongNumber),
    (Meaning::NotDialed, Outcome::NotDialed),
];
