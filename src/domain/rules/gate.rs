//! The gate at which a rule is at home. Every rule has exactly one.

use std::fmt;

/// One of the twelve gates, in the order in which answers list them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Gate {
    /// G1: account, contact point and party are valid.
    Account = 1,
    /// G2: creditor and portfolio rules, licences.
    Strategy,
    /// G3: standing legal prohibitions.
    Compliance,
    /// G4: complaint, inquiry, referral or review.
    Escalation,
    /// G5: approvals and permitted modes.
    Authority,
    /// G6: the agency's own caps.
    Fairness,
    /// G7: hours and counts.
    Timing,
    /// G8: consents.
    Consent,
    /// G9: media, addresses, do-not-call.
    Channel,
    /// G10: promises and plans.
    Promise,
    /// G11: live reservations.
    Concurrency,
    /// G12: the gate's own health.
    Infrastructure,
}

impl Gate {
    /// All gates in order.
    pub const ALL: [Self; 12] = [
        Self::Account,
        Self::Strategy,
        Self::Compliance,
        Self::Escalation,
        Self::Authority,
        Self::Fairness,
        Self::Timing,
        Self::Consent,
        Self::Channel,
        Self::Promise,
        Self::Concurrency,
        Self::Infrastructure,
    ];

    /// The name in `blocked_by`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "ACCOUNT",
            Self::Strategy => "STRATEGY",
            Self::Compliance => "COMPLIANCE",
            Self::Escalation => "ESCALATION",
            Self::Authority => "AUTHORITY",
            Self::Fairness => "FAIRNESS",
            Self::Timing => "TIMING",
            Self::Consent => "CONSENT",
            Self::Channel => "CHANNEL",
            Self::Promise => "PROMISE",
            Self::Concurrency => "CONCURRENCY",
            Self::Infrastructure => "INFRASTRUCTURE",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gate| gate.name() == name)
    }

    /// The name, as every closed word has it.
    pub const fn as_str(self) -> &'static str {
        self.name()
    }

    /// The number, 1 to 12.
    pub const fn ordinal(self) -> u8 {
        self as u8
    }

    /// This gate's bit in a set of gates; bit 0 is G1.
    pub const fn bit(self) -> u16 {
        1 << (self as u8 - 1)
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
