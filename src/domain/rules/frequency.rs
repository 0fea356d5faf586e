//! Limits on how often: how many contacts, counted how, in which window.

use super::scope::MediumSet;

/// The span over which contacts are counted. Days are the consumer's local calendar days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Window {
    /// The contact's local date and the `n - 1` dates before it.
    RollingDays(u16),
    /// The contact's local date.
    CalendarDay,
    /// The `n` hours before the contact, to the second.
    ExactHours(u16),
    /// From a conversation on: its date is day 1, contact is free again on its date + `n`.
    AfterConversationDays(u16),
    /// As above, after any exchange with the consumer in any medium.
    AfterExchangeDays(u16),
}

/// What is counted together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Unit {
    /// Contacts about one debt.
    PerDebt,
    /// Contacts about one account.
    PerAccount,
    /// Contacts with one consumer over all accounts of the tenant.
    PerConsumer,
    /// Per consumer and per debt, whichever blocks first.
    PerConsumerOrClaim,
    /// Contacts to one number, if it is wireless or of unknown kind.
    PerWirelessNumber,
    /// Contacts to one person, whoever it is.
    PerRecipient,
    /// Telemarketing: per consumer and subject.
    PerConsumerAndSubject,
}

impl Unit {
    /// All units, in order.
    pub const ALL: [Self; 7] = [
        Self::PerDebt,
        Self::PerAccount,
        Self::PerConsumer,
        Self::PerConsumerOrClaim,
        Self::PerWirelessNumber,
        Self::PerRecipient,
        Self::PerConsumerAndSubject,
    ];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerDebt => "per_debt",
            Self::PerAccount => "per_account",
            Self::PerConsumer => "per_consumer",
            Self::PerConsumerOrClaim => "per_consumer_or_claim",
            Self::PerWirelessNumber => "per_wireless_number",
            Self::PerRecipient => "per_recipient",
            Self::PerConsumerAndSubject => "per_consumer_and_subject",
        }
    }
}

/// Which contacts count. A call that did not connect counts under none of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Counts {
    /// Every attempt. Rules that say "communications" are read so, to be on the safe side.
    Attempts,
    /// Conversations only.
    Conversations,
    /// Messages sent.
    Messages,
}

impl Counts {
    /// All kinds, in order.
    pub const ALL: [Self; 3] = [Self::Attempts, Self::Conversations, Self::Messages];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Conversations => "conversations",
            Self::Messages => "messages",
        }
    }
}

/// To whom or where the contact goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// Anyone, anywhere.
    Anyone,
    /// The residence, the mobile or another number the consumer gave as personal. A number of
    /// unknown kind is one.
    PersonalNumber,
    /// Any other number, the workplace above all. A number of unknown kind is one.
    OtherNumber,
    /// The place of employment, by whatever medium. A number of unknown kind may be there.
    Workplace,
    /// Members of the household other than the consumer, at the residence.
    HouseholdAtResidence,
    /// Members of the household other than the consumer, anywhere else.
    HouseholdElsewhere,
}

impl Target {
    /// All targets, in order.
    pub const ALL: [Self; 6] = [
        Self::Anyone,
        Self::PersonalNumber,
        Self::OtherNumber,
        Self::Workplace,
        Self::HouseholdAtResidence,
        Self::HouseholdElsewhere,
    ];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::PersonalNumber => "personal_number",
            Self::OtherNumber => "other_number",
            Self::Workplace => "workplace",
            Self::HouseholdAtResidence => "household_at_residence",
            Self::HouseholdElsewhere => "household_elsewhere",
        }
    }
}

/// A limit: the contact that would be number `limit + 1` in the window is blocked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Limit {
    /// Contacts allowed in the window; 0 = none.
    pub limit: u16,
    /// The window.
    pub window: Window,
    /// To whom or where.
    pub target: Target,
}

/// A rule of kind `frequency`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Frequency {
    /// The limit.
    pub limit: Limit,
    /// A second limit of the same rule for another target (household members elsewhere).
    pub second: Option<Limit>,
    /// What is counted together.
    pub unit: Unit,
    /// Which contacts count.
    pub counts: Counts,
    /// Conversations allowed in the same window, besides the limit on attempts.
    pub conversations_limit: Option<u16>,
    /// Media whose contacts are counted together (the rule's own media).
    pub counted: MediumSet,
    /// An attempt that neither reached anyone nor could leave a message does not count.
    pub unable_to_leave_message_exempt: bool,
    /// Answers to a contact the consumer began neither count nor are blocked.
    pub replies_exempt: bool,
    /// Contacts with the consumer's spouse count as well.
    pub includes_spouse: bool,
}
